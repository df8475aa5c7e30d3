"""From no account to a verified one."""

from typing import Any

import graphene
from django.http import HttpRequest

from graphql_auth.api.base import AccountMutation, TokenOutput, arguments, token_outputs
from graphql_auth.conf import auth_settings, field_types
from graphql_auth.flows import registration

PASSWORDS = {"password1": "String", "password2": "String"}


class Register(TokenOutput, AccountMutation):
    """Create an account and mail the link that verifies it.

    It returns tokens where the account may log in already; never where PREVENT_ENUMERATION is on, as in production.
    """

    public = True

    # A passwordless registration leaves the passwords out.
    Arguments = arguments(
        "The new account, and its password twice.",
        required=field_types(auth_settings.REGISTER_MUTATION_FIELDS),
        optional=field_types(auth_settings.REGISTER_MUTATION_FIELDS_OPTIONAL) | PASSWORDS,
    )

    @classmethod
    def perform(
        cls, request: HttpRequest, password1: str | None = None, password2: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Call the flow."""
        registered = registration.register(request=request, fields=fields, password1=password1, password2=password2)
        return token_outputs(registered.tokens)


class VerifyAccount(AccountMutation):
    """Verify an account by the token that was mailed to it."""

    public = True

    class Arguments:
        """The token from the link."""

        token = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, token: str) -> None:
        """Call the flow."""
        registration.verify_account(token=token)


class DisownAccount(AccountMutation):
    """Make void the password of an account that somebody else registered, by the token mailed to activate it."""

    public = True

    class Arguments:
        """The token from the link."""

        token = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, token: str) -> None:
        """Call the flow."""
        registration.disown_account(token=token)


class ResendActivationEmail(AccountMutation):
    """Mail an unverified account its activation link again."""

    public = True

    class Arguments:
        """The address of the account."""

        email = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, email: str) -> None:
        """Call the flow."""
        registration.resend_activation_email(request=request, email=email)
