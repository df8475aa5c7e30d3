"""Serves the API without the middleware that only pages need."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, reverse
from django.utils.functional import SimpleLazyObject

from endpoint.conf import endpoint_settings, load_hook


class APIMiddleware:
    """Marks API requests, which are POST requests to the endpoint, so that each `PageMiddleware` after it skips them.

    Any other middleware sees them, before or after it. `request.user` is the user of the hook AUTHENTICATE.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Like `path_info`, without the script prefix.
        path = "/" + reverse("graphql").removeprefix(get_script_prefix())
        self.paths = {path, f"{path}/"}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Mark the request if it is one to the API, and pass it on."""
        if request.method == "POST" and request.path_info in self.paths:
            request.is_api = True  # type: ignore[attr-defined]
            authenticate = load_hook(endpoint_settings.AUTHENTICATE)
            if authenticate is not None:
                request.user = SimpleLazyObject(partial(authenticate, request))  # type: ignore[assignment]
        return self.get_response(request)


class PageMiddleware:
    """A mixin for middleware that only pages need: API requests skip it.

    The API uses no session, CSRF cookie or messages, so it saves their cost. `process_view` and the other hooks of the
    middleware are still called.
    """

    get_response: Callable[[HttpRequest], Any]

    def __call__(self, request: HttpRequest) -> Any:
        """Pass an API request on, and process any other."""
        if getattr(request, "is_api", False):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]
