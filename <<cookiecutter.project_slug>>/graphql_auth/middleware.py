"""The API's way past the middleware of the pages, and what their exceptions are allowed to say."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, resolve, reverse

from graphql_auth.reports import forget_locals, redact_request


class APIMiddleware:
    """Answers what is posted to the endpoint, so that the middleware after it is only there for pages.

    The API has no session, no CSRF cookie and no messages, and does not pay for them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # As a request has it in path_info: without a prefix.
        self.path = "/" + reverse("graphql").removeprefix(get_script_prefix())
        self.endpoint = resolve(self.path)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or pass it on."""
        if request.method != "POST" or request.path_info != self.path:
            return self.get_response(request)
        request.resolver_match = self.endpoint
        return self.endpoint.func(request, *self.endpoint.args, **self.endpoint.kwargs)


class ErrorReportMiddleware:
    """Clears what an exception of a page has in its local variables, before anything reports it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Leave nothing of a password, nor of the token of a link, to a report."""
        forget_locals(exception)
        redact_request(request)
