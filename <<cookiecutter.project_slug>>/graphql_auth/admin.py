"""The account system in Django's admin. No token is shown, and none can be: only hashes are kept."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions
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
        # Nothing but what was changed, as the account may be changing the rest.
        obj.save(update_fields=form.changed_data if change else None)
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
