"""Where an account stands: filters of the list of users, and a part of the page of one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from graphql_auth.features import STATUS_FIELDS
from graphql_auth.models import UserStatus


class StatusFilter(admin.SimpleListFilter):
    """Filters by a flag of the status, which is False for a user without a row."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [("1", _("Yes")), ("0", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the chosen users."""
        yes = {f"status__{self.parameter_name}": True}
        if self.value() == "1":
            return queryset.filter(**yes)
        return queryset.exclude(**yes) if self.value() == "0" else queryset


class VerifiedFilter(StatusFilter):
    """Filters by whether the email address is verified."""

    title = _("verified")
    parameter_name = "verified"


class ArchivedFilter(StatusFilter):
    """Filters by whether the account is archived."""

    title = _("archived")
    parameter_name = "archived"


class UserStatusInline(admin.StackedInline):
    """The status of the account. Saving creates it for a user without one."""

    model = UserStatus
    can_delete = False
    above_permissions = True
    fields = (*STATUS_FIELDS, "closed_at")
    readonly_fields = ("closed_at",)
