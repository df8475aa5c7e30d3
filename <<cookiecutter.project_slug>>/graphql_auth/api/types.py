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
    """Why an operation was refused: argument names, or nonFieldErrors, each with a list of {message, code}."""

    @staticmethod
    def serialize(errors: Mapping[str, Sequence[ErrorDetail]]) -> dict[str, Any]:
        """Return `errors` with the names as clients know them."""
        return {to_camel_case(field): list(details) for field, details in errors.items()}


def error_type() -> Any:
    """Return the type of `errors`: CUSTOM_ERROR_TYPE, a class or its path, or ExpectedErrorType.

    Raises ImproperlyConfigured when there is nothing at the path.
    """
    custom = auth_settings.CUSTOM_ERROR_TYPE
    try:
        return import_string(custom) if isinstance(custom, str) else custom or ExpectedErrorType
    except ImportError as error:
        raise ImproperlyConfigured(
            f"GRAPHQL_AUTH['CUSTOM_ERROR_TYPE'] names {custom!r}, which is not there. Name a graphene type by its "
            "path, like 'users.types.ErrorType', or leave it out."
        ) from error
