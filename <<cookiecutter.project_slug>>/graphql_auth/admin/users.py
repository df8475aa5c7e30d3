"""Users with their status and sessions, and what staff does to them."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, ClassVar, TypeVar, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from graphql_auth import permissions, sessions, throttling
from graphql_auth.admin.bounds import OUT_OF_REACH, BoundedAdmin, logs_refusals
from graphql_auth.admin.sessions import SessionInline
from graphql_auth.admin.status import ArchivedFilter, UserStatusInline, VerifiedFilter
from graphql_auth.errors import AccountError
from graphql_auth.features import STATUS_FIELDS
from graphql_auth.flows import administration
from graphql_auth.mails import kinds, queue
from graphql_auth.models import Session, UsedRefreshToken, UserStatus, lock_user
from graphql_auth.signals import user_verified
from graphql_auth.transactions import announce
from graphql_auth.user import User

# Changing any of these fields ends the user's sessions.
ENDING_SESSIONS = {"email", "is_active", *STATUS_FIELDS}
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def limited(view: View) -> View:
    """Limit failed attempts in a form that sets a password."""

    @wraps(view)
    def limited_view(self: admin.ModelAdmin, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(self, request, *args, **kwargs)
        try:
            attempt = throttling.charge("login_account", f"staff:{request.user.pk}")
        except AccountError as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        response = view(self, request, *args, **kwargs)
        if response.status_code == 302:
            attempt.give_back()
        return response

    return cast(View, limited_view)


class AccountAdmin(BoundedAdmin, UserAdmin):
    """Users with their status and sessions, under the rules of the account flows."""

    shows = {"verified": (UserStatus,), "archived": (UserStatus,)}
    kept_by_program = (UserStatus, Session, UsedRefreshToken, LogEntry)
    list_select_related = ("status",)
    list_filter = (VerifiedFilter, ArchivedFilter, "is_active", "is_staff", "is_superuser", "groups")
    inlines = (UserStatusInline, SessionInline)
    actions = ("verify", "archive", "end_sessions", "resend_activation")
    # The actions that the page of a user offers too, with their labels there.
    object_actions: ClassVar[dict[str, Promise | str]] = {
        "resend_activation": _("Send the verification mail"),
        "verify": _("Verify without a mail"),
        "end_sessions": _("End all sessions"),
        "archive": _("Archive"),
    }
    change_form_template = "admin/graphql_auth/user_change_form.html"

    @admin.display(description=_("joined"), ordering="date_joined")
    def joined(self, user: Any) -> date:
        """Return the day of the registration."""
        return _day(user.date_joined)

    @admin.display(description=_("last login"), ordering="last_login", empty_value="-")
    def seen(self, user: Any) -> date | None:
        """Return the day of the last login."""
        return _day(user.last_login) if user.last_login else None

    @admin.display(description=_("verified"), boolean=True, ordering="status__verified")
    def verified(self, user: User) -> bool:
        """Read the status."""
        return UserStatus.of(user).verified

    @admin.display(description=_("archived"), boolean=True, ordering="status__archived")
    def archived(self, user: User) -> bool:
        """Read the status."""
        return UserStatus.of(user).archived

    def in_reach(self, request: HttpRequest, rows: QuerySet[User]) -> QuerySet[User]:
        """Return the users whose permissions staff has."""
        return permissions.within_reach(rows, request.user)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Return the status and the sessions of an existing user."""
        return self.inlines if obj else ()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Render the page of a user, with its actions, and with the status above the permissions."""
        fieldsets, user = [*context["adminform"]], context.get("original")
        above = next((at for at, each in enumerate(fieldsets) if "is_active" in flatten(each.fields)), len(fieldsets))
        context |= {"fieldsets_above": fieldsets[:above], "fieldsets_below": fieldsets[above:]}
        if user is not None and self.is_in_reach(request, user):
            allowed = self.get_actions(request)
            context["list_url"] = self._page("changelist")
            context["object_actions"] = [item for item in self.object_actions.items() if item[0] in allowed]
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the list, or run an action of the list, or of the page of a user, and return there."""
        response = super().changelist_view(request, extra_context)
        chosen = request.POST.get(ACTION_CHECKBOX_NAME)
        if "_from_page" not in request.POST or not chosen or response.status_code != 302:
            return response
        return HttpResponseRedirect(self._page("change", chosen))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the user, locked if it is about to be saved, so that nothing changes in the meantime."""
        user = super().get_object(request, object_id, from_field)
        return lock_user(user.pk) if user is not None and request.method == "POST" else user

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the status. End the sessions if a field of ENDING_SESSIONS changed."""
        super().save_related(request, form, formsets, change)
        user = form.instance
        if user.is_active:
            # The status was read before the user was saved, and saving it may have restored `closed_at`.
            UserStatus.note_reopening(user)
        changed = {name for part in (form, *(form for each in formsets for form in each)) for name in part.changed_data}
        if change:
            self._notify_of_addresses(user, form.initial.get("email", ""), changed)
        if change and ENDING_SESSIONS & changed:
            self._end_sessions(request, user)
        if "verified" in changed and UserStatus.of(user).verified:
            announce(user_verified, user)

    @limited
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Add a user."""
        return super().add_view(request, form_url, extra_context)

    @logs_refusals(_("Change the password"))
    @limited
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Change a password, which ends the sessions."""
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == 302:
                self._end_sessions(request, self.model._default_manager.get(pk=id))
        return response

    def has_status_permission(self, request: HttpRequest) -> bool:
        """Return whether actions may change a status."""
        return request.user.has_perm("graphql_auth.change_userstatus")

    def has_sessions_permission(self, request: HttpRequest) -> bool:
        """Return whether actions may end sessions."""
        return request.user.has_perm("graphql_auth.change_session")

    @admin.action(description=_("Verify the selected users"), permissions=["status"])
    def verify(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Verify without a mail."""
        self._carry_out(request, queryset, administration.verify_user, _("Verified"))

    @admin.action(description=_("Archive the selected users"), permissions=["status"])
    def archive(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Archive, which logs out."""
        self._carry_out(request, queryset, administration.archive_user, _("Archived"))

    @admin.action(description=_("Log the selected users out everywhere"), permissions=["sessions"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End every session."""
        self._carry_out(request, queryset, administration.end_sessions_of_user, _("Logged out"))

    @admin.action(description=_("Mail the selected users their activation link"), permissions=["status"])
    def resend_activation(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Mail the activation link."""
        self._carry_out(request, queryset, administration.resend_activation, _("Mailed the activation link"))

    def _page(self, name: str, *args: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def _notify_of_addresses(self, user: User, former: str, changed: set[str]) -> None:
        """Notify the owner of changed email addresses."""
        if "email" in changed:
            queue.add_address_mails(user, former=former)
        for name, kind in kinds.CHANGES.items():
            if name in changed:
                queue.add_security_mail(kind, user)

    def _end_sessions(self, request: HttpRequest, user: User) -> None:
        """End all sessions, except for the current one if staff changes their own account."""
        sessions.end_all(user)
        if user == request.user:
            update_session_auth_hash(request, user)

    def _carry_out(self, request: HttpRequest, users: QuerySet[User], flow: Callable[..., None], done: Any) -> None:
        """Call `flow` for each user and log it in the history. Show the number of changed and skipped users."""
        count, refusals = 0, Counter[str]()
        for user in users:
            if not self.is_in_reach(request, user):
                refusals[str(OUT_OF_REACH)] += 1
                self.log_refusals(request, [user.pk])
                continue
            try:
                flow(user=user)
            except AccountError as refused:
                refusals[str(refused)] += 1
            else:
                self.log_change(request, user, str(done))
                count += 1
        self.message_user(request, f"{done}: {count}", messages.SUCCESS if count else messages.WARNING)
        for reason, number in refusals.items():
            self.message_user(request, _("Skipped: %d.") % number + f" {reason}", messages.WARNING)


def _day(time: datetime) -> date:
    return (timezone.localtime(time) if timezone.is_aware(time) else time).date()
