"""Registering and verifying an account."""

from typing import Any

import graphene
from django.http import HttpRequest

from graphql_auth.api import columns
from graphql_auth.api.base import AccountMutation, TokenOutput, arguments, token_outputs
from graphql_auth.conf import auth_settings, field_types
from graphql_auth.flows import registration
from graphql_auth.flows.opening import require_complete

PASSWORDS = {"password1": "String", "password2": "String"}


class Register(TokenOutput, AccountMutation):
    """Create an account and mail the link that verifies it.

    Returns tokens if the account may log in before it is verified, but never while PREVENT_ENUMERATION is on, as in
    production.
    """

    public = True

    # A passwordless registration omits the passwords.
    Arguments = arguments(
        "The new account, and its password twice.",
        required=field_types(auth_settings.REGISTER_MUTATION_FIELDS),
        optional=field_types(auth_settings.REGISTER_MUTATION_FIELDS_OPTIONAL) | PASSWORDS,
    )

    @classmethod
    def perform(
        cls, request: HttpRequest, /, password1: str | None = None, password2: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Call the flow."""
        registered = registration.register(
            request=request, fields=columns.as_typed(fields), password1=password1, password2=password2
        )
        return token_outputs(require_complete(registered.tokens))


class VerifyAccount(AccountMutation):
    """Verify an account with the token from a mailed link."""

    public = True

    class Arguments:
        """The token from the link."""

        token = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, token: str) -> None:
        """Call the flow."""
        registration.verify_account(token=token)


class DisownAccount(AccountMutation):
    """Invalidate the password of an account that somebody else registered, with the token from its activation link."""

    public = True

    class Arguments:
        """The token from the link."""

        token = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, token: str) -> None:
        """Call the flow."""
        registration.disown_account(token=token)


class ResendActivationEmail(AccountMutation):
    """Mail the activation link of an unverified account again."""

    public = True

    class Arguments:
        """The email address of the account."""

        email = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, email: str) -> None:
        """Call the flow."""
        registration.resend_activation_email(request=request, email=email)
