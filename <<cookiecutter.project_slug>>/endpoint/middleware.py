"""Serves the API without the middleware that only pages need."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, resolve, reverse


class APIMiddleware:
    """Answers POST requests to the endpoint, bypassing all middleware after it.

    The API uses no session, CSRF cookie or messages, so it skips their cost.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Like `path_info`, without the script prefix.
        path = "/" + reverse("graphql").removeprefix(get_script_prefix())
        self.paths = {path, f"{path}/"}
        self.endpoint = resolve(path)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or pass it on."""
        if request.method != "POST" or request.path_info not in self.paths:
            return self.get_response(request)
        request.resolver_match = self.endpoint
        return self.endpoint.func(request, *self.endpoint.args, **self.endpoint.kwargs)
