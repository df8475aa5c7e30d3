"""From no account to a verified one."""

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.signals import user_logged_in
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from graphql_auth import hashers, sessions, throttling, tokens
from graphql_auth.addresses import lock_address, normalize_email, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.forms import clean_email, registration_form, require_valid
from graphql_auth.mails import queue, recipients
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

    With PREVENT_ENUMERATION a taken address is answered like a free one, neither with tokens, and its owner gets a
    mail: with a link to choose a password where the address was never verified, because somebody else may have
    registered it, and with a way back to a closed account. Raises AccountError: whatever the form finds, `unique` for
    a taken address, `throttled`, `email_fail`.
    """
    passwordless = auth_settings.ALLOW_PASSWORDLESS_REGISTRATION and not (password1 or password2)
    with nullcontext() if passwordless else hashers.place():
        mail_address = ("mail_address", normalize_email(fields.get("email") or ""))
        throttling.charge_all(("register_client", throttling.client_of(request)), require=[mail_address])
        form = registration_form({**fields, "password1": password1, "password2": password2}, passwordless=passwordless)
        require_valid(form)
        user, email = form.instance, form.instance.email
        throttling.charge_all(mail_address)
        # Hashed before anything is looked up or locked: it takes long, and as long for a taken address.
        user.password = make_password(None if passwordless else form.cleaned_data["password1"])
    discreet = auth_settings.PREVENT_ENUMERATION
    opened = mail = None
    logs_in = not (passwordless or discreet) and sessions.may_log_in(user)
    if logs_in:
        user.last_login = timezone.now()
    try:
        with transaction.atomic(durable=True):
            lock_address(email)
            is_taken = owner_of(email) is not None
            if is_taken and not discreet:
                raise AccountError.of(Refusal.EMAIL_TAKEN, "email")
            if is_taken:
                _save_and_take_back(user)
            else:
                with transaction.atomic() if discreet else nullcontext():
                    user.save()
            if discreet or recipients.first_mail(user) is not None:
                mail = queue.add_request(recipients.Request.REGISTRATION, email, registered=user)
            if logs_in:
                opened = sessions.start(user)
                user_logged_in.send(sender=type(user), request=request, user=user, noted=True)
    except IntegrityError:
        # Somebody took the name between the form's look and this write: now the form finds it.
        require_valid(registration_form(fields, passwordless=True))
        if not discreet:
            raise AccountError.of(Refusal.EMAIL_TAKEN, "email") from None
        is_taken = True
        with transaction.atomic(durable=True):
            mail = queue.add_request(recipients.Request.REGISTRATION, email, registered=user)
    if not is_taken:
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


def disown_account(*, token: str) -> None:
    """Make void what whoever registered the address of the token could do: password, sessions and links.

    For the owner of the address, who did not register it. Nothing is deleted: the account stays unverified, and a
    mailed link leads its owner to a password of their own. Raises AccountError: `invalid_token`, `expired_token`,
    `already_verified`.
    """
    with transaction.atomic(durable=True):
        user = _require_current(token)
        user.password = make_password(None)
        user.save(update_fields=["password"])
        sessions.end_all(user)


def check_activation(*, token: str) -> tokens.Target:
    """Return the account that `verify_account` would verify; change nothing. Raises AccountError as it does."""
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

    With PREVENT_ENUMERATION every other account is answered the same too. Raises AccountError: `invalid` and
    `already_verified` at `email`, `throttled`, `email_fail`.
    """
    email = clean_email(email)
    throttling.charge_mail(request, email)
    discreet = auth_settings.PREVENT_ENUMERATION
    with transaction.atomic(durable=True):
        owner = None if discreet else owner_of(email)
        if owner is not None and owner.is_active and UserStatus.of(owner).verified:
            raise AccountError.of(Refusal.ALREADY_VERIFIED, "email")
        mail = queue.add_request(recipients.Request.ACTIVATION, email)
    mail.deliver(quiet=discreet)


def _require_current(token: str) -> Any:
    reading = tokens.read(tokens.ACTIVATION, token)
    if UserStatus.of(reading.user).verified:
        raise AccountError.of(Refusal.ALREADY_VERIFIED)
    reading.require_current()
    return reading.user


def _save_and_take_back(user: Any) -> None:
    """Send the statements that save a new account with the fields of `user`, and take them back.

    For a taken address, so that it takes as long as a free one. No signal is sent, because nobody registered.
    """
    user.email = f"{uuid4().hex}@example.invalid"
    savepoint = transaction.savepoint()
    # Of a model of one's own, whose rows need more than fields, none may be saved: then the time tells a little more.
    with suppress(IntegrityError, ValueError):
        get_user_model()._base_manager.bulk_create([user])
        UserStatus.objects.bulk_create([UserStatus(user=user)])
    transaction.savepoint_rollback(savepoint)
    transaction.set_rollback(False)
