"""The one template of the pages, and where a page leads when there is nothing left to do on it."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from graphql_auth.conf import auth_settings


class Link(NamedTuple):
    """A link below the text of a page."""

    url: str
    text: Promise | str


def page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render the template of these pages."""
    site_name = getattr(settings, "SITE_NAME", "") or request.get_host()
    return render(request, "account/page.html", {"site_name": site_name, **context}, status=status)


def static_page(status: int, **context: Any) -> HttpResponse:
    """Render the same template without the request, which may be what is wrong, and without context processors."""
    context["site_name"] = getattr(settings, "SITE_NAME", "")
    return HttpResponse(render_to_string("account/page.html", context), status=status)


def login_link() -> Link | None:
    """Return the link to the page to log in at, if LOGIN_URL_ON_PAGES names it."""
    url = auth_settings.LOGIN_URL_ON_PAGES
    return Link(url, _("Log in")) if url else None


def next_step() -> Link:
    """Return the link to the page to log in at; to the front page if there is none."""
    name = getattr(settings, "SITE_NAME", "")
    return login_link() or Link(get_script_prefix(), _("Continue to %(site_name)s") % {"site_name": name})
