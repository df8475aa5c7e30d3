"""The account system in Django's admin. No token is shown, and none can be: only hashes are kept."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows.credentials import check_password
from graphql_auth.flows.login import find_account, normalize_identifier
from graphql_auth.models import Session, UserStatus


@admin.register(UserStatus)
class UserStatusAdmin(admin.ModelAdmin):
    """Where the accounts stand."""

    list_display = ("user", "verified", "archived", "secondary_email")
    list_filter = ("verified", "archived")
    list_select_related = ("user",)
    search_fields = ("user__email", "secondary_email")
    autocomplete_fields = ("user",)

    def save_model(self, request: HttpRequest, obj: UserStatus, form: Any, change: bool) -> None:
        """Save the status; archiving ends the sessions, and a new secondary address voids the links of the old."""
        super().save_model(request, obj, form, change)
        if obj.archived:
            sessions.end_all(obj.user)
        elif "secondary_email" in form.changed_data:
            UserStatus.void_links(obj.user)


# The app registers its results to be looked at; a mail that failed for good should also get another try.
admin.site.unregister(DBTaskResult)


@admin.register(DBTaskResult)
class TaskAdmin(DBTaskResultAdmin):
    """The queue: what waits, what was done, and what failed for good."""

    actions = ("try_again",)

    def has_try_again_permission(self, request: HttpRequest) -> bool:
        """Trying again is a change."""
        return request.user.has_perm("django_tasks_database.change_dbtaskresult")

    @admin.action(description=_("Try the selected failed tasks again"), permissions=["try_again"])
    def try_again(self, request: HttpRequest, queryset: Any) -> None:
        """Put failed tasks back into the queue."""
        again = queryset.failed().update(status="READY", run_after=timezone.now())
        self.message_user(request, _("Tasks put back into the queue: %d") % again)


@admin.register(Session)
class SessionAdmin(admin.ModelAdmin):
    """Who is logged in; a session can be ended, not edited."""

    list_display = ("user", "created_at", "refreshed_at", "expires_at", "ended_at")
    list_filter = ("created_at",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    readonly_fields = ("id", "user", "created_at", "refreshed_at", "expires_at", "ended_at")
    actions = ("end_sessions",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Sessions are opened by logging in."""
        return False

    @admin.action(description=_("End the selected sessions"))
    def end_sessions(self, request: HttpRequest, queryset: Any) -> None:
        """End the sessions at once."""
        sessions.end(queryset)


class LoginForm(AdminAuthenticationForm):
    """The login of the admin: its tries count together with those of tokenAuth."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        """Check name and password."""
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            field = get_user_model().USERNAME_FIELD
            name = normalize_identifier(field, name)
            user = find_account(field, name)
            try:
                self.user_cache = check_password(request=self.request, user=user, identifier=name, password=password)
            except AccountError:
                raise ValidationError(str(Refusal.THROTTLED.message), Refusal.THROTTLED.code) from None
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


admin.site.login_form = LoginForm
