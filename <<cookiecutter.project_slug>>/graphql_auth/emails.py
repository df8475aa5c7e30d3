"""Mail: the only place that renders and sends it.

A mail is handed to Django's tasks in the transaction that causes it, as kind, recipient and language; the address in it
is encrypted. Its token is made and its text rendered when it is sent. The immediate backend, which is the default,
sends it right after the transaction; a backend with a worker of its own sends it from there.

Whoever asks for a mail by an address alone does not cause it to be looked up: `queue_request` writes the same row for
every address. Who has the address, and which mail they get, is found out when the mail is sent.
"""

import logging
import re
import smtplib
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
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
from django.utils.html import strip_tags
from django.utils.timesince import timeuntil
from django_tasks_db.models import DBTaskResult

from graphql_auth import sealing, tokens
from graphql_auth.addresses import normalize_email, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.models import UserStatus, is_shown
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
    """One kind of mail: the settings that name its templates and path, and the purpose of the token in its link."""

    name: str
    purpose: tokens.Purpose | None = None
    path_setting: str = ""

    @property
    def subject_template(self) -> str:
        """The template of the subject."""
        return str(getattr(auth_settings, f"EMAIL_SUBJECT_{self.name.upper()}"))

    @property
    def html_template(self) -> str:
        """The template of the HTML body."""
        return str(getattr(auth_settings, f"EMAIL_TEMPLATE_{self.name.upper()}"))

    @property
    def verifies(self) -> bool:
        """Whether the link verifies the primary address of the account, and so may go to that one alone."""
        return self.purpose in (tokens.ACTIVATION, tokens.PASSWORD_SET, tokens.PASSWORD_RESET)

    @property
    def path(self) -> str:
        """The path of the link, before the token."""
        return str(getattr(auth_settings, self.path_setting)) if self.path_setting else ""


ACTIVATION = Kind("activation", tokens.ACTIVATION, "ACTIVATION_PATH_ON_EMAIL")
ACTIVATION_RESEND = Kind("activation_resend", tokens.ACTIVATION, "ACTIVATION_PATH_ON_EMAIL")
SECONDARY_EMAIL_ACTIVATION = Kind(
    "secondary_email_activation", tokens.SECONDARY_EMAIL, "ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL"
)
PASSWORD_SET = Kind("password_set", tokens.PASSWORD_SET, "PASSWORD_SET_PATH_ON_EMAIL")
PASSWORD_RESET = Kind("password_reset", tokens.PASSWORD_RESET, "PASSWORD_RESET_PATH_ON_EMAIL")
ACCOUNT_EXISTS = Kind("account_exists")
# To an address that was registered and never verified, by whomever; and to that of an account that its owner closed.
ACCOUNT_UNVERIFIED_EXISTS = Kind("account_unverified_exists", tokens.PASSWORD_RESET, "PASSWORD_RESET_PATH_ON_EMAIL")
ACCOUNT_CLOSED_EXISTS = Kind("account_closed_exists", tokens.PASSWORD_RESET, "PASSWORD_RESET_PATH_ON_EMAIL")

KINDS = {
    kind.name: kind
    for kind in (
        ACTIVATION,
        ACTIVATION_RESEND,
        SECONDARY_EMAIL_ACTIVATION,
        PASSWORD_SET,
        PASSWORD_RESET,
        ACCOUNT_EXISTS,
        ACCOUNT_UNVERIFIED_EXISTS,
        ACCOUNT_CLOSED_EXISTS,
    )
}


class Request(Enum):
    """What somebody can ask for by an address alone. Which mail that makes depends on who has the address."""

    REGISTRATION = "registration_request"
    ACTIVATION = "activation_request"
    PASSWORD_RESET = "password_reset_request"


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
    state = tokens.fingerprint(kind.purpose, user) if kind.purpose else ""
    return _queue(kind.name, str(user.pk), to, state)


def queue_request(request: Request, to: str, *, registered: Any = None) -> QueuedMail:
    """Queue what the owner of the normalised address `to` is to be mailed because of `request`, if anybody has it.

    Does the same work whoever has the address. `registered`: the account that a registration made, or would have made
    if the address had been free. Called as `queue`.
    """
    state = _new_account(registered)[0] if registered is not None else ""
    return _queue(request.value, sealing.digests(to)[0], to, state)


def forget(user: Any) -> None:
    """Delete the mails that wait in the database for `user`, who is about to be deleted."""
    addresses = filter(None, (user.email, UserStatus.of(user).secondary_email))
    recipients = [str(user.pk), *(key for address in addresses for key in sealing.digests(normalize_email(address)))]
    DBTaskResult.objects.filter(task_path=send_mail.module_path, args_kwargs__args__1__in=recipients).delete()


def _queue(name: str, recipient: str, to: str, state: str) -> QueuedMail:
    language = translation.get_language() or settings.LANGUAGE_CODE
    mail = QueuedMail((name, recipient, sealing.seal(to), language, state))
    if not sends_at_once():
        send_mail.enqueue(*mail.arguments)
    return mail


@task
def send_mail(name: str, recipient: str, sealed: str, language: str, state: str, failures: int = 0) -> None:
    """Render and send one mail, unless there is nobody to send it to: its token is new, and what asked for it is not.

    `name` is that of a kind or the value of a Request; `recipient` the key of a user or, for a Request, a digest of the
    address. When the mail server fails, a worker tries again after each of EMAIL_RETRY_DELAYS; `failures` counts the
    tries so far. After the last one the task has failed, which the admin shows and can undo.
    """
    address = sealing.unseal(sealed)
    if name in KINDS:
        addressee = _find_user(KINDS[name], recipient, address, state)
    else:
        addressee = _find_owner(Request(name), address, state)
    if addressee is None:
        return
    kind, user, to = addressee
    try:
        with translation.override(language):
            mail = render(kind, user, to)
            _send(mail)
    except Exception as error:
        logger.exception("A mail of the kind %s to the user %s was not sent.", kind.name, user.pk)
        delays = auth_settings.EMAIL_RETRY_DELAYS
        temporary = isinstance(error, smtplib.SMTPException | OSError)
        if not temporary or sends_at_once() or failures >= len(delays):
            raise
        again = send_mail.using(run_after=timezone.now() + delays[failures])
        again.enqueue(name, recipient, sealed, language, state, failures + 1)
    else:
        mail_sent.send_robust(sender=type(mail), mail=mail)


def _send(mail: EmailMultiAlternatives) -> None:
    """Send `mail`. Raises an SMTPException without the server's words, which name the address, or what else failed."""
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = ", ".join(str(code) for code, _ in error.recipients.values())
        raise smtplib.SMTPException(f"The mail server refused the recipient: {codes}") from None
    except smtplib.SMTPResponseException as error:
        raise smtplib.SMTPException(f"The mail server answered {error.smtp_code}.") from None


Addressee = tuple[Kind, Any, str]  # what is mailed to whom, and the address as it is stored


def _find_user(kind: Kind, pk: str, to: str, state: str) -> Addressee | None:
    """Return who gets a mail of `kind`; None when the account changed, or gave the address up, since it was queued."""
    user = get_user_model()._default_manager.select_related("status").filter(pk=pk, is_active=True).first()
    if user is None or not (kind.purpose is None or tokens.is_current(state, kind.purpose, user)):
        return None
    if kind is SECONDARY_EMAIL_ACTIVATION and auth_settings.PREVENT_ENUMERATION:
        owner = owner_of(to)
        if owner is not None:
            return _addressee(_kind_for_taken(owner), owner, to)
    return _addressee(kind, user, to)


def _find_owner(request: Request, to: str, state: str) -> Addressee | None:
    """Return who gets what because of `request`; None when nobody has the address, or its owner gets no such mail."""
    owner = owner_of(to)
    return None if owner is None else _addressee(_kind_for(request, owner, state), owner, to)


def _kind_for(request: Request, owner: Any, state: str) -> Kind | None:
    """Return the mail that the owner of an address gets because of `request`; None when it gets none.

    With PREVENT_ENUMERATION, who reads the mailbox of an account that was never verified is led to a password of their
    own, because somebody else may have registered it. Without it, whoever asks is told by the answer instead.
    """
    verified = UserStatus.of(owner).verified
    if owner.is_active:
        if request is Request.REGISTRATION and state in _new_account(owner):
            return None if verified else first_mail(owner)
        if request is Request.PASSWORD_RESET and (verified or auth_settings.PREVENT_ENUMERATION):
            return PASSWORD_RESET
        if request is not Request.REGISTRATION and not verified:
            return ACTIVATION_RESEND if owner.has_usable_password() else PASSWORD_SET
    return _kind_for_taken(owner)


def _kind_for_taken(owner: Any) -> Kind | None:
    """Return the mail that tells the owner of an address that somebody tried to use it, and what they can do."""
    status = UserStatus.of(owner)
    if not auth_settings.PREVENT_ENUMERATION:
        return None
    if not owner.is_active:
        return ACCOUNT_CLOSED_EXISTS if status.is_closed else None
    return ACCOUNT_EXISTS if status.verified else ACCOUNT_UNVERIFIED_EXISTS


def _new_account(user: Any) -> list[str]:
    """Return what stands for a new account in the mail that its registration queues, under each key."""
    return sealing.digests(f"account {user.pk}")


def first_mail(user: Any) -> Kind | None:
    """Return what the settings have a new account mailed."""
    if user.has_usable_password():
        return ACTIVATION if auth_settings.SEND_ACTIVATION_EMAIL else None
    # Setting the password verifies the address, so one mail does for both.
    return PASSWORD_SET if auth_settings.SEND_ACTIVATION_EMAIL or auth_settings.SEND_PASSWORD_SET_EMAIL else None


def _addressee(kind: Kind | None, user: Any, to: str) -> Addressee | None:
    """Return a mail of `kind` to `user`; None when there is no mail, or nobody to read it at `to`."""
    if kind is None or not is_shown(user):
        return None
    address = _current_address(kind, user, to)
    return None if address is None else (kind, user, address)


def _current_address(kind: Kind, user: Any, to: str) -> str | None:
    """Return `to` as it is stored; None when the account gave it up since the mail was asked for."""
    if kind is SECONDARY_EMAIL_ACTIVATION:
        return to
    status = UserStatus.of(user)
    if kind.verifies and not status.verified:
        return str(user.email)
    stored = (user.email, status.secondary_email)
    return next((address for address in stored if address and normalize_email(address) == normalize_email(to)), None)


def render(kind: Kind, user: Any, to: str) -> EmailMultiAlternatives:
    """Return the mail of `kind` for `user`, in the active language, with a new token in its link."""
    context = _context(kind, user, to)
    context["subject"] = " ".join(render_to_string(kind.subject_template, context).split())
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


def _context(kind: Kind, user: Any, to: str) -> dict[str, Any]:
    # Links are made from the setting: a Host header is the client's own words.
    frontend = urlsplit(settings.FRONTEND_URL)
    pending = to if kind is SECONDARY_EMAIL_ACTIVATION else None
    token = tokens.make(kind.purpose, user, email=pending) if kind.purpose else ""
    return {
        "user": user,
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


def _in_words(time: timedelta) -> str:
    now = timezone.now()
    return timeuntil(now + time, now).replace("\xa0", " ")


def sends_at_once() -> bool:
    """Return whether a mail is sent in the process that causes it, and not by a worker."""
    return isinstance(task_backends[send_mail.backend], ImmediateBackend)
