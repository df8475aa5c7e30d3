"""From no account to a verified one."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.signals import user_logged_in
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from graphql_auth import emails, hashers, sessions, throttling, tokens
from graphql_auth.addresses import lock_address, normalize_email, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.forms import clean_email, registration_form, require_valid
from graphql_auth.models import UserStatus
from graphql_auth.signals import user_registered, user_verified


@dataclass(frozen=True)
class Registration:
    """The new account, None where its existence is not told; and its tokens, None when it is not logged in."""

    user: Any
    tokens: sessions.Tokens | None


def register(
    *, request: HttpRequest, fields: Mapping[str, Any], password1: str | None, password2: str | None
) -> Registration:
    """Create an account, mail the link that gets it going and, where it may log in already, open a session.

    With PREVENT_ENUMERATION a taken address is answered like a free one, neither with tokens, and its owner is told by
    mail. Raises AccountError: whatever the form finds, `unique` for a taken address, `throttled`, `email_fail`.
    """
    passwordless = auth_settings.ALLOW_PASSWORDLESS_REGISTRATION and not (password1 or password2)
    with nullcontext() if passwordless else hashers.place():
        mail_address = ("mail_address", normalize_email(fields.get("email") or ""))
        throttling.charge_all(("register_client", throttling.client_of(request)), require=[mail_address])
        form = registration_form({**fields, "password1": password1, "password2": password2}, passwordless=passwordless)
        require_valid(form)
        user = form.instance
        throttling.charge_all(mail_address)
        # Hashed before anything is looked up or locked: it takes long, and as long for a taken address.
        user.password = make_password(None if passwordless else form.cleaned_data["password1"])
    discreet = auth_settings.PREVENT_ENUMERATION
    opened = None
    logs_in = not (passwordless or discreet) and sessions.may_log_in(user)
    if logs_in:
        user.last_login = timezone.now()
    try:
        with transaction.atomic(durable=True):
            lock_address(user.email)
            owner = owner_of(user.email)
            if owner is None:
                user.save()
                mail = _queue_first_mail(user)
                if logs_in:
                    opened = sessions.start(user)
                    user_logged_in.send(sender=type(user), request=request, user=user, noted=True)
            elif discreet:
                # It takes as long as a new account, and holds nobody: who holds the owner may wait for the address.
                owner.refresh_from_db()
                mail = emails.queue(emails.ACCOUNT_EXISTS, owner, to=user.email)
            else:
                raise AccountError.of(Refusal.EMAIL_TAKEN, "email")
    except IntegrityError:
        # Somebody took the name between the form's look and this write: now the form finds it.
        require_valid(registration_form(fields, passwordless=True))
        raise AccountError.of(Refusal.EMAIL_TAKEN, "email") from None
    if owner is None:
        user_registered.send_robust(sender=type(user), user=user)
    if mail is not None:
        mail.deliver(quiet=discreet)
    return Registration(None if discreet else user, opened)


def verify_account(*, token: str) -> Any:
    """Verify the address of the account the token was mailed to and return the user.

    Raises AccountError: `invalid_token`, `expired_token`, `already_verified`.
    """
    with transaction.atomic(durable=True):
        user = _require_current(token)
        mark_verified(user)
    user_verified.send_robust(sender=type(user), user=user)
    return user


def check_activation(*, token: str) -> tokens.Target:
    """Return the address that `verify_account` would verify; change nothing. Raises AccountError as it does."""
    with transaction.atomic(durable=True):
        return tokens.Target(str(_require_current(token).email), "")


def mark_verified(user: Any) -> bool:
    """Mark the locked `user` as verified; return whether that is new.

    Until now anybody could have registered the address. So what was done under it before its owner showed up does not
    stay: sessions end, and a link to a pending secondary address, made for an unverified account, is void.
    """
    status = UserStatus.of(user)
    if status.verified:
        return False
    status.change(verified=True)
    sessions.end_all(user)
    return True


def resend_activation_email(*, request: HttpRequest, email: str) -> None:
    """Mail an unverified account the link that gets it going; an unknown address is answered the same.

    With PREVENT_ENUMERATION a verified account is answered the same too. Raises AccountError: `invalid` and
    `already_verified` at `email`, `throttled`, `email_fail`.
    """
    email = clean_email(email)
    throttling.charge_mail(request, email)
    discreet = auth_settings.PREVENT_ENUMERATION
    with transaction.atomic(durable=True):
        owner = owner_of(email)
        mail = None
        if owner is not None and owner.is_active:
            if not UserStatus.of(owner).verified:
                mail = queue_activation(owner)
            elif discreet:
                mail = emails.queue(emails.ACCOUNT_EXISTS, owner, to=email)
            else:
                raise AccountError.of(Refusal.ALREADY_VERIFIED, "email")
    if mail is not None:
        mail.deliver(quiet=discreet)


def queue_activation(user: Any) -> emails.QueuedMail:
    """Queue what gets an unverified account going: its activation, or its first password where it has none."""
    kind = emails.ACTIVATION_RESEND if user.has_usable_password() else emails.PASSWORD_SET
    return emails.queue(kind, user, to=user.email)


def _require_current(token: str) -> Any:
    reading = tokens.read(tokens.ACTIVATION, token)
    if UserStatus.of(reading.user).verified:
        raise AccountError.of(Refusal.ALREADY_VERIFIED)
    reading.require_current()
    return reading.user


def _queue_first_mail(user: Any) -> emails.QueuedMail | None:
    if user.has_usable_password():
        return emails.queue(emails.ACTIVATION, user, to=user.email) if auth_settings.SEND_ACTIVATION_EMAIL else None
    # Setting the password verifies the address, so one mail does for both.
    wanted = auth_settings.SEND_ACTIVATION_EMAIL or auth_settings.SEND_PASSWORD_SET_EMAIL
    return emails.queue(emails.PASSWORD_SET, user, to=user.email) if wanted else None
