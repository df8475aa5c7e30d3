"""Who is asking: what every journey that needs an account or a password starts with."""

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest

from graphql_auth import hashers, throttling
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

    `field` and `identifier`: what the user was looked up by. Attempts are counted before anything is hashed, and
    exactly one hash is computed whoever is asked for, so that neither the time nor the limits tell who has an account.
    The attempts of somebody who is logged in as `user` are counted apart, so that strangers, even at the same IP
    address, do not lock the owner out. Raises AccountError `throttled`.
    """
    with hashers.place():
        if user is not None and request.user == user:
            charges = [throttling.charge_all(*_counts(request, _owner(user)))]
        else:
            user, charges = _charge_stranger(request, user, _name(field, identifier))
        found = authenticate(request, account=user, identifier=identifier, password=password)
    if found is not None:
        # All but `login_total`: that one bounds how much is hashed, whatever comes of it.
        for charge in charges:
            charge.give_back("login_client", "login_account")
            for scope, *keys in charge.counts:
                if scope == "login":
                    throttling.forgive(scope, *keys)
    return found


def _charge_stranger(request: HttpRequest, user: Any, name: str) -> tuple[Any, list[throttling.Charge]]:
    """Count an attempt by the name that was typed, and for the account, by whatever name; return whom it may open.

    With PREVENT_ENUMERATION an attempt that only the limits of the account refuse goes on without it. To answer
    `throttled` would tell that somebody tried another name of the account, and so that both are of one. Raises
    AccountError `throttled`.
    """
    typed = [("login_total",), ("login_client", throttling.client_of(request)), *_counts(request, name)]
    # Nobody has an account too: to count for one takes time.
    account = _counts(request, f"nobody:{name}" if user is None else _account(user))
    if not auth_settings.PREVENT_ENUMERATION:
        return user, [throttling.charge_all(*typed, hidden=account)]
    charges = [throttling.charge_all(*typed)]
    try:
        charges.append(throttling.charge_all(*account))
    except AccountError:
        user = None
    return user, charges


def unlock(user: Any) -> list[str]:
    """Forget the login attempts counted for `user`, by strangers and by its owner, under whatever name.

    Return the names. Raises AccountError `throttled` when the counts cannot be changed.
    """
    names = {
        (user.USERNAME_FIELD, user.get_username()),
        (user.EMAIL_FIELD, getattr(user, user.EMAIL_FIELD)),
        (user.EMAIL_FIELD, UserStatus.of(user).secondary_email),
    }
    known = sorted((field, name) for field, name in names if name)
    if not throttling.clear(_account(user), _owner(user), *(_name(field, name) for field, name in known)):
        raise AccountError.throttled(throttling.STORE_WAIT)
    return [name for _, name in known]


def _counts(request: HttpRequest, whose: str) -> list[throttling.Count]:
    return [("login", whose, throttling.client_of(request)), ("login_account", whose)]


def _owner(user: Any) -> str:
    return f"owner:{user.pk}"


def _account(user: Any) -> str:
    return f"user:{user.pk}"


def _name(field: str, identifier: str) -> str:
    return f"{field}:{identifier.lower()}"


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
