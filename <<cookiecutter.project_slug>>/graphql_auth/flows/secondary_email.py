"""The secondary email address of an account."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from graphql_auth import throttling, tokens
from graphql_auth.addresses import lock_address, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.errors import NON_FIELD, AccountError, Refusal
from graphql_auth.flows.credentials import confirm_password, lock_confirmed, require_verified
from graphql_auth.forms import clean_email
from graphql_auth.mails import queue
from graphql_auth.mails.secondary_email import SECONDARY_EMAIL_ACTIVATION, SECONDARY_EMAIL_CHANGED
from graphql_auth.models import UserStatus, save_changes
from graphql_auth.transactions import atomic

COLUMN = "secondary_email"
REQUIRED = ValidationError(_("You need to set up a secondary email first."), "secondary_email_required")


def send_secondary_email_activation(*, request: HttpRequest, user: Any, email: str, password: str) -> None:
    """Mail a link to `email` that makes it the secondary address of `user`. This does not reserve the address.

    With PREVENT_ENUMERATION, the response is the same for a taken address, and its owner is notified by mail. Raises
    AccountError: `unauthenticated`, `not_verified`, `invalid` and `unique` at `email`, `invalid_password`,
    `throttled`, `email_fail`.
    """
    require_verified(user)
    email = clean_email(email)
    charge = throttling.charge_mail(request, email)
    try:
        confirmed = confirm_password(request=request, user=user, password=password)
    except AccountError:
        charge.give_back()
        raise
    discreet = auth_settings.PREVENT_ENUMERATION
    with atomic():
        locked = lock_confirmed(confirmed)
        if not discreet and owner_of(email) is not None:
            raise AccountError.of(Refusal.EMAIL_TAKEN, "email")
        # If the address is taken, its owner is notified instead; this is determined when the mail is sent.
        queue.add(SECONDARY_EMAIL_ACTIVATION, locked, to=email, quiet=discreet)


def verify_secondary_email(*, token: str) -> Any:
    """Make the address that the token was mailed to the secondary one, and return the user.

    The primary address is notified.

    Raises AccountError: `invalid_token`, `expired_token`, or `unique` if the address was taken in the meantime.
    """
    with atomic():
        signed = _require_current(token, hold=True)
        UserStatus.of(signed.user).change_address(COLUMN, signed.email)
        queue.add_security_mail(SECONDARY_EMAIL_CHANGED, signed.user)
    return signed.user


def check_secondary_email(*, token: str) -> tokens.Target:
    """Return the address that `verify_secondary_email` would verify, and change nothing. Raises the same errors."""
    return _require_current(token, hold=False).target


def swap_emails(*, request: HttpRequest, user: Any, password: str) -> Any:
    """Swap the primary and secondary address, and return the user. Both addresses are notified.

    Raises AccountError: `unauthenticated`, `not_verified`, `secondary_email_required`, `invalid_password`, `throttled`.
    """
    _require_secondary_email(require_verified(user))
    confirmed = confirm_password(request=request, user=user, password=password)
    with atomic():
        locked = lock_confirmed(confirmed)
        status = _require_secondary_email(locked)
        locked.email, former = status.secondary_email, locked.email
        status.change_address(COLUMN, former)
        save_changes(locked, "email")
        queue.add_address_mails(locked, former=former)
    return locked


def remove_secondary_email(*, request: HttpRequest, user: Any, password: str) -> Any:
    """Remove the secondary address and return the user. The primary address is notified.

    Raises AccountError: `unauthenticated`, `not_verified`, `secondary_email_required`, `invalid_password`, `throttled`.
    """
    _require_secondary_email(require_verified(user))
    confirmed = confirm_password(request=request, user=user, password=password)
    with atomic():
        locked = lock_confirmed(confirmed)
        _require_secondary_email(locked).change_address(COLUMN, None)
        queue.add_security_mail(SECONDARY_EMAIL_CHANGED, locked)
    return locked


def _require_current(token: str, *, hold: bool) -> tokens.SignedToken:
    signed = tokens.read(tokens.SECONDARY_EMAIL, token, hold=hold)
    signed.require_current()
    email = str(signed.email)
    if hold:
        lock_address(email)
    if owner_of(email) is not None:
        raise AccountError.of(Refusal.EMAIL_TAKEN)
    return signed


def _require_secondary_email(user: Any) -> UserStatus:
    status = UserStatus.of(user)
    if not status.secondary_email:
        raise AccountError({NON_FIELD: [REQUIRED]})
    return status
