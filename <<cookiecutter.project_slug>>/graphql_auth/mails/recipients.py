"""Who gets which mail: decided when it is sent, because an account may change while its mail waits.

Whoever asks for a mail by an address alone does not cause it to be looked up. Who has the address, and which mail they
get, is found out here, so that the request does the same work for every address.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.contrib.auth import get_user_model

from graphql_auth import sealing, tokens
from graphql_auth.addresses import is_valid, normalize_email, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.mails import kinds
from graphql_auth.mails.kinds import Kind
from graphql_auth.models import UserStatus, is_shown

logger = logging.getLogger(__name__)


class Request(Enum):
    """What somebody can ask for by an address alone. Which mail that makes depends on who has the address."""

    REGISTRATION = "registration_request"
    ACTIVATION = "activation_request"
    PASSWORD_RESET = "password_reset_request"


@dataclass(frozen=True)
class Addressee:
    """A mail of `kind` to `user` at the email address `to`, about what happened at `happened_at`; now when None."""

    kind: Kind
    user: Any
    to: str
    happened_at: datetime | None = None


def find_user(kind: Kind, pk: str, to: str, state: str) -> Addressee | None:
    """Return who gets a mail of `kind`; None when the account changed, or gave the address up, since it was queued.

    `state`: the fingerprint that a token of the mail was asked for, or when that happened of which the mail tells.
    """
    user = get_user_model()._default_manager.select_related("status").filter(pk=pk).first()
    if user is None or not _is_as_it_was(kind, user, state):
        return None
    if kind is kinds.SECONDARY_EMAIL_ACTIVATION and auth_settings.PREVENT_ENUMERATION:
        owner = owner_of(to)
        if owner is not None:
            return _addressee(_kind_for_taken(owner), owner, to)
    return _addressee(kind, user, to, None if kind.purpose else datetime.fromisoformat(state))


def find_owner(request: Request, to: str, state: str) -> Addressee | None:
    """Return who gets what because of `request`; None when nobody has the address, or its owner gets no such mail."""
    owner = owner_of(to)
    return None if owner is None else _addressee(_kind_for(request, owner, state), owner, to)


def registration_state(user: Any) -> str:
    """Return what stands for the new account of `user` in the mail that its registration queues."""
    return _registration_states(user)[0]


def first_mail(user: Any) -> Kind | None:
    """Return what the settings have a new account mailed."""
    if user.has_usable_password():
        return kinds.ACTIVATION if auth_settings.SEND_ACTIVATION_EMAIL else None
    # Setting the password verifies the address, so one mail does for both.
    return kinds.PASSWORD_SET if auth_settings.SEND_ACTIVATION_EMAIL or auth_settings.SEND_PASSWORD_SET_EMAIL else None


def _kind_for(request: Request, owner: Any, state: str) -> Kind | None:
    """Return the mail that the owner of an address gets because of `request`; None when it gets none.

    With PREVENT_ENUMERATION, who reads the mailbox of an account that was never verified is led to a password of their
    own, because somebody else may have registered it. Without it, whoever asks is told by the answer instead.
    """
    verified = UserStatus.of(owner).verified
    if owner.is_active:
        if request is Request.REGISTRATION and state in _registration_states(owner):
            return None if verified else first_mail(owner)
        if request is Request.PASSWORD_RESET and (verified or auth_settings.PREVENT_ENUMERATION):
            return kinds.PASSWORD_RESET
        if request is not Request.REGISTRATION and not verified:
            return kinds.ACTIVATION_RESEND if owner.has_usable_password() else kinds.PASSWORD_SET
    return _kind_for_taken(owner)


def _kind_for_taken(owner: Any) -> Kind | None:
    """Return the mail that tells the owner of an address that somebody tried to use it, and what they can do."""
    status = UserStatus.of(owner)
    if not auth_settings.PREVENT_ENUMERATION:
        return None
    if not owner.is_active:
        return kinds.ACCOUNT_CLOSED_EXISTS if status.is_closed else None
    return kinds.ACCOUNT_EXISTS if status.verified else kinds.ACCOUNT_UNVERIFIED_EXISTS


def _registration_states(user: Any) -> list[str]:
    return sealing.digests(f"account {user.pk}")


def _is_as_it_was(kind: Kind, user: Any, state: str) -> bool:
    if kind in (kinds.EMAIL_CHANGED, kinds.SECONDARY_EMAIL_CHANGED):
        # The owner is told also when the account was made inactive since.
        return True
    return user.is_active and (kind.purpose is None or tokens.is_current(state, kind.purpose, user))


def _addressee(kind: Kind | None, user: Any, to: str, happened_at: datetime | None = None) -> Addressee | None:
    """Return a mail of `kind` to `user`; None when there is no mail, or nobody to read it at `to`."""
    if kind is None or not is_shown(user):
        return None
    address = _current_address(kind, user, to)
    return None if address is None else Addressee(kind, user, address, happened_at)


def _current_address(kind: Kind, user: Any, to: str) -> str | None:
    """Return `to` as it is stored; None when the account gave it up since the mail was asked for.

    Also None for an address that was stored before such were refused: no header can hold it.
    """
    status = UserStatus.of(user)
    stored: list[str | None]
    if kind.fixed_address:
        stored = [to]
    elif kind.verifies and not status.verified:
        stored, to = [user.email], user.email
    else:
        stored = [user.email, status.secondary_email]
    address = next((one for one in stored if one and normalize_email(one) == normalize_email(to)), None)
    if address is not None and not is_valid(address):
        logger.warning("A mail of the kind %s to the user %s was not sent: the address is invalid.", kind.name, user.pk)
        return None
    return address
