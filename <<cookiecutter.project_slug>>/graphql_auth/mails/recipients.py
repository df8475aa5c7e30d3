"""Finds the recipient of a mail when it is sent, because an account may change while its mail waits.

A request that names only an address does not look the address up. Its owner and the kind of mail are determined here,
so that the request does the same work for every address.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from graphql_auth import models, sealing, tokens
from graphql_auth.addresses import is_valid, normalize_email, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.mails import kinds
from graphql_auth.mails.kind import Kind
from graphql_auth.models import UserStatus, addresses_of, is_shown

logger = logging.getLogger(__name__)


class Request(Enum):
    """A request that names only an address. The kind of mail depends on the owner of the address."""

    REGISTRATION = "registration_request"
    ACTIVATION = "activation_request"
    PASSWORD_RESET = "password_reset_request"  # noqa: S105  The name of a request.


@dataclass(frozen=True)
class Addressee:
    """A mail of `kind` to `user` at the email address `to`, about an event at `happened_at` (now if None)."""

    kind: Kind
    user: Any
    to: str
    happened_at: datetime | None = None


def find_user(kind: Kind, pk: str, to: str, state: str) -> Addressee | None:
    """Return the recipient of a mail of `kind`; None if the account or its address changed since it was queued.

    `state`: the fingerprint of the state that the token is valid for, or the time of the event that the mail reports.
    """
    user = models.find_user(pk)
    if user is None or not _is_unchanged(kind, user, state):
        return None
    if kind.claims and auth_settings.PREVENT_ENUMERATION:
        owner = owner_of(to)
        if owner is not None:
            return _addressee(_kind_for_taken(owner), owner, to)
    return _addressee(kind, user, to, None if kind.purpose else datetime.fromisoformat(state))


def find_owner(request: Request, to: str, state: str) -> Addressee | None:
    """Return the recipient of the mail that `request` causes; None if there is no such mail."""
    owner = owner_of(to)
    return None if owner is None else _addressee(_kind_for(request, owner, state), owner, to)


def registration_state(user: Any) -> str:
    """Return the value that identifies the new account of `user` in the mail queued by its registration."""
    return _registration_states(user)[0]


def first_mail(user: Any) -> Kind | None:
    """Return the kind of mail that a new account gets according to the settings."""
    if user.has_usable_password():
        return kinds.ACTIVATION if auth_settings.SEND_ACTIVATION_EMAIL else None
    # Setting the password also verifies the address.
    return kinds.PASSWORD_SET if auth_settings.SEND_ACTIVATION_EMAIL or auth_settings.SEND_PASSWORD_SET_EMAIL else None


def _kind_for(request: Request, owner: Any, state: str) -> Kind | None:
    """Return the kind of mail that `request` causes to the owner of an address; None if there is none.

    With PREVENT_ENUMERATION, the mail to an unverified account lets the reader choose a new password, because somebody
    else may have registered the account. Without it, the response reports that the account is unverified.
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
    """Return the kind of mail that notifies `owner` that somebody tried to use the address; None if there is none."""
    status = UserStatus.of(owner)
    if not auth_settings.PREVENT_ENUMERATION:
        return None
    if not owner.is_active:
        return kinds.ACCOUNT_CLOSED_EXISTS if status.is_closed else None
    return kinds.ACCOUNT_EXISTS if status.verified else kinds.ACCOUNT_UNVERIFIED_EXISTS


def _registration_states(user: Any) -> list[str]:
    return sealing.digests(f"account {user.pk}")


def _is_unchanged(kind: Kind, user: Any, state: str) -> bool:
    if kind.reports_address:
        # The owner is notified even if the account has become inactive.
        return True
    return user.is_active and (kind.purpose is None or tokens.is_current(state, kind.purpose, user))


def _addressee(kind: Kind | None, user: Any, to: str, happened_at: datetime | None = None) -> Addressee | None:
    """Return the mail of `kind` to `user`; None if `kind` is None or the account no longer has the address `to`."""
    if kind is None or not is_shown(user):
        return None
    address = _current_address(kind, user, to)
    return None if address is None else Addressee(kind, user, address, happened_at)


def _current_address(kind: Kind, user: Any, to: str) -> str | None:
    """Return `to` as it is stored; None if the account no longer has it.

    Also None for a stored address that is invalid by the current rules: a mail header cannot contain it.
    """
    status = UserStatus.of(user)
    stored: list[str]
    if kind.fixed_address:
        stored = [to]
    elif kind.verifies and not status.verified:
        stored, to = [user.email], user.email
    else:
        stored = addresses_of(user)
    address = next((email for email in stored if email and normalize_email(email) == normalize_email(to)), None)
    if address is not None and not is_valid(address):
        logger.warning("A mail of the kind %s to the user %s was not sent: the address is invalid.", kind.name, user.pk)
        return None
    return address
