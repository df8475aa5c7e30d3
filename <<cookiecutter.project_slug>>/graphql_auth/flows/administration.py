"""What staff can do with accounts. Each flow raises AccountError when there is nothing to do."""

from graphql_auth import sessions, throttling
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows.account import archive
from graphql_auth.flows.registration import mark_verified
from graphql_auth.mails import queue, recipients
from graphql_auth.models import Session, UserStatus, lock_user
from graphql_auth.signals import user_verified
from graphql_auth.transactions import announce, atomic
from graphql_auth.user import User


def verify_user(*, user: User) -> None:
    """Verify the account without a mail. Raises AccountError: `already_verified`, `inactive` if it no longer exists."""
    with atomic():
        if not mark_verified(_lock(user)):
            raise AccountError.of(Refusal.ALREADY_VERIFIED)
        announce(user_verified, user)


def archive_user(*, user: User) -> None:
    """Archive the account and end its sessions. Raises AccountError: `already_archived`, `inactive` if it is gone."""
    with atomic():
        if not archive(_lock(user)):
            raise AccountError.of(Refusal.ALREADY_ARCHIVED)


def end_sessions_of_user(*, user: User) -> None:
    """Log the account out everywhere. Raises AccountError: `not_logged_in`, `inactive` if it no longer exists."""
    with atomic():
        locked = _lock(user)
        if not Session.objects.filter(user=locked, ended_at=None).exists():
            raise AccountError.of(Refusal.NOT_LOGGED_IN)
        sessions.end_all(locked)


def resend_activation(*, user: User) -> None:
    """Mail an unverified account the link that activates it.

    Raises AccountError: `already_verified`, `inactive`, `throttled`, `email_fail`.
    """
    with atomic():
        locked = _lock(user)
        if not locked.is_active:
            raise AccountError.of(Refusal.INACTIVE)
        if UserStatus.of(locked).verified:
            raise AccountError.of(Refusal.ALREADY_VERIFIED)
        throttling.charge("mail_address", locked.email)
        queue.add_request(recipients.Request.ACTIVATION, locked.email)


def _lock(user: User) -> User:
    locked = lock_user(user.pk)
    if locked is None:
        raise AccountError.of(Refusal.INACTIVE)
    return locked
