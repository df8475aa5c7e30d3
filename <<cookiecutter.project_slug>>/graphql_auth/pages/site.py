"""The pages of the site itself: its front page in production, and its errors."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from graphql_auth.pages import texts
from graphql_auth.pages.base import links_lead_here
from graphql_auth.pages.template import Link, login_link, next_step, page, static_page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this site is."""
    links = [login_link()]
    if links_lead_here():
        links.append(Link(reverse("account:password_reset"), texts.FORGOTTEN_TITLE))
    text = _("Apps and web pages of %(site_name)s use this address to register people and to log them in.")
    name = settings.SITE_NAME
    return page(request, kind="home", title=name, text=text % {"site_name": name}, links=filter(None, links))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Respond to a request that Django rejects. For handler400."""
    text = _("Something about its address or its contents is wrong. Check the address and try again.")
    return _error(400, _("This request cannot be answered"), text)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Respond to a request that is not permitted. For handler403."""
    return _error(403, _("You may not do this"), _("Your account does not have the permission for this page."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Respond to an unknown address. For handler404."""
    text = _("Check the address. If a link led you here, the page has moved or does not exist any more.")
    return _error(404, _("There is no such page"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Respond where an exception was not handled. For handler500."""
    text = _("The mistake is ours, and has been recorded. Try again in a few minutes.")
    return _error(500, _("Something went wrong"), text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Respond to a form without its cookie, of these pages or the admin. For CSRF_FAILURE_VIEW."""
    again = Link(request.path, _("Load the page again"))
    return _error(403, texts.FORGED_TITLE, texts.FORGED_TEXT, again)


def _error(status: int, title: Any, text: Any, *links: Link) -> HttpResponse:
    return static_page(status, kind="error", title=title, text=text, links=[*links, next_step()])
