"""The API's way past the middleware of the pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, resolve, reverse


class APIMiddleware:
    """Answers what is posted to the endpoint, so that the middleware after it is only for pages.

    The API has no session, no CSRF cookie and no messages, and does not pay for them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # As a request has it in path_info: without a prefix.
        path = "/" + reverse("graphql").removeprefix(get_script_prefix())
        self.paths = {path, f"{path}/"}
        self.endpoint = resolve(path)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or pass it on."""
        if request.method != "POST" or request.path_info not in self.paths:
            return self.get_response(request)
        request.resolver_match = self.endpoint
        return self.endpoint.func(request, *self.endpoint.args, **self.endpoint.kwargs)
