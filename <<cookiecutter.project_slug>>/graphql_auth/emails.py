"""Mail: the only place that renders and sends it.

A mail is handed to Django's tasks in the transaction that causes it, as ids, kind and language. Its token is made and
its text rendered when it is sent. The immediate backend, which is the default, sends it right after the transaction;
a backend with a worker of its own sends it from there.
"""

import logging
import re
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from css_inline import CSSInliner
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.timesince import timeuntil
from django_tasks_db.models import DBTaskResult

from endpoint.reports import forget_locals
from graphql_auth import tokens
from graphql_auth.addresses import is_valid, mask, normalize_email
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.models import UserStatus
from graphql_auth.signals import mail_sent

try:
    from django.tasks import TaskResultStatus, task, task_backends
    from django.tasks.backends.immediate import ImmediateBackend
except ImportError:  # Django 5.2
    from django_tasks import TaskResultStatus, task, task_backends  # type: ignore[assignment, no-redef]
    from django_tasks.backends.immediate import ImmediateBackend  # type: ignore[assignment]

logger = logging.getLogger(__name__)

# Mail programs look for styles in the elements. Media queries cannot go there and stay, and nothing is loaded.
STYLES = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Kind:
    """One kind of mail: the settings that name its templates and path, and the purpose of the token in its link.

    `fixed_address`: it is sent to the address it was queued for, also when the account does not have it, or no more.
    """

    name: str
    purpose: tokens.Purpose | None = None
    path_setting: str = ""
    fixed_address: bool = False

    @property
    def subject_template(self) -> str:
        """The template of the subject."""
        return str(getattr(auth_settings, f"EMAIL_SUBJECT_{self.name.upper()}"))

    @property
    def html_template(self) -> str:
        """The template of the HTML body."""
        return str(getattr(auth_settings, f"EMAIL_TEMPLATE_{self.name.upper()}"))

    @property
    def path(self) -> str:
        """The path of the link, before the token."""
        return str(getattr(auth_settings, self.path_setting)) if self.path_setting else ""


ACTIVATION = Kind("activation", tokens.ACTIVATION, "ACTIVATION_PATH_ON_EMAIL")
ACTIVATION_RESEND = Kind("activation_resend", tokens.ACTIVATION, "ACTIVATION_PATH_ON_EMAIL")
SECONDARY_EMAIL_ACTIVATION = Kind(
    "secondary_email_activation", tokens.SECONDARY_EMAIL, "ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL", fixed_address=True
)
PASSWORD_SET = Kind("password_set", tokens.PASSWORD_SET, "PASSWORD_SET_PATH_ON_EMAIL")
PASSWORD_RESET = Kind("password_reset", tokens.PASSWORD_RESET, "PASSWORD_RESET_PATH_ON_EMAIL")
ACCOUNT_EXISTS = Kind("account_exists")
SESSION_REUSED = Kind("session_reused")
EMAIL_CHANGED = Kind("email_changed", fixed_address=True)
SECONDARY_EMAIL_CHANGED = Kind("secondary_email_changed", fixed_address=True)

KINDS = {
    kind.name: kind
    for kind in (
        ACTIVATION,
        ACTIVATION_RESEND,
        SECONDARY_EMAIL_ACTIVATION,
        PASSWORD_SET,
        PASSWORD_RESET,
        ACCOUNT_EXISTS,
        SESSION_REUSED,
        EMAIL_CHANGED,
        SECONDARY_EMAIL_CHANGED,
    )
}


@dataclass(frozen=True)
class QueuedMail:
    """A mail that goes out with the transaction it was queued in."""

    arguments: tuple[str, str, str, str, str]

    def deliver(self, *, quiet: bool = False) -> None:
        """Send it now, after the transaction, unless a worker does.

        Raises AccountError `email_fail` when that fails; what was committed stays. With `quiet` a failure is only
        logged, so that the answer is the same with and without a mail.
        """
        if sends_at_once():
            result = send_mail.enqueue(*self.arguments)
            if result.status != TaskResultStatus.SUCCESSFUL and not quiet:
                raise AccountError.of(Refusal.EMAIL_FAIL)


def queue(kind: Kind, user: Any, *, to: str) -> QueuedMail:
    """Queue a mail of `kind` for `user` to the stored or pending address `to`.

    Called inside the transaction that causes it; `deliver` is called after it.
    """
    language = translation.get_language() or settings.LANGUAGE_CODE
    # What the mail depends on: the state its token is made for, or when that happened of which it tells.
    state = tokens.fingerprint(kind.purpose, user) if kind.purpose else timezone.now().isoformat()
    mail = QueuedMail((kind.name, str(user.pk), to, language, state))
    if not sends_at_once():
        send_mail.enqueue(*mail.arguments)
    return mail


def queue_security_mail(kind: Kind, user: Any, *, to: str | None = None) -> QueuedMail | None:
    """Queue a mail that tells `user` of a change in the security of the account, as `queue`; None where none is sent.

    It goes to the primary address unless `to` is given. An address that was never verified may belong to somebody else,
    who is not told.
    """
    wanted = auth_settings.SECURITY_MAILS and UserStatus.of(user).verified
    return queue(kind, user, to=to or getattr(user, user.EMAIL_FIELD)) if wanted else None


def queue_address_mails(user: Any, *, former: str) -> list[QueuedMail | None]:
    """Queue the mails that tell the former and the new primary address of the change, as `queue_security_mail`."""
    return [queue_security_mail(EMAIL_CHANGED, user, to=to) for to in (former, getattr(user, user.EMAIL_FIELD))]


def deliver(*mails: QueuedMail | None) -> None:
    """Deliver what there is of `mails`, after the transaction; a failure of the mail server is only logged."""
    for mail in mails:
        if mail is not None:
            mail.deliver(quiet=True)


def forget(user_pk: Any) -> None:
    """Delete the mails to a user that wait in the database or were dealt with: each holds an address and the key."""
    mails = DBTaskResult.objects.filter(task_path=send_mail.module_path, args_kwargs__args__1=str(user_pk))
    # A worker notes in its row how the mail went that it is sending.
    mails.running().update(args_kwargs={"args": [], "kwargs": {}})
    mails.delete()


@task
def send_mail(kind: str, user_pk: str, to: str, language: str, state: str, failures: int = 0) -> None:
    """Render and send one mail, unless the account changed since: the token is new, and what asked for it is not.

    When the mail server fails, a worker tries again after each of EMAIL_RETRY_DELAYS; `failures` counts the tries so
    far. After the last one the task has failed, which the admin shows and can undo.
    """
    user = get_user_model()._default_manager.select_related("status").filter(pk=user_pk).first()
    if user is None or not _is_as_it_was(KINDS[kind], user, state):
        return
    address = _current_address(KINDS[kind], user, to)
    if address is None:
        return
    try:
        with translation.override(language):
            happened_at = None if KINDS[kind].purpose else datetime.fromisoformat(state)
            mail = render(KINDS[kind], user, address, happened_at)
            mail.send()
    except Exception as error:
        forget_locals(error)
        logger.exception("A mail of the kind %s to the user %s was not sent.", kind, user_pk)
        delays = auth_settings.EMAIL_RETRY_DELAYS
        temporary = isinstance(error, smtplib.SMTPException | OSError)
        if not temporary or sends_at_once() or failures >= len(delays):
            raise
        again = send_mail.using(run_after=timezone.now() + delays[failures])
        again.enqueue(kind, user_pk, to, language, state, failures + 1)
    else:
        mail_sent.send_robust(sender=type(mail), mail=mail)


def render(kind: Kind, user: Any, to: str, happened_at: datetime | None = None) -> EmailMultiAlternatives:
    """Return the mail of `kind` for `user`, in the active language, with a new token in its link.

    `happened_at`: when that happened of which the mail tells; now when None.
    """
    context = _context(kind, user, to)
    context["happened"] = _time_in_words(happened_at or timezone.now())
    context["subject"] = _one_line(render_to_string(kind.subject_template, context))
    html = render_to_string(kind.html_template, context)
    try:
        text: str = render_to_string(str(PurePosixPath(kind.html_template).with_suffix(".txt")), context)
    except TemplateDoesNotExist:
        text = _text_of(html)
        if context["link"] not in text:
            text += f"\n{context['link']}\n"
    mail = EmailMultiAlternatives(
        context["subject"],
        text,
        auth_settings.EMAIL_FROM or settings.DEFAULT_FROM_EMAIL,
        [to],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: nobody is on holiday to us
    )
    mail.attach_alternative(STYLES.inline(html) if "<style" in html else html, "text/html")
    return mail


def _is_as_it_was(kind: Kind, user: Any, state: str) -> bool:
    if kind in (EMAIL_CHANGED, SECONDARY_EMAIL_CHANGED):
        # The owner is told also when the account was made inactive since.
        return True
    return user.is_active and (kind.purpose is None or tokens.is_current(state, kind.purpose, user))


def _current_address(kind: Kind, user: Any, to: str) -> str | None:
    """Return `to` as it is stored; None when the account gave it up since the mail was asked for.

    Also None for an address that was stored before such were refused: no header can hold it.
    """
    stored = (to,) if kind.fixed_address else (user.email, UserStatus.of(user).secondary_email)
    address = next((one for one in stored if one and normalize_email(one) == normalize_email(to)), None)
    if address is not None and not is_valid(address):
        logger.warning("A mail of the kind %s to the user %s was not sent: the address is invalid.", kind.name, user.pk)
        return None
    return address


def _context(kind: Kind, user: Any, to: str) -> dict[str, Any]:
    # Links are made from the setting: a Host header is the client's own words.
    frontend = urlsplit(settings.FRONTEND_URL)
    # Whoever reads another mailbox than the primary one is told whose account a link is about.
    elsewhere = kind is SECONDARY_EMAIL_ACTIVATION or to != user.email
    token = tokens.make(kind.purpose, user, email=to if elsewhere else None) if kind.purpose else ""
    return {
        "user": user,
        "account": mask(user.email) if elsewhere else "",
        "token": token,
        "link": f"{settings.FRONTEND_URL.rstrip('/')}/{kind.path}/{token}" if token else "",
        "valid_for": _in_words(kind.purpose.max_age) if kind.purpose else "",
        "path": kind.path,
        "protocol": frontend.scheme,
        "domain": frontend.hostname,
        "port": frontend.port,
        "site_name": getattr(settings, "SITE_NAME", frontend.hostname),
        "timestamp": timezone.now(),
        **auth_settings.EMAIL_TEMPLATE_VARIABLES,
    }


def _text_of(html: str) -> str:
    body = re.sub("<head>.*</head>|<style.*?</style>", "", html, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n\n", unescape(strip_tags(body)).strip()) + "\n"


def _one_line(text: str) -> str:
    """Return `text` as a header holds it: without control characters, and without a `=?`.

    Mail programs decode what follows that (RFC 2047), and would show another text.
    """
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split()).replace("=?", "= ?")


def _time_in_words(time: datetime) -> str:
    local = timezone.localtime(time)
    return f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"


def _in_words(time: timedelta) -> str:
    now = timezone.now()
    return timeuntil(now + time, now).replace("\xa0", " ")


def sends_at_once() -> bool:
    """Return whether a mail is sent in the process that causes it, and not by a worker."""
    return isinstance(task_backends[send_mail.backend], ImmediateBackend)
