"""Keeps secrets out of the reports of exceptions."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from endpoint.reports import forget_locals
from graphql_auth.reports import redact_request


class ErrorReportMiddleware:
    """Clears the local variables of a page's exception, and redacts its request, before anything reports it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Remove passwords and link tokens before the exception is reported."""
        forget_locals(exception)
        redact_request(request)
