"""The GraphQL endpoint.

It rejects anything but a small JSON POST before executing it, authenticates once per request, and logs internal errors
without showing them to the client.
"""

import json
import logging
from asyncio import Future
from collections.abc import Awaitable, Callable
from inspect import isclass
from types import CoroutineType
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_not_required
from django.core.serializers.json import DjangoJSONEncoder
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from graphene_django.settings import graphene_settings
from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationType, execute, get_operation_ast

from endpoint import documents, graphiql, request_errors, requests
from endpoint.conf import endpoint_settings, load_hook
from endpoint.errors import format_error, internal_error
from endpoint.execution import EndpointExecutionContext
from endpoint.reports import forget_locals
from endpoint.requests import BadRequest, GraphQLRequest

logger = logging.getLogger("endpoint")

# A response may contain a token and is not a page (OWASP's REST Security Cheat Sheet, Security Headers).
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


class GraphQLView(View):
    """Answers POST requests with JSON, and a browser's GET with GraphiQL where GRAPHIQL is on.

    `schema` is a graphene schema; the default is GRAPHENE['SCHEMA'].
    """

    schema: Any = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schema = self.schema or graphene_settings.SCHEMA

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, without CSRF protection, LoginRequiredMiddleware and the transaction of ATOMIC_REQUESTS.

        The endpoint ignores the session cookie, so there is nothing to forge. Each operation decides who may use it.
        Each mutation has its own transaction, because a response with errors would not roll back that of the request.
        """
        return non_atomic_requests(csrf_exempt(login_not_required(super().as_view(**initkwargs))))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request. Clear the local variables of an unexpected exception, which may contain secrets."""
        try:
            return self.serve(request)
        except Exception as failure:
            forget_locals(failure)
            raise

    def serve(self, request: HttpRequest) -> HttpResponseBase:
        """Return the GraphiQL page or the result of the request."""
        media_type = requests.JSON
        try:
            requests.require_https(request)
            if self.wants_graphiql(request):
                return graphiql.page(request)
            requests.require_post(request)
            media_type = requests.accepted_media_type(request)
            try:
                # Before the body is read, so that the report of a failure contains no password.
                self.authenticate(request)
            except Exception as failure:
                return _respond({"errors": [internal_error(failure, "authentication")]}, media_type, status=500)
            graphql_request = requests.read(request)
        except BadRequest as refused:
            return _refuse(refused, media_type)
        return self.respond(request, self.answer(request, graphql_request), media_type)

    def wants_graphiql(self, request: HttpRequest) -> bool:
        """Return whether a browser requests GraphiQL and it is on."""
        if request.method not in ("GET", "HEAD") or not endpoint_settings.GRAPHIQL:
            return False
        # A client that accepts anything is not a browser: it gets the error that explains how to send requests.
        return request.get_preferred_type(["application/json", "text/html"]) == "text/html"

    def authenticate(self, request: HttpRequest) -> None:
        """Set request.user to the user that the hook AUTHENTICATE returns."""
        authenticate = load_hook(endpoint_settings.AUTHENTICATE)
        if authenticate is not None:
            request.user = authenticate(request)

    def get_middleware(self) -> list[Any]:
        """Return the field middleware in GRAPHENE['MIDDLEWARE']."""
        return [entry() if isclass(entry) else entry for entry in graphene_settings.MIDDLEWARE]

    def answer(self, request: HttpRequest, graphql_request: GraphQLRequest) -> ExecutionResult:
        """Return the result of the query, or the errors that prevented its execution."""
        schema = self.schema.graphql_schema
        try:
            document = documents.read(schema, graphql_request.query)
        except documents.Refused as refused:
            return ExecutionResult(data=None, errors=refused.errors)
        if _is_subscription(document, graphql_request.operation_name):
            if schema.subscription_type is not None:
                logger.error("The schema has subscriptions, which need a server that keeps connections open.")
            return ExecutionResult(data=None, errors=[GraphQLError(_("This endpoint does not support subscriptions."))])
        result = execute(
            schema,
            document,
            context_value=request,
            variable_values=graphql_request.variables,
            operation_name=graphql_request.operation_name,
            # graphql-core would look through an empty list for each field.
            middleware=self.get_middleware() or None,
            hide_suggestions=not endpoint_settings.INTROSPECTION,
            is_awaitable=_is_awaitable,
            execution_context_class=EndpointExecutionContext,
        )
        if not isinstance(result, ExecutionResult):
            # Under ASGI this uses the server's event loop; under WSGI, a new one for the request.
            result = async_to_sync(_wait)(result)
        if result.errors:
            result.errors = request_errors.without_values(
                result.errors, schema, document, graphql_request.variables, graphql_request.operation_name
            )
        return result

    def respond(self, request: HttpRequest, result: ExecutionResult, media_type: str) -> HttpResponse:
        """Return the response for `result`. The hook FINISH_RESPONSE may add to both."""
        response = _respond({}, media_type)
        finish = load_hook(endpoint_settings.FINISH_RESPONSE)
        if finish is not None:
            finish(request, result, response)
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = [format_error(request, error) for error in result.errors]
        # An error without a path is about the whole request, which was not executed.
        is_refused = any(error.path is None for error in result.errors or ())
        if not is_refused:
            body["data"] = result.data
        elif media_type == requests.GRAPHQL_RESPONSE:
            response.status_code = 400
        if result.extensions:
            body["extensions"] = result.extensions
        try:
            response.content = _dump(body)
        except (TypeError, ValueError) as failure:  # a scalar returned a value that JSON cannot represent
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
    # The values that async resolvers return. graphql-core's own test takes three times as long, for each value.
    return isinstance(value, CoroutineType | Future)


async def _wait(result: Awaitable[ExecutionResult]) -> ExecutionResult:
    return await result
