"""Who is asking: what every journey that needs an account or a password starts with."""

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest

from graphql_auth import throttling
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.models import UserStatus, lock_user


def require_verified(user: Any) -> Any:
    """Return `user`. Raises AccountError: `unauthenticated` when nobody is logged in, or `not_verified`."""
    if not user.is_authenticated:
        raise AccountError.of(Refusal.UNAUTHENTICATED)
    if not UserStatus.of(user).verified:
        raise AccountError.of(Refusal.NOT_VERIFIED)
    return user


def check_password(*, request: HttpRequest, user: Any, field: str, identifier: str, password: str) -> Any:
    """Return the active user whose password this is; None when it is wrong or `user` is None.

    `field` and `identifier`: what the user was looked up by. Tries are counted before anything is hashed, and exactly
    one hash is computed whoever is asked for, so that neither the time nor the limits tell who has an account. The
    tries of somebody who is logged in as `user` are counted apart, so that strangers, even at the same address, do not
    lock the owner out. Raises AccountError `throttled`.
    """
    client = throttling.client_of(request)
    if user is not None and request.user == user:
        typed = account = f"owner:{user.pk}"
        _charge(typed, client)
    else:
        typed, account = f"{field}:{identifier}", f"user:{user.pk}" if user else ""
        throttling.charge("login_client", client)
        _charge(typed, client)
        if account and not _is_left(account, client):
            user = None

    found = authenticate(request, account=user, identifier=identifier, password=password)
    if found is not None:
        throttling.forgive("login", typed, client)
        throttling.forgive("login", account, client)
    return found


def _charge(account: str, client: str) -> None:
    throttling.charge("login", account, client)
    throttling.charge("login_account", account)


def _is_left(account: str, client: str) -> bool:
    """Count a try for an account, by whatever name of it; return whether it may be made.

    Raises AccountError `throttled`, but not with PREVENT_ENUMERATION: it would tell that somebody tried another name of
    the account, and so that both are of one.
    """
    try:
        _charge(account, client)
    except AccountError:
        if auth_settings.PREVENT_ENUMERATION:
            return False
        raise
    return True


def confirm_password(*, request: HttpRequest, user: Any, password: str, field: str = "password") -> Any:
    """Return `user` as authenticated just now. Raises AccountError: `invalid_password` at `field`, `throttled`."""
    confirmed = check_password(
        request=request, user=user, field=user.USERNAME_FIELD, identifier=user.get_username(), password=password
    )
    if confirmed is None:
        raise AccountError.of(Refusal.INVALID_PASSWORD, field)
    return confirmed


def lock_open(user: Any) -> Any:
    """Return the row of `user`, held until the transaction ends.

    Raises AccountError `unauthenticated` when the account is gone or closed since the request was read.
    """
    locked = lock_user(user.pk)
    if locked is None or not locked.is_active or UserStatus.of(locked).archived:
        raise AccountError.of(Refusal.UNAUTHENTICATED)
    return locked


def lock_confirmed(user: Any, field: str = "password") -> Any:
    """Return the row of `user`, held until the transaction ends, if nothing changed since its password was checked.

    Raises AccountError: `unauthenticated` as `lock_open`, `invalid_password` at `field` when another request changed
    the password meanwhile.
    """
    locked = lock_open(user)
    if locked.password != user.password:
        raise AccountError.of(Refusal.INVALID_PASSWORD, field)
    return locked
