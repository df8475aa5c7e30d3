"""Where users are logged in: the latest sessions on the page of a user, and the list of all."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import F, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from graphql_auth import permissions, sessions
from graphql_auth.admin.bounds import OUT_OF_REACH, BoundedAdmin
from graphql_auth.models import Session

SESSIONS_SHOWN = 10
OF_SESSIONS = ("live", "created_at", "refreshed_at", "expires_at", "ended_at")


class LatestSessions(BaseInlineFormSet):
    """The sessions of a user, the last SESSIONS_SHOWN of them."""

    def get_queryset(self) -> QuerySet:
        """Return them, those that have not ended first."""
        if not hasattr(self, "_queryset"):
            live_first = (F("ended_at").desc(nulls_first=True), "-refreshed_at")
            self._queryset = super().get_queryset().select_related("user").order_by(*live_first)[:SESSIONS_SHOWN]
        return self._queryset


class SessionReader:
    """Who is logged in; a session can be ended, not edited."""

    @admin.display(description=_("live"), boolean=True)
    def live(self, session: Session) -> bool:
        """Return whether it can still be refreshed."""
        return sessions.is_live(session)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Sessions are opened by logging in."""
        return False


class SessionInline(SessionReader, admin.TabularInline):
    """Where the user is logged in."""

    model = Session
    formset = LatestSessions
    fields = readonly_fields = OF_SESSIONS
    verbose_name_plural = _("latest sessions")
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are ended by an action."""
        return False


@admin.register(Session)
class SessionAdmin(SessionReader, BoundedAdmin):
    """The sessions of all users, whom it names to those who may view users."""

    shows = {"user": (get_user_model(),)}
    list_display = ("user", *OF_SESSIONS)
    list_filter = ("created_at",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-created_at",)
    fields = readonly_fields = ("id", "user", *OF_SESSIONS)
    actions = ("end_sessions",)

    def in_reach(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Return the sessions of users who may do no more than staff."""
        users = get_user_model()._base_manager.all()
        return rows.filter(user__in=permissions.within_reach(users, request.user))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether the address of a list may have `lookup`: only what is shown, so not the refresh token."""
        return lookup.split("__")[0] in self.fields and super().lookup_allowed(lookup, value, request)

    @admin.action(description=_("End the selected sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet) -> None:
        """End the sessions at once."""
        live = [*queryset.filter(ended_at=None)]
        in_reach = [session for session in live if self.is_in_reach(request, session)]
        for session in in_reach:
            self.log_change(request, session, str(_("Ended")))
        ended = sessions.end(queryset.filter(pk__in=[session.pk for session in in_reach]))
        self.message_user(request, _("Sessions ended: %d") % ended)
        if skipped := len(live) - len(in_reach):
            self.message_user(request, _("Skipped: %d.") % skipped + f" {OUT_OF_REACH}", messages.WARNING)
