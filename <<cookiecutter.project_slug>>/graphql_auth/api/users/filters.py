"""The filters of `users`."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db.models import BooleanField, Field, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django_filters import BooleanFilter, Filter, FilterSet
from django_filters.exceptions import FieldLookupError
from django_filters.utils import get_model_field

from graphql_auth.conf import auth_settings
from graphql_auth.models import UserStatus
from graphql_auth.visible import shows_path


class StatusFlagFilter(BooleanFilter):
    """Filters by a flag of the status, which is False for a user without a row."""

    def filter(self, users: QuerySet, value: bool | None) -> QuerySet:
        """Return the users whose flag is `value`."""
        if value is not False:
            return super().filter(users, value)
        # A subquery per user: PostgreSQL would join all rows before the page, however far down the list it is.
        status = UserStatus.objects.filter(user=OuterRef("pk"))
        flag = Subquery(status.values(self.field_name.removeprefix("status__")))
        return users.filter(Exact(Coalesce(flag, False), False))


class UserFilterSet(FilterSet):
    """The filters of `users`."""

    class Meta:
        model = get_user_model()
        # Hidden fields cannot be filtered: a filter would reveal their values piece by piece.
        fields = {
            path: lookups
            for path, lookups in auth_settings.USER_NODE_FILTER_FIELDS.items()
            if shows_path(path) or get_model_field(get_user_model(), path) is None
        }

    @classmethod
    def filter_for_lookup(cls, field: Field, lookup_type: str) -> tuple[Any, dict[str, Any]]:
        """Return the filter class for a field, and its options."""
        # For a lookup such as `date`, the field has no model.
        is_status_field = getattr(field, "model", None) is UserStatus
        if is_status_field and isinstance(field, BooleanField) and lookup_type == "exact":
            return StatusFlagFilter, {}
        return super().filter_for_lookup(field, lookup_type)

    @classmethod
    def filter_for_field(cls, field: Field, field_name: str, lookup_expr: str | None = None) -> Filter:
        """Return the filter for a field, which lists each user only once."""
        found = super().filter_for_field(field, field_name, lookup_expr)
        found.distinct = lookup_spawns_duplicates(get_user_model()._meta, field_name)
        return found

    @classmethod
    def get_filters(cls) -> dict[str, Filter]:
        """Return all filters. Raises ImproperlyConfigured when the setting names an unknown field or lookup."""
        try:
            return super().get_filters()
        except (TypeError, FieldError, FieldLookupError) as error:
            raise ImproperlyConfigured(
                f"GRAPHQL_AUTH['USER_NODE_FILTER_FIELDS'] cannot be used: {error} Name fields of the user, each with a "
                "list of Django's lookups, like {'email': ['exact']}."
            ) from error

    def __init__(self, data: Mapping[str, Any], **wiring: Any) -> None:
        super().__init__(data, **wiring)
        # Keep only the filters that are used: creating form fields for all takes as long as the response.
        self.filters: dict[str, Any] = {name: self.filters[name] for name in data}
