"""One-time tokens: the only place that signs and reads them.

A token names the user and carries a fingerprint of the state it was made for: key, password hash, address, for an
activation whether verified, for a closed account when it was closed, and a number that is raised by whatever ends the
sessions or changes the addresses. When
any of that changes, by its own use or otherwise, it is void. Nothing is stored.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac

from graphql_auth.addresses import mask
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.keys import secret_keys
from graphql_auth.models import UserStatus, lock_user


@dataclass(frozen=True)
class Purpose:
    """What a token is for: its name goes into the salt, so that no token serves another purpose.

    `reopens`: it also works for an account that its owner closed, and opens it again.
    """

    name: str
    expiration_setting: str
    reopens: bool = False

    @property
    def salt(self) -> str:
        """The signature's salt."""
        return f"graphql_auth.{self.name}"

    @property
    def max_age(self) -> timedelta:
        """How long a token works."""
        lifetime: timedelta = getattr(auth_settings, self.expiration_setting)
        return lifetime


ACTIVATION = Purpose("activation", "EXPIRATION_ACTIVATION_TOKEN")
PASSWORD_RESET = Purpose("password_reset", "EXPIRATION_PASSWORD_RESET_TOKEN", reopens=True)
PASSWORD_SET = Purpose("password_set", "EXPIRATION_PASSWORD_SET_TOKEN")
SECONDARY_EMAIL = Purpose("secondary_email", "EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN")


class Target(NamedTuple):
    """What a link is about, for whoever reads the mail.

    `address`: where it was mailed to; `account`: the primary address of the account, masked, where that is another one.
    """

    address: str
    account: str


@dataclass(frozen=True)
class Reading:
    """A token whose signature and age are right, with its user locked and not yet compared.

    `email`: where the token was mailed to, if that is not the primary address.
    """

    user: Any
    email: str | None
    purpose: Purpose
    fingerprint: str

    @property
    def target(self) -> Target:
        """What the page of the link shows."""
        return Target(self.email, mask(self.user.email)) if self.email else Target(str(self.user.email), "")

    def require_current(self) -> None:
        """Raise `invalid_token` unless the account is still as it was when the token was made."""
        if not is_current(self.fingerprint, self.purpose, self.user):
            raise AccountError.of(Refusal.INVALID_TOKEN)


def make(purpose: Purpose, user: Any, *, email: str | None = None) -> str:
    """Return a token for `user`. `email`: where it is mailed to, if not to the primary address: a secondary one."""
    return signing.dumps([str(user.pk), email, fingerprint(purpose, user)], salt=purpose.salt)


def read(purpose: Purpose, token: str) -> Reading:
    """Return what `token` says, holding its user until the transaction ends.

    Raises AccountError: `expired_token` when it is too old, `invalid_token` for anything else that is odd.
    """
    try:
        user_pk, email, made_for = signing.loads(token, salt=purpose.salt, max_age=purpose.max_age)
        user = lock_user(user_pk)
    except signing.SignatureExpired:
        raise AccountError.of(Refusal.EXPIRED_TOKEN) from None
    except (signing.BadSignature, ValueError, TypeError, OverflowError, ValidationError):
        raise AccountError.of(Refusal.INVALID_TOKEN) from None
    if user is None or not (user.is_active or (purpose.reopens and UserStatus.of(user).is_closed)):
        raise AccountError.of(Refusal.INVALID_TOKEN)
    return Reading(user, email, purpose, made_for)


def fingerprint(purpose: Purpose, user: Any) -> str:
    """Return the digest of the state that a token of `purpose` made now depends on. It signs nothing by itself."""
    return _fingerprint(purpose, user, settings.SECRET_KEY)


def is_current(fingerprint: str, purpose: Purpose, user: Any) -> bool:
    """Return whether `fingerprint` was taken of the state that `user` is in, under this key or a former one."""
    return any(constant_time_compare(fingerprint, _fingerprint(purpose, user, key)) for key in secret_keys())


def _fingerprint(purpose: Purpose, user: Any, key: str) -> str:
    status = UserStatus.of(user)
    # The revision, because an account can come to look as it did: addresses swapped back, active again.
    state = [user.pk, user.password, getattr(user, user.EMAIL_FIELD), status.link_revision]
    if purpose is ACTIVATION:
        state.append(status.verified)
    if status.closed_at is not None:
        state.append(status.closed_at.isoformat())
    return salted_hmac(purpose.salt, repr(state), secret=key, algorithm="sha256").hexdigest()
