"""The GraphQL endpoint.

It rejects anything but a small JSON POST before it executes anything, identifies the user once for the whole request,
and logs what goes wrong inside without showing it to the client.
"""

import json
import logging
from asyncio import Future
from collections.abc import Awaitable, Callable
from inspect import isclass
from types import CoroutineType
from typing import Any

from asgiref.sync import async_to_sync
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from graphene_django.settings import graphene_settings
from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationType, execute, get_operation_ast

from endpoint import documents, graphiql, request_errors, requests
from endpoint.conf import endpoint_settings, load_hook
from endpoint.errors import format_error, internal_error
from endpoint.reports import forget_locals
from endpoint.requests import BadRequest, GraphQLRequest

logger = logging.getLogger("endpoint")

# An answer may hold a token, and is no page (OWASP's REST Security Cheat Sheet, Security Headers).
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


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
        """Answer the request. An exception of the endpoint itself is reported without the secrets in its variables."""
        try:
            return self.serve(request)
        except Exception as failure:
            forget_locals(failure)
            raise

    def serve(self, request: HttpRequest) -> HttpResponseBase:
        """Return the page or the result that the request asks for."""
        media_type = requests.JSON
        try:
            requests.require_https(request)
            if self.wants_graphiql(request):
                return graphiql.page(request)
            requests.require_post(request)
            media_type = requests.accepted_media_type(request)
            try:
                # Before the body is read, so that a report of a failure has no password in it.
                self.authenticate(request)
            except Exception as failure:
                return _respond({"errors": [internal_error(failure, "authentication")]}, media_type, status=500)
            asked = requests.read(request)
        except BadRequest as refused:
            return _refuse(refused, media_type)
        return self.respond(request, self.answer(request, asked), media_type)

    def wants_graphiql(self, request: HttpRequest) -> bool:
        """Return whether a browser asks for the page, and may have it."""
        if request.method != "GET" or not endpoint_settings.GRAPHIQL:
            return False
        # A client that accepts anything is a program, and is answered how to ask.
        return request.get_preferred_type(["application/json", "text/html"]) == "text/html"

    def authenticate(self, request: HttpRequest) -> None:
        """Set the user of the request, once, to whom AUTHENTICATE returns."""
        authenticate = load_hook(endpoint_settings.AUTHENTICATE)
        if authenticate is not None:
            request.user = authenticate(request)

    def get_middleware(self) -> list[Any]:
        """Return what runs round each field, as GRAPHENE names it."""
        return [entry() if isclass(entry) else entry for entry in graphene_settings.MIDDLEWARE]

    def answer(self, request: HttpRequest, asked: GraphQLRequest) -> ExecutionResult:
        """Return the result of the query, or the errors for which it was not executed."""
        schema = self.schema.graphql_schema
        try:
            document = documents.read(schema, asked.query)
        except documents.Refused as refused:
            return ExecutionResult(data=None, errors=refused.errors)
        if _is_subscription(document, asked.operation_name):
            if schema.subscription_type is not None:
                logger.error("The schema has subscriptions, which need a server that keeps connections open.")
            return ExecutionResult(data=None, errors=[GraphQLError(_("This endpoint runs no subscriptions."))])
        result = execute(
            schema,
            document,
            context_value=request,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            # An empty list would be asked for each field.
            middleware=self.get_middleware() or None,
            hide_suggestions=not endpoint_settings.INTROSPECTION,
            is_awaitable=_is_awaitable,
        )
        if not isinstance(result, ExecutionResult):
            # Under ASGI the server's own event loop awaits; under WSGI, one that lives as long as the request.
            result = async_to_sync(_wait)(result)
        if result.errors:
            result.errors = request_errors.of_execution(
                result.errors, schema, document, asked.variables, asked.operation_name
            )
        return result

    def respond(self, request: HttpRequest, result: ExecutionResult, media_type: str) -> HttpResponse:
        """Return the response that shows `result`; FINISH_RESPONSE may add to both."""
        response = _respond({}, media_type)
        finish = load_hook(endpoint_settings.FINISH_RESPONSE)
        if finish is not None:
            finish(request, result, response)
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = [format_error(request, error) for error in result.errors]
        # Without a path an error is about the request as a whole, which was then not executed.
        is_refused = any(error.path is None for error in result.errors or ())
        if not is_refused:
            body["data"] = result.data
        elif media_type == requests.GRAPHQL_RESPONSE:
            response.status_code = 400
        if result.extensions:
            body["extensions"] = result.extensions
        try:
            response.content = _dump(body)
        except (TypeError, ValueError) as failure:  # a scalar of the schema let a value pass that JSON has no form for
            return _respond({"errors": [internal_error(failure, "the response")]}, media_type, status=500)
        return response


def _refuse(refused: BadRequest, media_type: str) -> HttpResponse:
    error = {"message": refused.message, "extensions": {"code": refused.code}}
    status = 400 if refused.status == 200 and media_type == requests.GRAPHQL_RESPONSE else refused.status
    response = _respond({"errors": [error]}, media_type, status=status)
    if status == 405:
        response["Allow"] = "POST"
    return response


def _respond(body: dict[str, Any], media_type: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(_dump(body), status=status, content_type=media_type, headers=HEADERS)


def _dump(body: dict[str, Any]) -> str:
    return json.dumps(body, cls=DjangoJSONEncoder, allow_nan=False)


def _is_subscription(document: DocumentNode, operation_name: str | None) -> bool:
    operation = get_operation_ast(document, operation_name)
    return operation is not None and operation.operation is OperationType.SUBSCRIPTION


def _is_awaitable(value: object) -> bool:
    # What an `async def` resolver returns. graphql-core's own test costs three times as much, for each value.
    return isinstance(value, CoroutineType | Future)


async def _wait(result: Awaitable[ExecutionResult]) -> ExecutionResult:
    return await result
