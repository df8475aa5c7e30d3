"""Keeps passwords, tokens, keys and email addresses out of error reports.

Django mails reports to ADMINS if AdminEmailHandler is set up, and shows them while DEBUG is on. Services such as Sentry
read the local variables of a traceback themselves: `endpoint.reports.forget_locals` clears them.
"""

import os
import re
from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from graphql_auth.logs import redact, redact_value

# Where servers put the path of a request.
PATHS = {"PATH_INFO", "RAW_URI", "REQUEST_URI"}


def redact_request(request: HttpRequest) -> None:
    """Redact the path of a failed request, which may contain the token of a link, wherever a report may find it."""
    request.path, request.path_info = redact(request.path), redact(request.path_info)
    request.META |= {name: redact(request.META[name]) for name in PATHS & request.META.keys()}
    if request.resolver_match:
        captured = request.resolver_match.kwargs
        captured.update({name: redact_value(value) for name, value in captured.items()})


class ReporterFilter(SafeExceptionReporterFilter):
    """Hides secrets in settings, requests and variables. For DEFAULT_EXCEPTION_REPORTER_FILTER.

    Without DEBUG, it hides all variables and posted values, because any of them may be a password.
    """

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|COOKIE|CREDENTIAL|PRIVATE|DSN", re.IGNORECASE
    )

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Return `value` or its replacement. Passwords in URLs are hidden too."""
        return redact_value(super().cleanse_setting(key, value))

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Return META without the environment variables that runserver adds."""
        meta: dict[str, Any] = super().get_safe_request_meta(request)
        return {name: value for name, value in meta.items() if name not in os.environ}

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        """Return the posted values."""
        posted = super().get_post_parameters(request)
        return {name: self._cleanse(request, name, value) for name, value in posted.items()}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        """Return the variables of a function."""
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return {name: self._cleanse(request, name, value) for name, value in variables}.items()

    def _cleanse(self, request: HttpRequest | None, name: str, value: Any) -> Any:
        return self.cleansed_substitute if self.is_active(request) else self.cleanse_setting(name, value)


class Reporter(ExceptionReporter):
    """Redacts the whole report, including exception messages. For DEFAULT_EXCEPTION_REPORTER."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Return the data of the report."""
        data: dict[str, Any] = super().get_traceback_data()
        for frame in data["frames"]:
            frame["vars"] = [(name, redact_value(value)) for name, value in frame.get("vars", ())]
        if self.request is not None:
            query = self.request.GET.items()
            data["request_GET_items"] = [(name, self.filter.cleanse_setting(name, value)) for name, value in query]
            data["request_insecure_uri"] = redact_value(data["request_insecure_uri"])
        return data

    def get_traceback_html(self) -> SafeString:
        """Return the report as HTML."""
        return mark_safe(redact(super().get_traceback_html()))  # noqa: S308  Django escaped it.

    def get_traceback_text(self) -> SafeString:
        """Return the report as plain text."""
        return mark_safe(redact(super().get_traceback_text()))  # noqa: S308  Django escaped it.
