"""The one template of the pages, and the page of a form that came without its cookie."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

FORGED_TITLE = _("That did not work")
FORGED_TEXT = _(
    "The page was open for too long, or your browser did not send the cookie that goes with it. Allow cookies for this "
    "site, load the page again and repeat what you did."
)


def page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render the template of these pages."""
    site_name = getattr(settings, "SITE_NAME", request.get_host())
    return render(request, "account/page.html", {"site_name": site_name, **context}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Respond to a form without its cookie, of these pages or the admin. For CSRF_FAILURE_VIEW."""
    return page(request, status=403, kind="refused", title=FORGED_TITLE, text=FORGED_TEXT)
