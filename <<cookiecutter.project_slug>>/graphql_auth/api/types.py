"""GraphQL types of the account system."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from graphene.utils.str_converters import to_camel_case

from graphql_auth.conf import auth_settings
from graphql_auth.errors import ErrorDetail


class ExpectedErrorType(graphene.Scalar):
    """Why an operation was rejected: maps argument names, or nonFieldErrors, to lists of {message, code}."""

    @staticmethod
    def serialize(errors: Mapping[str, Sequence[ErrorDetail]]) -> dict[str, Any]:
        """Return `errors` with the argument names in camel case."""
        return {to_camel_case(field): list(details) for field, details in errors.items()}


def error_type() -> Any:
    """Return the type of `errors`: CUSTOM_ERROR_TYPE, given as a class or path, or ExpectedErrorType.

    Raises ImproperlyConfigured when the path does not exist.
    """
    custom = auth_settings.CUSTOM_ERROR_TYPE
    try:
        return import_string(custom) if isinstance(custom, str) else custom or ExpectedErrorType
    except ImportError as error:
        raise ImproperlyConfigured(
            f"GRAPHQL_AUTH['CUSTOM_ERROR_TYPE'] names {custom!r}, which does not exist. Name a graphene type by its "
            "path, like 'users.types.ErrorType', or remove the key."
        ) from error


def scalar_named(name: Any) -> type[graphene.Scalar] | None:
    """Return graphene's scalar of that name; None when there is none."""
    kind = getattr(graphene, name, None) if isinstance(name, str) else None
    return kind if isinstance(kind, type) and issubclass(kind, graphene.Scalar) else None
