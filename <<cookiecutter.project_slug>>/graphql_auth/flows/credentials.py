"""Checks of accounts and passwords, which other flows start with."""

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest

from graphql_auth import hashers, throttling
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.models import UserStatus, addresses_of, lock_user


def require_verified(user: Any) -> Any:
    """Return `user`. Raises AccountError: `unauthenticated` when nobody is logged in, or `not_verified`."""
    if not user.is_authenticated:
        raise AccountError.of(Refusal.UNAUTHENTICATED)
    if not UserStatus.of(user).verified:
        raise AccountError.of(Refusal.NOT_VERIFIED)
    return user


def check_password(*, request: HttpRequest, user: Any, field: str, identifier: str, password: str) -> Any:
    """Return `user` if the password is correct and the user is active; otherwise, or if `user` is None, None.

    `field` and `identifier`: what the user was looked up by. Attempts are counted before hashing, and exactly one hash
    is computed for any `user`, so that neither response times nor limits reveal who has an account. The attempts of a
    client that is logged in as `user` are counted separately, so that strangers, even at the same IP address, cannot
    lock the owner out. Raises AccountError `throttled`.
    """
    with hashers.place():
        if user is not None and request.user == user:
            charges = [throttling.charge_all(*_counts(request, _owner(user)))]
        else:
            user, charges = _charge_stranger(request, user, _name(field, identifier))
        found = authenticate(request, account=user, identifier=identifier, password=password)
    if found is not None:
        # Except for `login_total`, which limits hashing, whether or not a login succeeds.
        for charge in charges:
            charge.give_back("login_client", "login_account")
            for scope, *keys in charge.counts:
                if scope == "login":
                    throttling.forgive(scope, *keys)
    return found


def _charge_stranger(request: HttpRequest, user: Any, name: str) -> tuple[Any, list[throttling.Charge]]:
    """Count an attempt for the identifier and for the account; return the user that the attempt may log in as.

    With PREVENT_ENUMERATION, an attempt that exceeds only the limits of the account continues without a user. The error
    `throttled` would reveal that two identifiers belong to the same account. Raises AccountError `throttled`.
    """
    typed = [("login_total",), ("login_client", throttling.client_of(request)), *_counts(request, name)]
    # Also count for an account that does not exist, because counting takes time.
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
    """Forget the failed logins of `user`, by strangers and by the owner, under all names.

    Return the names. Raises AccountError `throttled` when the counts cannot be changed.
    """
    names = {
        (user.USERNAME_FIELD, user.get_username()),
        *((user.EMAIL_FIELD, address) for address in addresses_of(user)),
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
    """Return the authenticated `user`. Raises AccountError: `invalid_password` at `field`, `throttled`."""
    confirmed = check_password(
        request=request, user=user, field=user.USERNAME_FIELD, identifier=user.get_username(), password=password
    )
    if confirmed is None:
        raise AccountError.of(Refusal.INVALID_PASSWORD, field)
    return confirmed


def lock_open(user: Any) -> Any:
    """Return the current `user`, locked until the transaction ends.

    Raises AccountError `unauthenticated` if the account was deleted or closed in the meantime.
    """
    locked = lock_user(user.pk)
    if locked is None or not locked.is_active or UserStatus.of(locked).archived:
        raise AccountError.of(Refusal.UNAUTHENTICATED)
    return locked


def lock_confirmed(user: Any, field: str = "password") -> Any:
    """Return the current `user`, locked until the transaction ends, after the password was checked.

    Raises AccountError: `unauthenticated` like `lock_open`, `invalid_password` at `field` if another request changed
    the password in the meantime.
    """
    locked = lock_open(user)
    if locked.password != user.password:
        raise AccountError.of(Refusal.INVALID_PASSWORD, field)
    return locked
