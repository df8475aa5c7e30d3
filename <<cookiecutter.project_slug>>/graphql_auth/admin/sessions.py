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
SESSION_COLUMNS = ("live", "created_at", "refreshed_at", "expires_at", "ended_at")


class LatestSessions(BaseInlineFormSet):
    """The last SESSIONS_SHOWN sessions of a user."""

    def get_queryset(self) -> QuerySet[Any]:
        """Return the sessions, live ones first."""
        if not hasattr(self, "_queryset"):
            live_first = (F("ended_at").desc(nulls_first=True), "-refreshed_at")
            self._queryset = super().get_queryset().select_related("user").order_by(*live_first)[:SESSIONS_SHOWN]
        return self._queryset


class SessionReader:
    """Shows sessions, which can be ended but not edited."""

    @admin.display(description=_("live"), boolean=True)
    def live(self, session: Session) -> bool:
        """Return whether the session can still be refreshed."""
        return sessions.is_live(session)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Sessions are opened by logging in."""
        return False


class SessionInline(SessionReader, admin.TabularInline):
    """The sessions of the user."""

    model = Session
    formset = LatestSessions
    fields = readonly_fields = SESSION_COLUMNS
    verbose_name_plural = _("latest sessions")
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Sessions are ended by an action."""
        return False


@admin.register(Session)
class SessionAdmin(SessionReader, BoundedAdmin):
    """The sessions of all users. Only staff who may view users see their names."""

    shows = {"user": (get_user_model(),)}
    list_display = ("user", *SESSION_COLUMNS)
    list_filter = ("created_at",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-created_at",)
    fields = readonly_fields = ("id", "user", *SESSION_COLUMNS)
    actions = ("end_sessions",)

    def in_reach(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the sessions of users whose permissions staff has."""
        users = get_user_model()._base_manager.all()
        return rows.filter(user__in=permissions.within_reach(users, request.user))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether the URL of a list may contain `lookup`: only visible fields, so not the refresh token."""
        return lookup.split("__")[0] in self.fields and super().lookup_allowed(lookup, value, request)

    @admin.action(description=_("End the selected sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """End the sessions."""
        chosen = [*queryset]
        in_reach = [session for session in chosen if self.is_in_reach(request, session)]
        for session in in_reach:
            if session.ended_at is None:
                self.log_change(request, session, str(_("Ended")))
        ended = sessions.end(queryset.filter(pk__in=[session.pk for session in in_reach]))
        self.message_user(request, _("Sessions ended: %d") % ended)
        if refused := [session.pk for session in chosen if session not in in_reach]:
            self.log_refusals(request, refused)
            self.message_user(request, _("Skipped: %d.") % len(refused) + f" {OUT_OF_REACH}", messages.WARNING)
