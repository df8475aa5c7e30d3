"""Changing, archiving and deleting an account."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows.credentials import confirm_password, lock_confirmed, lock_open, require_verified
from graphql_auth.forms import require_valid, update_form
from graphql_auth.models import UserStatus, save_changes
from graphql_auth.transactions import atomic


def update_account(*, user: Any, changes: Mapping[str, Any]) -> Any:
    """Save the fields in `changes` and return the user; one that is not named stays as it is.

    Raises AccountError: `unauthenticated`, `not_verified`, or what is wrong with a value at its field: None for a
    column that is never null, too, and what the model sets back.
    """
    require_verified(user)
    try:
        with atomic():
            locked = require_verified(lock_open(user))
            form = update_form(locked, changes)
            require_valid(form)
            form.save_account()
    except IntegrityError as error:
        # Another account took a unique value after the form was validated: the form now reports this.
        require_valid(update_form(locked, changes))
        form.report(error)
        raise
    return locked


def archive_account(*, request: HttpRequest, user: Any, password: str) -> Any:
    """Archive the account, end its sessions and return its user. The next login restores it.

    Raises AccountError: `unauthenticated`, `not_verified`, `invalid_password`, `throttled`.
    """
    confirmed = confirm_password(request=request, user=require_verified(user), password=password)
    with atomic():
        locked = lock_confirmed(confirmed)
        archive(locked)
    return locked


def archive(user: Any) -> bool:
    """Archive the locked `user` and end their sessions; return whether this changed anything."""
    status = UserStatus.of(user)
    if status.archived:
        return False
    status.change(archived=True)
    sessions.end_all(user)
    return True


def delete_account(*, request: HttpRequest, user: Any, password: str) -> None:
    """Delete the account if ALLOW_DELETE_ACCOUNT is on, otherwise close it. End its sessions.

    A closed account is inactive. With PREVENT_ENUMERATION, any request for a mail to its address sends its owner a link
    that reopens it.

    Raises AccountError: `unauthenticated`, `not_verified`, `invalid_password`, `throttled`, or `protected` if rows of
    the project must not lose the account: nothing is deleted then.
    """
    confirmed = confirm_password(request=request, user=require_verified(user), password=password)
    if auth_settings.ALLOW_DELETE_ACCOUNT:
        try:
            with atomic():
                lock_confirmed(confirmed).delete()
        except IntegrityError:
            # Of PROTECT and RESTRICT, or of the database, which may check DO_NOTHING at the commit.
            raise AccountError.of(Refusal.PROTECTED) from None
        return
    with atomic():
        locked = lock_confirmed(confirmed)
        locked.is_active = False
        save_changes(locked, "is_active")  # ends the sessions too, see receivers.py
        UserStatus.of(locked).change(closed_at=timezone.now())
