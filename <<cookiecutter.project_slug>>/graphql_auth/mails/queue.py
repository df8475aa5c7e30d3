"""Queues mails in a transaction, and sends them after it, at once or from a worker."""

import logging
import smtplib
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import close_old_connections, connection
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult

from endpoint.reports import forget_locals
from graphql_auth import sealing, tokens
from graphql_auth.addresses import normalize_email
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.mails.kind import Kind
from graphql_auth.mails.kinds import EMAIL_CHANGED, KINDS
from graphql_auth.mails.recipients import Request, find_owner, find_user, registration_state
from graphql_auth.mails.rendering import render
from graphql_auth.models import UserStatus
from graphql_auth.signals import mail_sent
from graphql_auth.transactions import after_commit

try:
    from django.tasks import TaskResultStatus, task, task_backends
    from django.tasks.backends.immediate import ImmediateBackend
except ImportError:  # Django 5.2
    from django_tasks import TaskResultStatus, task, task_backends  # type: ignore[assignment, no-redef]
    from django_tasks.backends.immediate import ImmediateBackend  # type: ignore[assignment]

logger = logging.getLogger(__name__)


class Rejected(smtplib.SMTPException):
    """The mail server rejected a recipient or a mail for good (RFC 5321, 4.2.1: a code 5yz)."""


def add(kind: Kind, user: Any, *, to: str, quiet: bool = False) -> None:
    """Queue a mail of `kind` for `user` to the stored or pending address `to`.

    Call this in the transaction that causes the mail. It is sent after the outermost commit, unless a worker sends it.
    If that fails, `transactions.atomic` raises AccountError `email_fail`. With `quiet`, a failure is only logged, so
    that the response is the same whether or not there was a mail.
    """
    # The state that the token is valid for, or the time of the event that the mail reports.
    state = tokens.fingerprint(kind.purpose, user) if kind.purpose else timezone.now().isoformat()
    _add(kind.name, str(user.pk), to, state, quiet=quiet)


def add_request(request: Request, to: str, *, registered: Any = None, quiet: bool = False) -> None:
    """Queue the mail that `request` causes to the owner of the normalised address `to`, if there is one.

    Does the same work whether or not an account has the address. `registered`: the account that a registration created,
    or would have created if the address had been free. Called like `add`.
    """
    state = registration_state(registered) if registered is not None else ""
    _add(request.value, sealing.digests(to)[0], to, state, quiet=quiet)


def add_security_mail(kind: Kind, user: Any, *, to: str | None = None) -> None:
    """Queue a mail that notifies `user` of a security event, like `add`, unless SECURITY_MAILS is off.

    It goes to the primary address unless `to` is given. An unverified account gets none, because its address may belong
    to somebody else. A failure of the mail server is only logged.
    """
    if auth_settings.SECURITY_MAILS and UserStatus.of(user).verified:
        add(kind, user, to=to or getattr(user, user.EMAIL_FIELD), quiet=True)


def add_address_mails(user: Any, *, former: str) -> None:
    """Queue mails about the change to the former and the new primary address, like `add_security_mail`."""
    for to in (former, getattr(user, user.EMAIL_FIELD)):
        add_security_mail(EMAIL_CHANGED, user, to=to)


def forget_user(user: Any) -> None:
    """Delete all queued and finished mails to `user`."""
    _forget([str(user.pk), *sealing.digests(normalize_email(user.email))])


def forget_address(email: str) -> None:
    """Delete the mails that somebody requested for the address `email`."""
    _forget(sealing.digests(normalize_email(email)))


def _forget(recipients: list[str]) -> None:
    mails = DBTaskResult.objects.filter(task_path=send_mail.module_path, args_kwargs__args__1__in=recipients)
    # A running mail's row stays, because its worker will write the result to it.
    mails.running().update(args_kwargs={"args": [], "kwargs": {}})
    mails.delete()


@task
def send_mail(name: str, recipient: str, sealed: str, language: str, state: str, failures: int = 0) -> None:
    """Render and send one mail, unless it no longer has a recipient.

    `name` is the name of a kind or the value of a Request; `recipient` is the primary key of a user or, for a Request,
    a digest of the address. When the mail server fails, a worker tries again after each of EMAIL_RETRY_DELAYS;
    `failures` counts the failed attempts. After the last one, or if the server rejects the mail for good, the task has
    failed; the admin can queue it again.
    """
    address = sealing.unseal(sealed)
    if name in KINDS:
        found = find_user(KINDS[name], recipient, address, state)
    else:
        found = find_owner(Request(name), address, state)
    if found is None:
        return
    try:
        with translation.override(language):
            mail = render(found.kind, found.user, found.to, found.happened_at)
            _send(mail)
    except Exception as error:
        forget_locals(error)
        logger.exception("A mail of the kind %s to the user %s was not sent.", found.kind.name, found.user.pk)
        delays = auth_settings.EMAIL_RETRY_DELAYS
        temporary = isinstance(error, smtplib.SMTPException | OSError) and not isinstance(error, Rejected)
        if not temporary or sends_at_once() or failures >= len(delays):
            raise
        again = send_mail.using(run_after=timezone.now() + delays[failures])
        again.enqueue(name, recipient, sealed, language, state, failures + 1)
    else:
        mail_sent.send_robust(sender=type(mail), mail=mail)


def _send(mail: EmailMultiAlternatives) -> None:
    """Send `mail`. An SMTPException is raised without the server's message, which contains the address.

    Raises Rejected if another attempt is useless. A code 5yz for anything but the recipient and the mail, such as for
    the password, is about the configuration, which may be corrected in time.
    """
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        kind = Rejected if all(map(_is_permanent, codes)) else smtplib.SMTPException
        raise kind(f"The mail server refused the recipient: {', '.join(map(str, codes))}") from None
    except smtplib.SMTPResponseException as error:
        is_about_mail = isinstance(error, smtplib.SMTPDataError)
        kind = Rejected if is_about_mail and _is_permanent(error.smtp_code) else smtplib.SMTPException
        raise kind(f"The mail server answered {error.smtp_code}.") from None
    finally:
        # The mail server may have taken long: the next statement checks the connection first. In a transaction, this
        # would close it.
        if not connection.in_atomic_block:
            close_old_connections()


def _is_permanent(code: int) -> bool:
    return 500 <= code < 600


def sends_at_once() -> bool:
    """Return whether mails are sent in the process that causes them instead of by a worker."""
    return isinstance(task_backends[send_mail.backend], ImmediateBackend)


def _add(name: str, recipient: str, to: str, state: str, *, quiet: bool) -> None:
    language = translation.get_language() or settings.LANGUAGE_CODE
    arguments = (name, recipient, sealing.seal(to), language, state)
    if sends_at_once():
        after_commit(partial(_send_at_once, arguments, quiet=quiet))
    else:
        send_mail.enqueue(*arguments)


def _send_at_once(arguments: tuple[str, str, str, str, str], *, quiet: bool) -> None:
    result = send_mail.enqueue(*arguments)
    if result.status != TaskResultStatus.SUCCESSFUL and not quiet:
        raise AccountError.of(Refusal.EMAIL_FAIL)
