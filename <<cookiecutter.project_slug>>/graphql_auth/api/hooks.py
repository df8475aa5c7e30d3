"""The hooks for the endpoint, which GRAPHQL_ENDPOINT names."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from graphql import ExecutionResult, GraphQLError, GraphQLField
from graphql_jwt.exceptions import PermissionDenied

from endpoint.errors import permission_denied
from graphql_auth import sessions
from graphql_auth.api.base import AccountMutation
from graphql_auth.errors import AccountError, Refusal


def authenticate(request: HttpRequest) -> Any:
    """Return the user of the request's access token; AnonymousUser without a valid one.

    Stores the reason for a rejection in the request, for `finish_response`.
    """
    try:
        return sessions.user_of(request) or AnonymousUser()
    except AccountError as rejected:
        is_expired = rejected.code == Refusal.EXPIRED_TOKEN.code
        request.rejected_token = "expired" if is_expired else "invalid"  # type: ignore[attr-defined]
        return AnonymousUser()


def finish_response(request: HttpRequest, result: ExecutionResult, response: HttpResponse) -> None:
    """Report a rejected access token (RFC 6750, 3.1), and when a throttled client may try again."""
    rejected = getattr(request, "rejected_token", None)
    if rejected is not None:
        result.extensions = {**(result.extensions or {}), "authentication": rejected}
        response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    retry_after = getattr(request, "retry_after", None)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)


def is_credential(field: GraphQLField) -> bool:
    """Return whether a field of the mutation root tries a password or token, or sends a mail."""
    mutation = getattr(field.type, "graphene_type", None)
    return isinstance(mutation, type) and issubclass(mutation, AccountMutation) and mutation.credential


def format_error(request: HttpRequest, error: GraphQLError) -> dict[str, Any] | None:
    """Format the error that the decorators of django-graphql-jwt raise; return None for any other."""
    return permission_denied(request, error) if isinstance(error.original_error, PermissionDenied) else None
