"""The account system in Django's admin. No token is shown, and none can be: only hashes are kept."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model, update_session_auth_hash
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows import administration
from graphql_auth.flows.credentials import check_password
from graphql_auth.flows.login import find_account, normalize_identifier
from graphql_auth.models import Session, UserStatus, lock_user
from graphql_auth.signals import user_verified

SESSIONS_SHOWN = 10
# A change of any of these ends the sessions that were opened before.
CLOSING = {"email", "is_active", "verified", "archived", "secondary_email"}
OF_SESSIONS = ("live", "created_at", "refreshed_at", "expires_at", "ended_at")
ARCHIVED = _(


class StatusFilter(admin.SimpleListFilter):
    """Yes or no; a user without a status counts as no."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [("1", _("Yes")), ("0", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the chosen users."""
        yes = {f"status__{self.parameter_name}": True}
        if self.value() == "1":
            return queryset.filter(**yes)
        return queryset.exclude(**yes) if self.value() == "0" else queryset


class VerifiedFilter(StatusFilter):
    """By whether the address is verified."""

    title = _("verified")
    parameter_name = "verified"


class ArchivedFilter(StatusFilter):
    """By whether the account is archived."""

    title = _("archived")
    parameter_name = "archived"


class UserStatusInline(admin.StackedInline):
    """Where the account stands; saved, it is there for a user who had none."""

    model = UserStatus
    can_delete = False


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


class AccountAdmin(UserAdmin):
    """Users with their status and sessions, under the rules of the account flows."""

    list_select_related = ("status",)
    list_filter = (VerifiedFilter, ArchivedFilter, "is_active", "is_staff", "is_superuser", "groups")
    inlines = (UserStatusInline, SessionInline)
    actions = ("verify", "archive", "end_sessions", "resend_activation")

    @admin.display(description=_("verified"), boolean=True, ordering="status__verified")
    def verified(self, user: Any) -> bool:
        """Read the status."""
        return UserStatus.of(user).verified

    @admin.display(description=_("archived"), boolean=True, ordering="status__archived")
    def archived(self, user: Any) -> bool:
        """Read the status."""
        return UserStatus.of(user).archived

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Return the status and the sessions of a user who is there."""
        return self.inlines if obj else ()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the user; one that is about to be saved is held, so that nothing changes in between."""
        user = super().get_object(request, object_id, from_field)
        return lock_user(user.pk) if user is not None and request.method == "POST" else user

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the status; where access changed with it or with the user, end the sessions from before."""
        super().save_related(request, form, formsets, change)
        user = form.instance
        changed = {name for part in (form, *(form for each in formsets for form in each)) for name in part.changed_data}
        if change and CLOSING & changed:
            self._end_sessions(request, user)
        if "verified" in changed and UserStatus.of(user).verified:
            transaction.on_commit(partial(user_verified.send_robust, sender=type(user), user=user))

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
    def verify(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Verify without a mail."""
        self._carry_out(request, queryset, administration.verify_user, _("Verified"))

    @admin.action(description=_("Archive the selected users"), permissions=["status"])
    def archive(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Archive, which logs out."""
        self._carry_out(request, queryset, administration.archive_user, _("Archived"))

    @admin.action(description=_("Log the selected users out everywhere"), permissions=["sessions"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet) -> None:
        """End every session."""
        self._carry_out(request, queryset, administration.end_sessions_of_user, _("Logged out"))

    @admin.action(description=_("Mail the selected users their activation link"), permissions=["status"])
    def resend_activation(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Mail what gets an account going."""
        self._carry_out(request, queryset, administration.resend_activation, _("Mailed the activation link"))

    def _end_sessions(self, request: HttpRequest, user: Any) -> None:
        """End all but the one in which staff is changing itself."""
        sessions.end_all(user)
        if user == request.user:
            update_session_auth_hash(request, user)

    def _carry_out(self, request: HttpRequest, users: QuerySet, flow: Callable[..., None], done: Any) -> None:
        """Call `flow` for each user and note it in the history; say how many it was, and how many were refused why."""
        count, refusals = 0, Counter[str]()
        for user in users:
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


@admin.register(Session)
class SessionAdmin(SessionReader, admin.ModelAdmin):
    """The sessions of all users."""

    list_display = ("user", *OF_SESSIONS)
    list_filter = ("created_at",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-created_at",)
    fields = readonly_fields = ("id", "user", *OF_SESSIONS)
    actions = ("end_sessions",)

    @admin.action(description=_("End the selected sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet) -> None:
        """End the sessions at once."""
        for session in queryset.filter(ended_at=None):
            self.log_change(request, session, str(_("Ended")))
        self.message_user(request, _("Sessions ended: %d") % sessions.end(queryset))


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
        for task in queryset.failed():
            self.log_change(request, task, str(_("Put back into the queue")))
        again = queryset.failed().update(status="READY", run_after=timezone.now())
        self.message_user(request, _("Tasks put back into the queue: %d") % again)


class LoginForm(AdminAuthenticationForm):
    """The login of the admin: its tries count together with those of tokenAuth."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        """Check name and password."""
        name, password = (self.cleaned_data.get(field) for field in self.fields)
        if name and password:
            field = get_user_model().USERNAME_FIELD
            name = normalize_identifier(field, name)
            user = find_account(field, name)
            try:
                self.user_cache = check_password(
                    request=self.request, user=user, field=field, identifier=name, password=password
                )
            except AccountError:
                raise ValidationError(str(Refusal.THROTTLED.message), Refusal.THROTTLED.code) from None
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    def confirm_login_allowed(self, user: Any) -> None:
        """Raise ValidationError unless `user`, whose password was right, is staff with an open account."""
        super().confirm_login_allowed(user)
        if UserStatus.of(user).archived:
            raise ValidationError(ARCHIVED, code="archived")
        if not sessions.is_open(user):
            raise ValidationError(str(Refusal.NOT_VERIFIED.message), Refusal.NOT_VERIFIED.code)


admin.site.login_form = LoginForm
