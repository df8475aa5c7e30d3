"""Formats errors for clients: each has a code, and none shows the text of an unexpected exception."""

import logging
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from graphql import ExecutionContext, GraphQLError

from endpoint.conf import endpoint_settings, load_hook
from endpoint.reports import forget_locals
from endpoint.request_errors import formatted

logger = logging.getLogger("endpoint")


def format_error(request: HttpRequest, error: GraphQLError) -> dict[str, Any]:
    """Return `error` as the client sees it. The hook FORMAT_ERROR takes precedence."""
    format_first = load_hook(endpoint_settings.FORMAT_ERROR)
    ours: dict[str, Any] | None = format_first(request, error) if format_first else None
    return ours or _format(request, error)


def permission_denied(request: HttpRequest, error: GraphQLError) -> dict[str, Any]:
    """Return the error for a forbidden field: FORBIDDEN for a logged-in user, UNAUTHENTICATED for anybody else."""
    if getattr(getattr(request, "user", None), "is_authenticated", False):
        message, code = _("You may not do that."), "FORBIDDEN"
    else:
        message, code = _("Log in to do that."), "UNAUTHENTICATED"
    return formatted(error) | {"message": message, "extensions": {"code": code}}


def internal_error(exception: BaseException, place: object) -> dict[str, Any]:
    """Log an exception under a new request id, and return an error that shows only the id."""
    request_id = uuid.uuid4().hex
    forget_locals(exception)
    logger.error("Request %s failed at %s.", request_id, place, exc_info=exception)
    return {
        "message": _("Something went wrong. The request id helps to find out what."),
        "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id},
    }


def _format(request: HttpRequest, error: GraphQLError) -> dict[str, Any]:
    original = error.original_error
    # An error without a path is about the document or its variables; the original error is then a scalar's.
    if original is None or error.path is None or _was_raised_by_resolver(original):
        return formatted(error) | {"extensions": {"code": "BAD_REQUEST", **(error.extensions or {})}}
    if isinstance(original, PermissionDenied):
        return permission_denied(request, error)
    return formatted(error) | internal_error(original, error.path)


def _was_raised_by_resolver(error: Exception) -> bool:
    """Return whether `error` is a GraphQLError that a resolver raised for the client.

    graphql-core also raises one when it cannot serialize a resolver's result, which is a server error. The traceback
    starts in the function that catches errors and continues in the resolver or in `complete_value`.
    """
    if not isinstance(error, GraphQLError):
        return False
    traceback = error.__traceback__ and error.__traceback__.tb_next
    return traceback is None or traceback.tb_frame.f_code is not ExecutionContext.complete_value.__code__
