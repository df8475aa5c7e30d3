"""The base class of all mutations of the account system."""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, ClassVar, Self

import graphene
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from graphene_django import settings as graphene_django
from graphql_jwt.settings import jwt_settings

from graphql_auth.api.types import error_type, scalar_named
from graphql_auth.api.users.node import UserNode
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.sessions import Tokens

# Where the settings find the mutations.
# % if cookiecutter.api == "relay"
PUBLIC_MODULE = "graphql_auth.relay"
# % else
PUBLIC_MODULE = "graphql_auth.mutations"
# % endif


class AccountMutation(
    # % if cookiecutter.api == "relay"
    graphene.relay.ClientIDMutation,
    # % else
    graphene.Mutation,
    # % endif
):
    """The base class of mutations, including your own.

    A subclass declares `Arguments`, outputs as graphene fields, and `perform`. `public` means that it needs no login;
    JWT_ALLOW_ANY_CLASSES must name it, too. `credential` means that it tries a password or token or sends a mail, which
    an operation may do only once.
    """

    class Meta:
        abstract = True

    public: ClassVar[bool] = False
    credential: ClassVar[bool] = True
    # The outputs of a rejected mutation that are not null.
    refused: ClassVar[Mapping[str, Any]] = {}

    success = graphene.Boolean(required=True, description="Whether the operation was carried out.")
    errors = graphene.Field(error_type(), description="Why the operation was rejected; null otherwise.")

    @classmethod
    def __init_subclass_with_meta__(cls, **options: Any) -> None:
        # % if cookiecutter.api == "relay"
        cls.Input = getattr(cls, "Arguments", None)
        super().__init_subclass_with_meta__(**{"description": cls.description()} | options)
        # graphene creates the input type and accepts no description for it.
        vars(cls.Input._meta)["description"] = getattr(getattr(cls, "Arguments", None), "__doc__", None)
        # % else
        super().__init_subclass_with_meta__(**{"description": cls.description()} | options)
        # % endif

    # % if cookiecutter.api == "relay"
    @classmethod
    def mutate_and_get_payload(
        cls, root: Any, info: graphene.ResolveInfo, /, client_mutation_id: str | None = None, **arguments: Any
    ) -> Self:
        """Carry the mutation out."""
        return cls.carry_out(info.context, arguments)

    # % else
    @classmethod
    def mutate(cls, root: Any, info: graphene.ResolveInfo, /, **arguments: Any) -> Self:
        """Carry the mutation out."""
        return cls.carry_out(info.context, arguments)

    # % endif
    @classmethod
    def carry_out(cls, request: HttpRequest, arguments: Mapping[str, Any]) -> Self:
        """Return the payload. This is the only place that turns an AccountError into `errors`."""
        try:
            if not (request.user.is_authenticated or cls.is_allowed_to_anybody()):
                raise AccountError.of(Refusal.UNAUTHENTICATED)
            return cls(success=True, **(cls.perform(request, **arguments) or {}))
        except AccountError as refused:
            request.retry_after = refused.retry_after  # type: ignore[attr-defined] # for finish_response
            return cls(success=False, errors=refused.errors, **cls.refused)

    @classmethod
    def perform(cls, request: HttpRequest, /, *args: Any, **arguments: Any) -> Mapping[str, Any] | None:
        """Call the flow and return the outputs. Raises AccountError to reject the operation."""
        raise NotImplementedError(f"{cls.__name__} needs a class method `perform`.")

    @classmethod
    def description(cls) -> str:
        """Return the nearest docstring, the mutation's description in the schema. Raises TypeError if there is none."""
        documented = cls.__mro__[: cls.__mro__.index(AccountMutation)]
        for base in documented:
            if issubclass(base, AccountMutation) and base.__doc__:
                # A printed schema would have blanks in an empty line.
                return cleandoc(base.__doc__).replace("\n\n", "\n")
        raise TypeError(f"{cls.__name__} needs a docstring: it is the description in the schema.")

    @classmethod
    def is_allowed_to_anybody(cls) -> bool:
        """Return whether JWT_ALLOW_ANY_CLASSES names this mutation."""
        return issubclass(cls, tuple(jwt_settings.JWT_ALLOW_ANY_CLASSES))


class UserOutput:
    """The output of a mutation that changes the user, so that a client's cache sees the change."""

    user = graphene.Field(UserNode, description="The user as it is now.")


class TokenOutput:
    """The outputs of a mutation that opens or renews a session."""

    token = graphene.String(description="The access token, for the Authorization header.")
    token_expires_at = graphene.Int(description="When the access token expires, in seconds since 1970.")
    refresh_token = graphene.String(description="Exchanged by refreshToken for new tokens, once.")
    refresh_expires_in = graphene.Int(description="When the refresh token expires, in seconds since 1970.")


def token_outputs(tokens: Tokens | None) -> dict[str, Any]:
    """Return the values of TokenOutput."""
    if tokens is None:
        return {}
    return {
        "token": tokens.token,
        "token_expires_at": tokens.token_expires_at,
        "refresh_token": tokens.refresh_token,
        "refresh_expires_in": tokens.refresh_expires_in,
    }


def arguments(description: str, *, required: Mapping[str, str], optional: Mapping[str, str]) -> type:
    """Return an `Arguments` class with the given fields, which map names to names of scalars."""
    fields = {name: scalar(kind, name)(required=True) for name, kind in required.items()}
    fields |= {name: scalar(kind, name)() for name, kind in optional.items()}
    return type("Arguments", (), fields | {"__doc__": description})


def scalar(name: str, field: str) -> type[graphene.Scalar]:
    """Return the graphene scalar `name` for `field`. Raises ImproperlyConfigured when it does not exist."""
    kind = scalar_named(name)
    if kind is None:
        raise ImproperlyConfigured(
            f"A setting of GRAPHQL_AUTH that ends in _FIELDS gives {field!r} the type {name!r}. Name a scalar of "
            "graphene: String, Int, Boolean, Date ..."
        )
    return kind


def served_mutations() -> list[type[AccountMutation]]:
    """Return the account mutations that the project's schema has."""
    schema = graphene_django.graphene_settings.SCHEMA.graphql_schema
    fields = schema.mutation_type.fields.values() if schema.mutation_type else ()
    kinds = [getattr(field.type, "graphene_type", None) for field in fields]
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, AccountMutation)]
