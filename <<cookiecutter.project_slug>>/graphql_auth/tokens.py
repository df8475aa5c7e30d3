"""One-time tokens: the only place that signs and reads them.

A token names the user and contains a fingerprint of the state it was made for: the primary key, password hash and email
address, whether the account is verified (for activation), when it was closed, and `link_revision`, which increases when
sessions are ended or addresses change. Any change of this state, by using the token or otherwise, invalidates it.
Tokens are not stored.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac

from graphql_auth.addresses import mask
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.keys import secret_keys
from graphql_auth.models import UserStatus, find_user, lock_user
from graphql_auth.user import User


@dataclass(frozen=True)
class Purpose:
    """The purpose of a token. Its name is part of the salt, so that no token works for another purpose.

    `reopens`: the token also works for an account that its owner closed, and reopens it.
    """

    name: str
    expiration_setting: str
    reopens: bool = False

    @property
    def salt(self) -> str:
        """The salt of the signature."""
        return f"graphql_auth.{self.name}"

    @property
    def max_age(self) -> timedelta:
        """How long a token is valid."""
        lifetime: timedelta = getattr(auth_settings, self.expiration_setting)
        return lifetime


ACTIVATION = Purpose("activation", "EXPIRATION_ACTIVATION_TOKEN")
PASSWORD_RESET = Purpose("password_reset", "EXPIRATION_PASSWORD_RESET_TOKEN", reopens=True)
PASSWORD_SET = Purpose("password_set", "EXPIRATION_PASSWORD_SET_TOKEN")
SECONDARY_EMAIL = Purpose("secondary_email", "EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN")


class Target(NamedTuple):
    """What the page of a link shows about its account.

    `address`: where the link was mailed to; `account`: the masked primary address, if that is another one.
    """

    address: str
    account: str


@dataclass(frozen=True)
class SignedToken:
    """A token with a valid signature and age, and its user. `require_current` still has to be called.

    `email`: where the token was mailed to, if that is not the primary address.
    """

    user: User
    email: str | None
    purpose: Purpose
    fingerprint: str

    @property
    def target(self) -> Target:
        """What the page of the link shows."""
        return Target(self.email, mask(self.user.email)) if self.email else Target(str(self.user.email), "")

    def require_current(self) -> None:
        """Raise `invalid_token` if the state of the account has changed since the token was made."""
        if not is_current(self.fingerprint, self.purpose, self.user):
            raise AccountError.of(Refusal.INVALID_TOKEN)


def make(purpose: Purpose, user: User, *, email: str | None = None) -> str:
    """Return a token for `user`. `email`: the address it is mailed to, if that is not the primary one."""
    return signing.dumps([str(user.pk), email, fingerprint(purpose, user)], salt=purpose.salt)


def read(purpose: Purpose, token: str, *, hold: bool) -> SignedToken:
    """Verify the signature and age of `token`. With `hold`, lock its user until the transaction ends.

    Raises AccountError: `expired_token` if it is too old, `invalid_token` if it is invalid in any other way.
    """
    try:
        user_pk, email, made_for = signing.loads(token, salt=purpose.salt, max_age=purpose.max_age)
        user = lock_user(user_pk) if hold else find_user(user_pk)
    except signing.SignatureExpired:
        raise AccountError.of(Refusal.EXPIRED_TOKEN) from None
    except (signing.BadSignature, ValueError, TypeError, OverflowError, ValidationError):
        raise AccountError.of(Refusal.INVALID_TOKEN) from None
    if user is None or not (user.is_active or (purpose.reopens and UserStatus.of(user).is_closed)):
        raise AccountError.of(Refusal.INVALID_TOKEN)
    return SignedToken(user, email, purpose, made_for)


def is_genuine(purpose: Purpose | None, token: str) -> bool:
    """Return whether this site made `token` for `purpose`, even if it was used since or is too old."""
    try:
        return bool(purpose and signing.loads(token, salt=purpose.salt))
    except (signing.BadSignature, ValueError):
        return False


def fingerprint(purpose: Purpose, user: User) -> str:
    """Return the fingerprint of the current state for a token of `purpose`. It is not a token by itself."""
    return _fingerprint(purpose, user, settings.SECRET_KEY)


def is_current(fingerprint: str, purpose: Purpose, user: User) -> bool:
    """Return whether `fingerprint` matches the current state of `user`, under the current key or a former one."""
    return any(constant_time_compare(fingerprint, _fingerprint(purpose, user, key)) for key in secret_keys())


def _fingerprint(purpose: Purpose, user: User, key: str) -> str:
    status = UserStatus.of(user)
    # The revision, because an account can return to an earlier state: addresses swapped back, active again.
    state = [user.pk, user.password, getattr(user, user.EMAIL_FIELD), status.link_revision]
    if purpose is ACTIVATION:
        state.append(status.verified)
    if status.closed_at is not None:
        state.append(status.closed_at.isoformat())
    return salted_hmac(purpose.salt, repr(state), secret=key, algorithm="sha256").hexdigest()
