"""The GraphQL endpoint.

What is not a small JSON question posted by a client is turned away before anything is executed; who asks is settled
once, before the first field; and what goes wrong inside is logged, not told.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from inspect import isclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from graphene_django.settings import graphene_settings
from graphql import ExecutionResult, GraphQLError, execute_sync
from graphql_jwt.exceptions import PermissionDenied as JWTPermissionDenied

from graphql_auth import documents, graphiql
from graphql_auth.backends import GraphQLAuthBackend
from graphql_auth.conf import auth_settings
from graphql_auth.logs import Once
from graphql_auth.reports import forget_locals

logger = logging.getLogger(__name__)

INSECURE = Once(
    logger,
    "A request came over http and was refused. If a proxy of yours speaks https to clients, let it send "
    "X-Forwarded-Proto, and set TRUSTED_PROXIES to the number of your proxies.",
)
# What is answered may be a token, and is no page (OWASP's REST Security Cheat Sheet, Security Headers).
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


class BadRequest(Exception):
    """A request that is turned away at the door."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class GraphQLView(View):
    """Answers POST with application/json; a browser's GET gets GraphiQL where GRAPHIQL is on.

    `schema` is graphene's; by default the one that GRAPHENE names.
    """

    schema: Any = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schema = self.schema or graphene_settings.SCHEMA

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view; the session cookie counts for nothing here, so there is nothing to forge."""
        return csrf_exempt(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request; what goes wrong here itself is reported without the passwords and tokens in it."""
        try:
            return self.respond(request)
        except Exception as failure:
            forget_locals(failure)
            raise

    def respond(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response."""
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return _respond({"errors": [_insecure_error(request)]}, status=403)
        if self.wants_graphiql(request):
            return graphiql.page(request)
        try:
            request.user = GraphQLAuthBackend().authenticate(request) or AnonymousUser()
        except DatabaseError as failure:
            return _respond({"errors": [_internal_error(failure, "the start")]}, status=500)
        try:
            query, variables, operation_name = self.read(request)
        except BadRequest as refused:
            error = {"message": refused.message, "extensions": {"code": "BAD_REQUEST"}}
            response = _respond({"errors": [error]}, status=refused.status)
            if refused.status == 405:
                response["Allow"] = "POST"
            return response
        result = self.answer(request, query, variables, operation_name)
        body: dict[str, Any] = (
            {"errors": [self.format_error(error) for error in result.errors]} if result.errors else {}
        )
        # Without a path an error is about the request as a whole, which was then not executed.
        refused_whole = any(error.path is None for error in result.errors or ())
        if not refused_whole:
            body["data"] = result.data
        return _respond(body, status=400 if refused_whole else 200)

    def wants_graphiql(self, request: HttpRequest) -> bool:
        """Return whether a browser asks for the page, and may have it."""
        if request.method != "GET" or not auth_settings.GRAPHIQL:
            return False
        # What takes anything is a program: it is told how to ask.
        return request.get_preferred_type(["application/json", "text/html"]) == "text/html"

    def get_middleware(self) -> list[Any]:
        """Return what runs round each field, as GRAPHENE names it."""
        return [entry() if isclass(entry) else entry for entry in graphene_settings.MIDDLEWARE]

    def read(self, request: HttpRequest) -> tuple[str, dict[str, Any], str | None]:
        """Return the query, the variables and the operation's name. Raises BadRequest."""
        if request.method != "POST":
            raise BadRequest(_("Send a POST request."), 405)
        if request.content_type != "application/json":
            raise BadRequest(_("Send the Content-Type application/json."), 415)
        most = auth_settings.MAX_BODY_BYTES
        try:
            too_long = int(request.META.get("CONTENT_LENGTH") or 0) > most or len(request.body) > most
        except RequestDataTooBig:
            too_long = True
        except (ValueError, UnreadablePostError):
            raise BadRequest(_("The body cannot be read: it must be as long as Content-Length says.")) from None
        if too_long:
            raise BadRequest(_("The body is longer than %(most)d bytes.") % {"most": most}, 413)
        try:
            data = json.loads(request.body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise BadRequest(_("The body is not JSON in UTF-8.")) from None
        if not isinstance(data, dict) or not isinstance(data.get("query"), str):
            raise BadRequest(_('The body must be an object with a "query".'))
        variables, operation_name = data.get("variables"), data.get("operationName")
        if not isinstance(variables, dict | None):
            raise BadRequest(_('"variables" must be an object.'))
        if not isinstance(operation_name, str | None):
            raise BadRequest(_('"operationName" must be a string.'))
        if not _is_text([data["query"], variables, operation_name]):
            raise BadRequest(_("The body has a character that is not text: NUL or half of a surrogate pair."))
        return data["query"], variables or {}, operation_name

    def answer(
        self, request: HttpRequest, query: str, variables: dict[str, Any], operation_name: str | None
    ) -> ExecutionResult:
        """Return the result of the query, or the errors for which it was not executed."""
        schema = self.schema.graphql_schema
        try:
            document = documents.read(schema, query)
        except documents.Refused as refused:
            return ExecutionResult(data=None, errors=refused.errors)
        return execute_sync(
            schema,
            document,
            context_value=request,
            variable_values=variables,
            operation_name=operation_name,
            # An empty list would be asked for each field.
            middleware=self.get_middleware() or None,
            hide_suggestions=not auth_settings.INTROSPECTION,
        )

    @staticmethod
    def format_error(error: GraphQLError) -> dict[str, Any]:
        """Return an error as the client sees it: always with a code, and never with what an exception says."""
        original = error.original_error
        # Without a path it is about the document or its variables, in which a scalar found something wrong.
        if original is None or isinstance(original, GraphQLError) or error.path is None:
            message = error.message
            extensions: Mapping[str, Any] = {"code": "BAD_REQUEST", **(error.extensions or {})}
        elif isinstance(original, PermissionDenied | JWTPermissionDenied):
            message, extensions = _("You may not do that."), {"code": "FORBIDDEN"}
        else:
            return error.formatted | _internal_error(original, error.path)
        return {**error.formatted, "message": message, "extensions": dict(extensions)}


def _respond(body: dict[str, Any], *, status: int) -> JsonResponse:
    return JsonResponse(body, status=status, headers=HEADERS)


def _insecure_error(request: HttpRequest) -> dict[str, Any]:
    # A redirect would hide the mistake: what was sent could be read on the way.
    INSECURE.log()
    message = _("Send the request to %(url)s. This one came over http: change a password that was in it.")
    url = f"https://{request.get_host()}{request.path}"
    return {"message": message % {"url": url}, "extensions": {"code": "FORBIDDEN"}}


def _internal_error(exception: Exception, place: object) -> dict[str, Any]:
    request_id = uuid.uuid4().hex
    forget_locals(exception)
    logger.error("Request %s failed at %s.", request_id, place, exc_info=exception)
    return {
        "message": _("Something went wrong. The request id helps to find out what."),
        "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id},
    }


def _is_text(values: list[Any]) -> bool:
    # A list of what is left to look at, because a client can nest deeper than Python can call.
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            values += value
        elif isinstance(value, str) and ("\0" in value or not _encodes(value)):
            return False
    return True


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
