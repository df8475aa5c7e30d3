"""Renders the subject, text and HTML body of a mail in the active language."""

import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from css_inline import CSSInliner
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.timesince import timeuntil

from graphql_auth import tokens
from graphql_auth.addresses import mask
from graphql_auth.conf import auth_settings
from graphql_auth.mails import palette
from graphql_auth.mails.kind import Kind
from graphql_auth.user import User

# Mail clients need inline styles. Media queries cannot be inlined and stay in the head.
STYLES = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def render(kind: Kind, user: User, to: str, happened_at: datetime | None = None) -> EmailMultiAlternatives:
    """Return the mail of `kind` for `user`, in the active language, with a new token in its link.

    `happened_at`: the time of the event that the mail reports; now if None.
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
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: suppresses automatic replies
    )
    mail.attach_alternative(STYLES.inline(html) if "<style" in html else html, "text/html")
    return mail


def _context(kind: Kind, user: User, to: str) -> dict[str, Any]:
    # Not from the Host header, which the client controls.
    frontend = urlsplit(settings.FRONTEND_URL)
    # A mail to any other address than the primary one says which account its link belongs to.
    elsewhere = kind.claims or to != user.email
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
        **palette.colors(),
        **auth_settings.EMAIL_TEMPLATE_VARIABLES,
    }


def _text_of(html: str) -> str:
    body = re.sub("<head>.*</head>|<style.*?</style>", "", html, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n\n", unescape(strip_tags(body)).strip()) + "\n"


def _one_line(text: str) -> str:
    """Return `text` without control characters and `=?`, so that it fits into a header.

    Mail clients decode the text after `=?` (RFC 2047).
    """
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split()).replace("=?", "= ?")


def _time_in_words(time: datetime) -> str:
    if timezone.is_naive(time):  # USE_TZ is off: the project has one time zone.
        return date_format(time, "DATETIME_FORMAT")
    local = timezone.localtime(time)
    return f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"


def _in_words(time: timedelta) -> str:
    now = timezone.now()
    return timeuntil(now + time, now).replace("\xa0", " ")
