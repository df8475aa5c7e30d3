"""The account system in Django's admin. No token is shown, and none can be: only hashes are kept."""

from collections import Counter
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model, update_session_auth_hash
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from graphql_auth import permissions, sessions, throttling
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows import administration
from graphql_auth.flows.credentials import check_password, confirm_password
from graphql_auth.flows.login import find_account, normalize_identifier
from graphql_auth.mails import kinds, queue
from graphql_auth.models import Session, UserStatus, lock_user
from graphql_auth.signals import user_verified

SESSIONS_SHOWN = 10
# A change of any of these ends the sessions that were opened before.
CLOSING = {"email", "is_active", "verified", "archived", "secondary_email"}
OF_SESSIONS = ("live", "created_at", "refreshed_at", "expires_at", "ended_at")
OUT_OF_REACH = _("The account has permissions that you do not have.")
ARCHIVED = _(
    "This account is archived. Log in to the site itself, which takes it out of the archive, then log in here."
)


class BoundedAdmin(admin.ModelAdmin):
    """Bounds what staff sees, finds, changes and grants by the permissions that they have themselves.

    `shows` names the columns, fields and filters that show rows of other models, each with those models: they are there
    for staff who may view these. A lookup that follows a relation is bounded alike, without being named.
    """

    shows: ClassVar[dict[str, tuple[type[Model], ...]]] = {}

    def in_reach(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Return those of `rows` that staff, other than a superuser, may act on."""
        return rows

    def is_in_reach(self, request: HttpRequest, row: Any) -> bool:
        """Return whether staff may act on `row`. It is asked often for one page, so the row keeps the answer."""
        if request.user.is_superuser:
            return True
        if not hasattr(row, "_is_in_reach"):
            stored = self.model._base_manager.filter(pk=row.pk)
            row._is_in_reach = self.in_reach(request, stored).exists()
        return row._is_in_reach

    def may_see(self, request: HttpRequest, name: str) -> bool:
        """Return whether staff may view all that the column, field, filter or lookup `name` shows."""
        models = self.shows.get(name.split("__")[0]) or permissions.models_along(self.model, name)
        return permissions.may_view(request.user, *models)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether staff may change `obj`, or any row."""
        return super().has_change_permission(request, obj) and (obj is None or self.is_in_reach(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether staff may delete `obj`, or any row."""
        return super().has_delete_permission(request, obj) and (obj is None or self.is_in_reach(request, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save `obj`. A list that can be edited comes here without having asked."""
        if change and not self.has_change_permission(request, obj):
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns that staff may see."""
        return [column for column in super().get_list_display(request) if self._may_see_entry(request, column)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Return the filters by what staff may see."""
        return [entry for entry in super().get_list_filter(request) if self._may_see_entry(request, entry)]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return the fields that staff may see, to search in them."""
        return [field for field in super().get_search_fields(request) if self.may_see(request, field.lstrip("^=@"))]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the fields that staff may see; an object's own relations are part of it."""
        hidden = {name for name, models in self.shows.items() if not permissions.may_view(request.user, *models)}
        fields = super().get_fields(request, obj)
        return [field for field in fields if hidden.isdisjoint([field] if isinstance(field, str) else field)]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether the address of a list may have `lookup`."""
        return request is not None and super().lookup_allowed(lookup, value, request) and self.may_see(request, lookup)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the form's field; only a superuser makes superusers, in whatever form or list."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "is_superuser":
            field.disabled = request is None or not request.user.is_superuser
        return field

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Return the form's field; permissions and groups are for those to grant who have them."""
        grantable = {Permission: permissions.held_by, Group: permissions.groups_held_by}.get(db_field.related_model)
        if grantable is not None and request is not None and not request.user.is_superuser:
            kwargs["queryset"] = grantable(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show what staff did. That names users, and tells of their status and sessions."""
        row = self.get_object(request, unquote(object_id))
        told = permissions.may_view(request.user, get_user_model(), UserStatus, Session)
        if row is not None and not (told and self.is_in_reach(request, row)):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what is deleted with `objs`; what belongs to these is listed for those who may view all of it."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        if not permissions.may_view(request.user, get_user_model(), UserStatus, Session):
            name = self.opts.verbose_name_plural
            deleted = [entry for entry in deleted if not isinstance(entry, list)]
            counts = {name: counts[name]} if name in counts else {}
        return deleted, counts, missing, protected

    def _may_see_entry(self, request: HttpRequest, entry: Any) -> bool:
        """Return whether staff may see an entry of a list of columns, fields or filters."""
        if isinstance(entry, list | tuple):
            # A filter with its class; or fields in one line.
            return all(self.may_see(request, name) for name in entry if isinstance(name, str))
        name = getattr(entry, "parameter_name", None) or entry
        return not isinstance(name, str) or self.may_see(request, name)


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
    readonly_fields = ("closed_at",)


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


def limited(view: Any) -> Any:
    """Count what staff posts to a form that sets a password; what is accepted does not count."""

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

    return limited_view


class AccountAdmin(BoundedAdmin, UserAdmin):
    """Users with their status and sessions, under the rules of the account flows."""

    shows = {"verified": (UserStatus,), "archived": (UserStatus,)}
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

    def in_reach(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Return the users who may do no more than staff."""
        return permissions.within_reach(rows, request.user)

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
        if user.is_active:
            # The status was read before the user was saved, and may have brought it back.
            UserStatus.note_reopening(user)
        changed = {name for part in (form, *(form for each in formsets for form in each)) for name in part.changed_data}
        if change:
            self._tell_of_addresses(user, form.initial.get("email", ""), changed)
        if change and CLOSING & changed:
            self._end_sessions(request, user)
        if "verified" in changed and UserStatus.of(user).verified:
            transaction.on_commit(partial(user_verified.send_robust, sender=type(user), user=user))

    @limited
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Add a user."""
        return super().add_view(request, form_url, extra_context)

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

    def _tell_of_addresses(self, user: Any, former: str, changed: set[str]) -> None:
        """Mail the owner that staff changed an address, after the transaction."""
        mails = []
        if "email" in changed:
            mails += queue.add_address_mails(user, former=former)
        if "secondary_email" in changed:
            mails.append(queue.add_security_mail(kinds.SECONDARY_EMAIL_CHANGED, user))
        transaction.on_commit(partial(queue.deliver, *mails))

    def _end_sessions(self, request: HttpRequest, user: Any) -> None:
        """End all but the one in which staff is changing itself."""
        sessions.end_all(user)
        if user == request.user:
            update_session_auth_hash(request, user)

    def _carry_out(self, request: HttpRequest, users: QuerySet, flow: Callable[..., None], done: Any) -> None:
        """Call `flow` for each user and note it in the history; say how many it was, and how many were refused why."""
        count, refusals = 0, Counter[str]()
        for user in users:
            if not self.is_in_reach(request, user):
                refusals[str(OUT_OF_REACH)] += 1
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


# Django registers groups; what staff grants with them is bounded here.
admin.site.unregister(Group)


@admin.register(Group)
class BoundedGroupAdmin(BoundedAdmin, GroupAdmin):
    """Groups, for staff who have all the permissions of a group."""

    def in_reach(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Return the groups whose permissions staff has, all of them."""
        return rows.filter(pk__in=permissions.groups_held_by(request.user))


# The app registers its results to be looked at; a mail that failed for good should also get another try.
admin.site.unregister(DBTaskResult)


@admin.register(DBTaskResult)
class TaskAdmin(BoundedAdmin, DBTaskResultAdmin):
    """The queue: what waits, what was done, and what failed for good.

    Arguments hold email addresses, and so may what a failed task left: they are for staff who may view these.
    """

    shows = dict.fromkeys(
        ("args_kwargs", "formatted_traceback", "return_value", "traceback"), (get_user_model(), UserStatus)
    )
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
            except AccountError as refused:
                raise ValidationError(str(refused), Refusal.THROTTLED.code) from None
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


class PasswordChangeForm(AdminPasswordChangeForm):
    """The form in which staff changes its own password: the old one is checked, and counted, as by passwordChange."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Check the old password."""
        password: str = self.cleaned_data["old_password"]
        try:
            confirm_password(request=self.request, user=self.user, password=password, field="old_password")
        except AccountError as refused:
            invalid = "old_password" in refused.errors
            message = self.error_messages["password_incorrect"] if invalid else str(refused)
            raise ValidationError(message, "password_incorrect" if invalid else Refusal.THROTTLED.code) from None
        return password


class PasswordChange(PasswordChangeView):
    """The page with that form."""

    form_class = PasswordChangeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the request."""
        return super().get_form_kwargs() | {"request": self.request}


def password_change(request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
    """Answer the page of the admin in which staff changes its own password."""
    return PasswordChange.as_view(
        success_url=reverse("admin:password_change_done"),
        extra_context={**admin.site.each_context(request), **(extra_context or {})},
    )(request)


admin.site.login_form = LoginForm
# In place of Django's own, whose form checks the old password as often as one asks.
admin.site.password_change = password_change  # type: ignore[method-assign, assignment]
