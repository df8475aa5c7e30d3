"""What all mutations of the account system share."""

from collections.abc import Mapping
from typing import Any, ClassVar

import graphene
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from graphql_jwt.settings import jwt_settings

from graphql_auth.errors import AccountError, Refusal
from graphql_auth.sessions import Tokens
from graphql_auth.types import error_type


class Operation:
    """One mutation: its arguments, its outputs and the flow it calls.

    A subclass declares `Arguments`, outputs as graphene fields, and `perform`. `public` says that it needs no login,
    and is repeated in JWT_ALLOW_ANY_CLASSES; `credential` says that it tries a password or token or sends a mail, and
    so comes at most once in a request.
    """

    public: ClassVar[bool] = False
    credential: ClassVar[bool] = True
    # What a refused operation answers for the outputs that are not null then.
    refused: ClassVar[Mapping[str, Any]] = {}
    # The arguments, as graphene scalars.
    Arguments: ClassVar[type]

    success = graphene.Boolean(required=True, description="Whether the operation was carried out.")
    errors = graphene.Field(error_type(), description="Why it was refused; null when it was not.")

    @classmethod
    def perform(cls, request: HttpRequest, *args: Any, **arguments: Any) -> Mapping[str, Any] | None:
        """Call the flow and return the outputs. Raises AccountError when it is refused."""
        raise NotImplementedError(f"{cls.__name__} performs nothing.")

    @classmethod
    def answer(cls, request: HttpRequest, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outputs of the operation: here, and only here, a refusal becomes `errors`."""
        try:
            if not (request.user.is_authenticated or cls.is_allowed_to_anybody()):
                raise AccountError.of(Refusal.UNAUTHENTICATED)
            return {"success": True, **(cls.perform(request, **arguments) or {})}
        except AccountError as refused:
            return {"success": False, "errors": refused.errors, **cls.refused}

    @classmethod
    def description(cls) -> str:
        """Return the docstring nearest to the class, for the schema. Raises TypeError where there is none."""
        documented = cls.__mro__[: cls.__mro__.index(Operation)]
        for base in documented:
            if base.__doc__ and "Meta" not in vars(base):
                return base.__doc__
        raise TypeError(f"{cls.__name__} needs a docstring: it is the description in the schema.")

    @classmethod
    def is_allowed_to_anybody(cls) -> bool:
        """Return whether JWT_ALLOW_ANY_CLASSES names this mutation."""
        return issubclass(cls, tuple(jwt_settings.JWT_ALLOW_ANY_CLASSES))


class TokenOutput:
    """The outputs of an operation that opens or renews a session."""

    token = graphene.String(description="The access token, for the Authorization header.")
    refresh_token = graphene.String(description="Exchanged by refreshToken for new tokens, once.")


def token_outputs(tokens: Tokens | None) -> dict[str, Any]:
    """Return the values of TokenOutput."""
    return {"token": tokens.token, "refresh_token": tokens.refresh_token} if tokens else {}


def arguments(*, required: Mapping[str, str], optional: Mapping[str, str]) -> type:
    """Return an `Arguments` class of the fields that settings define, each by its name and that of its scalar."""
    fields = {name: scalar(kind, name)(required=True) for name, kind in required.items()}
    fields |= {name: scalar(kind, name)() for name, kind in optional.items()}
    return type("Arguments", (), fields)


def scalar(name: str, field: str) -> type[graphene.Scalar]:
    """Return graphene's scalar of that name, for `field`. Raises ImproperlyConfigured when there is none."""
    kind = getattr(graphene, name, None) if isinstance(name, str) else None
    if not (isinstance(kind, type) and issubclass(kind, graphene.Scalar)):
        raise ImproperlyConfigured(
            f"A setting of GRAPHQL_AUTH that ends in _FIELDS gives {field!r} the type {name!r}. Name a scalar of "
            "graphene: String, Int, Boolean, Date ..."
        )
    return kind
