"""Reports of errors: none shows a password, a token, a key or an email address.

Django mails a report to ADMINS where AdminEmailHandler is set up, and shows one while DEBUG is on. Other services, such
as Sentry, read the local variables of a traceback themselves: `endpoint.reports.forget_locals` leaves them none.
"""

import os
import re
from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from graphql_auth.logs import redact, redact_value

# Where a server puts the path of a request.
PATHS = {"PATH_INFO", "RAW_URI", "REQUEST_URI"}


def redact_request(request: HttpRequest) -> None:
    """Redact the path of a request that failed, wherever a report finds it: it may be a link with its token."""
    request.path, request.path_info = redact(request.path), redact(request.path_info)
    request.META |= {name: redact(request.META[name]) for name in PATHS & request.META.keys()}
    if request.resolver_match:
        captured = request.resolver_match.kwargs
        captured.update({name: redact_value(value) for name, value in captured.items()})


class ReporterFilter(SafeExceptionReporterFilter):
    """Hides what may be secret in the settings, the request and the variables. For DEFAULT_EXCEPTION_REPORTER_FILTER.

    Without DEBUG, every variable and every posted value is hidden, because any of them may be a password.
    """

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|COOKIE|CREDENTIAL|PRIVATE|DSN", re.IGNORECASE
    )

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Return `value`, or what is shown instead; passwords inside of a URL are hidden too."""
        return redact_value(super().cleanse_setting(key, value))

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Return META without the variables of the process's environment, which runserver puts there."""
        meta: dict[str, Any] = super().get_safe_request_meta(request)
        return {name: value for name, value in meta.items() if name not in os.environ}

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        """Return what was posted."""
        posted = super().get_post_parameters(request)
        return {name: self._cleanse(request, name, value) for name, value in posted.items()}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        """Return the variables of a function."""
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return {name: self._cleanse(request, name, value) for name, value in variables}.items()

    def _cleanse(self, request: HttpRequest | None, name: str, value: Any) -> Any:
        return self.cleansed_substitute if self.is_active(request) else self.cleanse_setting(name, value)


class Reporter(ExceptionReporter):
    """Redacts the whole report, such as what the exception says. For DEFAULT_EXCEPTION_REPORTER."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Return what the report shows."""
        data: dict[str, Any] = super().get_traceback_data()
        for frame in data["frames"]:
            frame["vars"] = [(name, redact_value(value)) for name, value in frame.get("vars", ())]
        if self.request is not None:
            query = self.request.GET.items()
            data["request_GET_items"] = [(name, self.filter.cleanse_setting(name, value)) for name, value in query]
            data["request_insecure_uri"] = redact_value(data["request_insecure_uri"])
        return data

    def get_traceback_html(self) -> SafeString:
        """Return the report as a page."""
        return mark_safe(redact(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        """Return the report as plain text."""
        return mark_safe(redact(super().get_traceback_text()))
