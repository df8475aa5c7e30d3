"""The URLs of the pages behind mail links, from the settings that end in _PATH_ON_EMAIL."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from graphql_auth.pages.base import LinkPage, links_lead_here
from graphql_auth.pages.passwords import PasswordReset, PasswordSet
from graphql_auth.pages.registration import Activation
from graphql_auth.pages.secondary_email import SecondaryActivation

PAGES = (
    Activation,
    SecondaryActivation,
    PasswordReset,
    PasswordSet,
)


def open_link(page: type[LinkPage]) -> Callable[..., HttpResponseBase]:
    """Return the view of a link. It only opens the page, so it needs no CSRF protection."""
    return csrf_exempt(page.as_view(http_method_names=["get", "head"]))


def change_password(request: HttpRequest) -> HttpResponse:
    """Redirect password managers to the page where users set a new password (W3C, change-password-url)."""
    if not links_lead_here():
        raise Http404
    return redirect("account:password_reset")


app_name = "account"
urlpatterns = [
    path(".well-known/change-password", change_password),
    *(path(page.mail.path, page.as_view(), name=page.name) for page in PAGES),
    *(path(f"{page.mail.path}/<str:token>", open_link(page)) for page in PAGES),
]
