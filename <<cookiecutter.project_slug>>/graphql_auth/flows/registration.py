"""Registering and verifying an account."""

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from graphql_auth import hashers, sessions, throttling, tokens
from graphql_auth.addresses import lock_address, normalize_email, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.constraints import violation
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows import opening
from graphql_auth.forms import AccountForm, clean_email, registration_form, require_valid
from graphql_auth.mails import queue, recipients
from graphql_auth.models import UserStatus, save_changes
from graphql_auth.signals import user_registered, user_verified
from graphql_auth.transactions import announce, atomic


@dataclass(frozen=True)
class Registration:
    """The new account, and its tokens, or the step that comes before them; None if it is not logged in.

    With PREVENT_ENUMERATION, `user` is None if the address is taken. Do not reveal the difference to the client.
    """

    user: Any
    tokens: sessions.Tokens | opening.NextStep | None


def register(
    *, request: HttpRequest, fields: Mapping[str, Any], password1: str | None, password2: str | None
) -> Registration:
    """Create an account, mail its activation link and, if it may log in before it is verified, open a session.

    With PREVENT_ENUMERATION, the response is the same for taken and free addresses, without tokens, and the owner of a
    taken address gets a mail. If the account is unverified, somebody else may have registered it, so the mail has a
    link to choose a new password; if it is closed, a link to reopen it. Raises AccountError: the errors of the form,
    also for a value that the model rejects or resets, `unique` for a taken address, `throttled`, `email_fail`.
    """
    passwordless = auth_settings.ALLOW_PASSWORDLESS_REGISTRATION and not (password1 or password2)
    with nullcontext() if passwordless else hashers.place():
        mail_address = ("mail_address", normalize_email(fields.get("email") or ""))
        throttling.charge_all(("register_client", throttling.client_of(request)), require=[mail_address])
        typed = {"password1": password1, "password2": password2}
        chosen = {name: hashers.normalize_password(password or "") for name, password in typed.items()}
        form = registration_form({**fields, **chosen}, passwordless=passwordless)
        form.require_kept()
        user, email = form.instance, form.instance.email
        throttling.charge_all(mail_address)
        # Hashing takes long: do it before any lookup or lock, and also for a taken address.
        user.password = make_password(None if passwordless else form.cleaned_data["password1"])
    discreet = auth_settings.PREVENT_ENUMERATION
    opened: sessions.Tokens | opening.NextStep | None = None
    logs_in = not (passwordless or discreet) and sessions.may_log_in(user)
    if logs_in:
        user.last_login = timezone.now()
    try:
        with atomic():
            lock_address(email)
            is_taken = owner_of(email) is not None
            if is_taken and not discreet:
                raise AccountError.of(Refusal.EMAIL_TAKEN, "email")
            if is_taken:
                _save_and_roll_back(form)
            else:
                with transaction.atomic() if discreet else nullcontext():
                    form.save_account()
                announce(user_registered, user)
            if discreet or recipients.first_mail(user) is not None:
                queue.add_request(recipients.Request.REGISTRATION, email, registered=user, quiet=discreet)
            if logs_in:
                opened = opening.log_in_new(request=request, user=user)
    except IntegrityError as error:
        # Another account took a unique value after the form was validated: the form now reports this.
        require_valid(registration_form(fields, passwordless=True))
        broken = violation(error, user)
        if broken is None or "email" not in broken.fields:
            form.report(error)
            raise
        if not discreet:
            raise AccountError.of(Refusal.EMAIL_TAKEN, "email") from None
        is_taken = True
        with atomic():
            queue.add_request(recipients.Request.REGISTRATION, email, registered=user, quiet=True)
    return Registration(None if is_taken else user, opened)


def verify_account(*, token: str) -> Any:
    """Verify the account that the token was mailed to and return the user.

    Raises AccountError: `invalid_token`, `expired_token`, `already_verified`.
    """
    with atomic():
        user = _require_current(token, hold=True)
        mark_verified(user)
        announce(user_verified, user)
    return user


def disown_account(*, token: str) -> None:
    """Invalidate the password, sessions and links of an account that somebody else registered.

    For the owner of the address that the token was mailed to. Nothing is deleted: the account stays unverified, and a
    mailed link lets its owner choose a password. Raises AccountError: `invalid_token`, `expired_token`,
    `already_verified`.
    """
    with atomic():
        user = _require_current(token, hold=True)
        user.password = make_password(None)
        save_changes(user, "password")
        sessions.end_all(user)


def check_activation(*, token: str) -> tokens.Target:
    """Return the account that `verify_account` would verify, without changing anything. Raises the same errors."""
    return tokens.Target(str(_require_current(token, hold=False).email), "")


def mark_verified(user: Any) -> bool:
    """Mark the locked `user` as verified; return whether this changed anything.

    Anybody could have registered the address, so all sessions and links from before the verification are invalidated,
    including those to addresses that are not confirmed yet.
    """
    status = UserStatus.of(user)
    if status.verified:
        return False
    status.change(verified=True)
    sessions.end_all(user)
    return True


def resend_activation_email(*, request: HttpRequest, email: str) -> None:
    """Mail an unverified account its activation link. An unknown address causes no error.

    With PREVENT_ENUMERATION, neither does any other account. Raises AccountError: `invalid` and
    `already_verified` at `email`, `throttled`, `email_fail`.
    """
    email = clean_email(email)
    throttling.charge_mail(request, email)
    discreet = auth_settings.PREVENT_ENUMERATION
    with atomic():
        owner = None if discreet else owner_of(email)
        if owner is not None and owner.is_active and UserStatus.of(owner).verified:
            raise AccountError.of(Refusal.ALREADY_VERIFIED, "email")
        queue.add_request(recipients.Request.ACTIVATION, email, quiet=discreet)


def _require_current(token: str, *, hold: bool) -> Any:
    signed = tokens.read(tokens.ACTIVATION, token, hold=hold)
    if UserStatus.of(signed.user).verified:
        raise AccountError.of(Refusal.ALREADY_VERIFIED)
    signed.require_current()
    return signed.user


def _save_and_roll_back(form: AccountForm) -> None:
    """Save the new account of `form` with another address and roll this back.

    Makes a request for a taken address take as long as one for a free address. Sends no signals, unless the user model
    has its own `save()`: this may reject a value, which must not depend on the address. Raises the same AccountError.
    """
    user = form.instance
    local_part, _at, domain = user.email.rpartition("@")
    user.email = f"{uuid4().hex[: len(local_part)]}@{domain}"
    savepoint = transaction.savepoint()
    # A custom user model may not be savable like this; response times then differ slightly.
    with suppress(IntegrityError, ValueError):
        if type(user).save is not AbstractBaseUser.save:
            form.save_account()
        else:
            get_user_model()._base_manager.bulk_create([user])
            UserStatus.objects.bulk_create([UserStatus(user=user)])
    transaction.savepoint_rollback(savepoint)
    transaction.set_rollback(False)
