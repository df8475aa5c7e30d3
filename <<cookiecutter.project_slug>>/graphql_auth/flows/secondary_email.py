"""A second address for an account."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from graphql_auth import emails, throttling, tokens
from graphql_auth.addresses import lock_address, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows.credentials import confirm_password, lock_confirmed, require_verified
from graphql_auth.forms import clean_email
from graphql_auth.models import UserStatus


def send_secondary_email_activation(*, request: HttpRequest, user: Any, email: str, password: str) -> None:
    """Mail a link to `email` that makes it the secondary address of `user`; until then it reserves nothing.

    With PREVENT_ENUMERATION a taken address is answered like a free one and its owner is told by mail. Raises
    AccountError: `unauthenticated`, `not_verified`, `invalid` and `unique` at `email`, `invalid_password`,
    `throttled`, `email_fail`.
    """
    require_verified(user)
    email = clean_email(email)
    throttling.charge_mail(request, email)
    confirmed = confirm_password(request=request, user=user, password=password)
    discreet = auth_settings.PREVENT_ENUMERATION
    with transaction.atomic(durable=True):
        locked = lock_confirmed(confirmed)
        if not discreet and owner_of(email) is not None:
            raise AccountError.of(Refusal.EMAIL_TAKEN, "email")
        # If somebody has the address, they are told instead: that is found out when the mail is sent.
        mail = emails.queue(emails.SECONDARY_EMAIL_ACTIVATION, locked, to=email)
    mail.deliver(quiet=discreet)


def verify_secondary_email(*, token: str) -> None:
    """Make the address the token was mailed to the secondary address of its account.

    Raises AccountError: `invalid_token`, `expired_token`, or `unique` when somebody has taken it meanwhile.
    """
    with transaction.atomic(durable=True):
        user, email = _require_current(token)
        UserStatus.of(user).change_secondary_email(email)


def check_secondary_email(*, token: str) -> str:
    """Return the address that `verify_secondary_email` would verify; change nothing. Raises AccountError as it does."""
    with transaction.atomic(durable=True):
        _, email = _require_current(token)
    return email


def swap_emails(*, request: HttpRequest, user: Any, password: str) -> None:
    """Make the secondary address the primary one and the other way round.

    Raises AccountError: `unauthenticated`, `not_verified`, `secondary_email_required`, `invalid_password`, `throttled`.
    """
    _require_secondary_email(require_verified(user))
    confirmed = confirm_password(request=request, user=user, password=password)
    with transaction.atomic(durable=True):
        locked = lock_confirmed(confirmed)
        status = _require_secondary_email(locked)
        locked.email, former = status.secondary_email, locked.email
        status.change_secondary_email(former)
        locked.save(update_fields=["email"])


def remove_secondary_email(*, request: HttpRequest, user: Any, password: str) -> None:
    """Forget the secondary address.

    Raises AccountError: `unauthenticated`, `not_verified`, `secondary_email_required`, `invalid_password`, `throttled`.
    """
    _require_secondary_email(require_verified(user))
    confirmed = confirm_password(request=request, user=user, password=password)
    with transaction.atomic(durable=True):
        _require_secondary_email(lock_confirmed(confirmed)).change_secondary_email(None)


def _require_current(token: str) -> tuple[Any, str]:
    reading = tokens.read(tokens.SECONDARY_EMAIL, token)
    reading.require_current()
    email = str(reading.email)
    lock_address(email)
    if owner_of(email) is not None:
        raise AccountError.of(Refusal.EMAIL_TAKEN)
    return reading.user, email


def _require_secondary_email(user: Any) -> UserStatus:
    status = UserStatus.of(user)
    if not status.secondary_email:
        raise AccountError.of(Refusal.SECONDARY_EMAIL_REQUIRED)
    return status
