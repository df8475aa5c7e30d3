"""The gate that opens sessions: tokenAuth, register, passwordChange and the admin's login pass it.

The gate checks what must be true of an account, opens the session, records the login and announces it. It can also
answer that one more step comes first, such as a second factor; then it has opened, recorded and announced nothing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.errors import NON_FIELD, AccountError, Refusal
from graphql_auth.models import UserStatus
from graphql_auth.statements import GuardedSave

T = TypeVar("T")


@dataclass(frozen=True)
class NextStep:
    """One more step that a client must complete before it gets a session.

    `name` is the code of the error that the client receives, `message` its text, which may be lazy, and `challenge` the
    one-time token with which the client completes the step.
    """

    name: str
    message: Any
    challenge: str


class StepRequired(AccountError):
    """No session was opened, because `step` comes first."""

    def __init__(self, step: NextStep) -> None:
        super().__init__({NON_FIELD: [ValidationError(step.message, step.name)]})
        self.step = step


@dataclass(frozen=True)
class Login:
    """The user who logged in, the tokens, and whether the login restored an archived account."""

    user: Any
    tokens: sessions.Tokens
    unarchiving: bool


def next_step(user: Any) -> NextStep | None:
    """Return the step that `user` must complete before a session is opened; None if there is none.

    A second factor belongs here. A change to it must end the sessions of the account, which makes a login that is in
    progress ask again.
    """
    return None


def admit(user: Any) -> NextStep | None:
    """Return the step that comes before a session of `user`; None if it can be opened now.

    Raises AccountError `not_verified` if the account must be verified first.
    """
    if not sessions.may_log_in(user):
        raise AccountError.of(Refusal.NOT_VERIFIED)
    return next_step(user)


def require_complete(outcome: T | NextStep) -> T:
    """Return `outcome`. Raises StepRequired if it is one more step.

    Call this after the transaction, which must be kept: an account that was registered exists, and a new password
    counts.
    """
    if isinstance(outcome, NextStep):
        raise StepRequired(outcome)
    return outcome


def open_session(user: Any) -> sessions.Tokens | NextStep:
    """Open a session for `user`, whom the caller has locked. This does not count as a login.

    Raises AccountError like `admit`.
    """
    return admit(user) or sessions.start(user)


def log_in(*, request: HttpRequest, user: Any, read_again: Callable[[], Any]) -> Login | NextStep:
    """Log in `user`, whose password was checked without a lock. This restores an archived account.

    `read_again` returns the user again; it is called if the account changed in the meantime. Call this in a
    transaction. Raises AccountError: `not_verified` like `admit`, `invalid_credentials` if the password or the account
    is no longer valid.
    """
    step = admit(user)
    if step is not None:
        return step
    last_login = user.last_login
    if not _record_login(user):
        raise AccountError.of(Refusal.INVALID_CREDENTIALS)
    tokens = sessions.start_unless_changed(user)
    if tokens is None:
        # The account changed during the password check, for example was archived. It is locked now, so try again.
        known, user = user, read_again()
        step = admit(user) if user == known else None
        if step is not None:
            _withdraw_login(user, last_login)
            return step
        tokens = sessions.start_unless_changed(user) if user == known else None
    if tokens is None:
        raise AccountError.of(Refusal.INVALID_CREDENTIALS)
    status = UserStatus.of(user)
    unarchiving = status.archived
    if unarchiving:
        status.change(archived=False)
    _announce_login(request, user)
    return Login(user, tokens, unarchiving)


def log_in_new(*, request: HttpRequest, user: Any) -> sessions.Tokens | NextStep:
    """Log in `user`, who was just created with `last_login` set, which saves a statement. Raises like `admit`."""
    opened = open_session(user)
    if isinstance(opened, NextStep):
        _withdraw_login(user, None)
    else:
        _announce_login(request, user)
    return opened


def _record_login(user: Any) -> bool:
    """Set last_login and return True, unless the account changed since its password was checked.

    Like `lock_user`, this locks the user until the transaction ends, so that whatever ends sessions also ends this one.
    """
    user.last_login = timezone.now()
    return _last_login_save().save(user)


@cache
def _last_login_save() -> GuardedSave:
    users = get_user_model()
    return GuardedSave(users, ["last_login"], unchanged=[users._meta.pk.name, "password", "is_active"])


def _withdraw_login(user: Any, last_login: datetime | None) -> None:
    user.last_login = last_login
    user.save(update_fields=["last_login"])


def _announce_login(request: HttpRequest, user: Any) -> None:
    """Send `user_logged_in` for `user`, whose last_login is stored.

    Django's receiver saves last_login, too. That would be another statement, so this save is skipped; all others, such
    as those of your own receivers, are carried out.
    """
    save, last_login = user.save, user.last_login

    def save_unless_stored(*args: Any, update_fields: Collection[str] | None = None, **options: Any) -> None:
        if update_fields is not None and [*update_fields] == ["last_login"]:
            user.last_login = last_login
        else:
            save(*args, update_fields=update_fields, **options)

    user.save = save_unless_stored
    try:
        user_logged_in.send(sender=type(user), request=request, user=user)
    finally:
        del user.save
