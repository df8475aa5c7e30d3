"""What the endpoint asks accounts: the functions that GRAPHQL_ENDPOINT names."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from graphql import GraphQLError, GraphQLField
from graphql_jwt.exceptions import PermissionDenied

from endpoint.errors import permission_denied
from graphql_auth.api.base import AccountMutation
from graphql_auth.backends import GraphQLAuthBackend


def authenticate(request: HttpRequest) -> Any:
    """Return the user of the request's access token; AnonymousUser without a good one."""
    return GraphQLAuthBackend().authenticate(request) or AnonymousUser()


def is_credential(field: GraphQLField) -> bool:
    """Return whether a field of the mutation root tries a password or token, or sends a mail."""
    mutation = getattr(field.type, "graphene_type", None)
    return isinstance(mutation, type) and issubclass(mutation, AccountMutation) and mutation.credential


def format_error(request: HttpRequest, error: GraphQLError) -> dict[str, Any] | None:
    """Return the error that the decorators of django-graphql-jwt raise; None for any other."""
    return permission_denied(request, error) if isinstance(error.original_error, PermissionDenied) else None
