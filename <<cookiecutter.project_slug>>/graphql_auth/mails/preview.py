"""Previews mails at /dev/mails/: a sample of each kind, and the mails sent since the server started.

For development only: `config/urls.py` imports this module only when DEBUG is on. The pages are in English, like
Django's own pages for developers.
"""

import re
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone, translation
from django.views.decorators.clickjacking import xframe_options_sameorigin

from graphql_auth.mails import kinds, queue, rendering
from graphql_auth.mails.kind import Kind
from graphql_auth.signals import mail_sent

ADDRESS = "ada@example.com"


@dataclass(frozen=True)
class Preview:
    """A mail to preview. `name` is the last part of its URL; `sent_at` is None for a sample."""

    name: str
    message: EmailMultiAlternatives
    sent_at: datetime | None = None

    @property
    def html(self) -> str:
        """The HTML body."""
        return str(self.message.alternatives[0][0])

    @property
    def link(self) -> str:
        """The link of the mail; empty when it has none."""
        found = re.search(r"https?://\S+", str(self.message.body))
        return found[0] if found else ""


# The caption and the CSS classes of each frame; see dev/mails.css.
SCREENS = [
    ("A wide screen, light", "wide light"),
    ("A phone, light", "narrow light"),
    ("A wide screen, dark", "wide dark"),
    ("A phone, dark", "narrow dark"),
]

# The page of a mail has inline styles, may be framed by the preview, and may only open links in new tabs.
PAGE_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}

# Newest first. Lost when the server restarts.
SENT: deque[Preview] = deque(maxlen=50)
NUMBERS = count(1)


@receiver(mail_sent)
def keep(mail: EmailMultiAlternatives, **kwargs: Any) -> None:
    """Remember a mail that was sent."""
    SENT.appendleft(Preview(str(next(NUMBERS)), mail, timezone.now()))


def index(request: HttpRequest) -> HttpResponse:
    """List the sent mails, and a sample of each kind."""
    context = {
        "sent": list(SENT),
        "samples": [_sample(kind) for kind in kinds.KINDS.values()],
        "a_worker_sends": not queue.sends_at_once(),
    }
    return render(request, "dev/mails/index.html", context)


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # django-csp's types do not allow views with arguments
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show the headers and the text of a mail, and its HTML body on wide and narrow screens in light and dark mode."""
    context = {
        "mail": _find(request, name),
        "language": _language(request),
        "languages": settings.LANGUAGES,
        "screens": SCREENS,
    }
    return render(request, "dev/mails/mail.html", context)


@xframe_options_sameorigin
@csp(PAGE_POLICY)  # type: ignore[arg-type]
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Return the HTML body of a mail, with links that open in a new tab."""
    return HttpResponse(_find(request, name).html.replace("<head>", '<head><base target="_blank">', 1))


urlpatterns = [
    path("", index, name="mails"),
    path("<slug:name>/", mail, name="mail"),
    path("<slug:name>/page/", page, name="mail_page"),
]


def _find(request: HttpRequest, name: str) -> Preview:
    if name in kinds.KINDS:
        with translation.override(_language(request)):
            return _sample(kinds.KINDS[name])
    for preview in list(SENT):
        if preview.name == name:
            return preview
    raise Http404(f"There is no mail {name!r}. Sent mails are forgotten when the server restarts.")


def _sample(kind: Kind) -> Preview:
    """Return a mail of `kind` to a user who does not exist in the database, so that its link does not work."""
    users = get_user_model()
    # A key can have a default.
    user = users(pk=None, **{users.USERNAME_FIELD: "ada", users.EMAIL_FIELD: ADDRESS})
    return Preview(kind.name, rendering.render(kind, user, ADDRESS))


def _language(request: HttpRequest) -> str:
    language = request.GET.get("language", "")
    return language if language in dict(settings.LANGUAGES) else translation.get_language() or settings.LANGUAGE_CODE
