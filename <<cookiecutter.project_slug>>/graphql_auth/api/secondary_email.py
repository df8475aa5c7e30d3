"""The secondary email address of an account."""

from typing import Any

import graphene
from django.http import HttpRequest

from graphql_auth.api.base import AccountMutation, UserOutput
from graphql_auth.flows import secondary_email


class SendSecondaryEmailActivation(AccountMutation):
    """Mail a link to an email address that makes it the secondary address of the account."""

    class Arguments:
        """The email address, and the password of the account."""

        email = graphene.String(required=True)
        password = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, email: str, password: str) -> None:
        """Call the flow."""
        secondary_email.send_secondary_email_activation(
            request=request, user=request.user, email=email, password=password
        )


class VerifySecondaryEmail(UserOutput, AccountMutation):
    """Set the secondary email address with the token from a mailed link."""

    public = True

    class Arguments:
        """The token from the link."""

        token = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, token: str) -> dict[str, Any]:
        """Call the flow. Only the owner, who may not be the one with the link, sees the account."""
        user = secondary_email.verify_secondary_email(token=token)
        return {"user": user if user == request.user else None}


class SwapEmails(UserOutput, AccountMutation):
    """Swap the primary and the secondary email address."""

    class Arguments:
        """The password of the account."""

        password = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, password: str) -> dict[str, Any]:
        """Call the flow."""
        return {"user": secondary_email.swap_emails(request=request, user=request.user, password=password)}


class RemoveSecondaryEmail(UserOutput, AccountMutation):
    """Remove the secondary email address."""

    class Arguments:
        """The password of the account."""

        password = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, password: str) -> dict[str, Any]:
        """Call the flow."""
        return {"user": secondary_email.remove_secondary_email(request=request, user=request.user, password=password)}
