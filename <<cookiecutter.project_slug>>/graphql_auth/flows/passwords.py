"""Setting, changing and recovering passwords."""

from contextlib import suppress
from functools import partial
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import password_changed
from django.http import HttpRequest

from graphql_auth import hashers, sessions, throttling, tokens
from graphql_auth.addresses import owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows import opening
from graphql_auth.flows.credentials import confirm_password, lock_confirmed, require_verified, unlock
from graphql_auth.flows.registration import mark_verified
from graphql_auth.forms import clean_email, clean_new_password
from graphql_auth.mails import queue, recipients
from graphql_auth.models import UserStatus, save_changes
from graphql_auth.signals import user_verified
from graphql_auth.transactions import after_commit, announce, atomic


def send_password_reset_email(*, request: HttpRequest, email: str) -> None:
    """Mail a reset link to an account's address `email`. An unknown address causes no error.

    With PREVENT_ENUMERATION, every account gets a link: an unverified account may have been registered by somebody else
    than the owner of the mailbox, and the owner of a closed account can reopen it. Without it, an unverified account
    gets an activation link instead, and a closed account gets no mail. Raises AccountError: `invalid` and, without
    PREVENT_ENUMERATION, `not_verified` at `email`; `throttled`, `email_fail`.
    """
    email = clean_email(email)
    throttling.charge_mail(request, email)
    discreet = auth_settings.PREVENT_ENUMERATION
    with atomic():
        owner = None if discreet else owner_of(email)
        unverified = owner is not None and owner.is_active and not UserStatus.of(owner).verified
        queue.add_request(recipients.Request.PASSWORD_RESET, email, quiet=discreet)
    if unverified:
        raise AccountError.of(Refusal.NOT_VERIFIED_MAIL_SENT, "email")


def password_reset(*, token: str, new_password1: str, new_password2: str) -> None:
    """Set a new password with a mailed token. This verifies the account and ends its sessions.

    It also reopens an account that its owner closed, and forgets its failed logins. Raises AccountError:
    `invalid_token`, `expired_token`, `throttled`, or the errors of the passwords at `new_password2`, after which the
    token still works.
    """
    _set_password(tokens.PASSWORD_RESET, token, new_password1, new_password2)


def password_set(*, token: str, new_password1: str, new_password2: str) -> None:
    """Set the first password of an account that was registered without one; otherwise like `password_reset`.

    Raises AccountError also with `password_already_set`.
    """
    _set_password(tokens.PASSWORD_SET, token, new_password1, new_password2)


def check_password_reset(*, token: str) -> tokens.Target:
    """Return the account whose password `password_reset` would set, without changing anything.

    Raises AccountError: `invalid_token`, `expired_token`.
    """
    return _check_token(tokens.PASSWORD_RESET, token)


def check_password_set(*, token: str) -> tokens.Target:
    """Return the account whose password `password_set` would set, without changing anything.

    Raises AccountError: `invalid_token`, `expired_token`, `password_already_set`.
    """
    return _check_token(tokens.PASSWORD_SET, token)


def password_change(
    *, request: HttpRequest, user: Any, old_password: str, new_password1: str, new_password2: str
) -> sessions.Tokens | opening.NextStep:
    """Change the password of the logged in `user`, end its sessions and return the tokens of a new one.

    If one more step comes first, this returns the step; the new password counts nevertheless. Raises AccountError:
    `unauthenticated`, `not_verified`, `throttled`, `invalid_password` at `old_password`, or the errors of the new
    passwords at `new_password2`.
    """
    require_verified(user)
    confirmed = confirm_password(request=request, user=user, password=old_password, field="old_password")
    password = clean_new_password(confirmed, new_password1, new_password2)
    with hashers.place():
        hashed = make_password(password)
    with atomic():
        locked = lock_confirmed(confirmed, "old_password")
        _store(locked, hashed)
        password_changed(password, locked)
        return opening.open_session(locked)


def _set_password(purpose: tokens.Purpose, token: str, new_password1: str, new_password2: str) -> None:
    user = _require_current(purpose, token, hold=False).user
    # Hashing takes long, so the token is checked before and after it instead of holding the lock.
    with hashers.place():
        # Counted for links to the account, so that nobody without a link can use up the attempts.
        attempt = throttling.charge("login_account", f"link:{user.pk}")
        password = clean_new_password(user, new_password1, new_password2)
        hashed = make_password(password)
    with atomic():
        user = _require_current(purpose, token, hold=True).user
        reopened = not user.is_active
        user.is_active = True
        _store(user, hashed, *(["is_active"] if reopened else []))
        password_changed(password, user)
        after_commit(attempt.give_back)
        # Attackers who locked the account by guessing must not keep its owner out.
        after_commit(partial(_unlock, user))
        if mark_verified(user):
            announce(user_verified, user)


def _unlock(user: Any) -> None:
    with suppress(AccountError):
        unlock(user)


def _check_token(purpose: tokens.Purpose, token: str) -> tokens.Target:
    return _require_current(purpose, token, hold=False).target


def _require_current(purpose: tokens.Purpose, token: str, *, hold: bool) -> tokens.SignedToken:
    signed = tokens.read(purpose, token, hold=hold)
    if purpose is tokens.PASSWORD_SET and signed.user.has_usable_password():
        raise AccountError.of(Refusal.PASSWORD_ALREADY_SET)
    signed.require_current()
    return signed


def _store(user: Any, hashed: str, *others: str) -> None:
    user.password = hashed
    save_changes(user, "password", *others)
    sessions.end_all(user)
