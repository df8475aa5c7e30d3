"""Setting, changing and recovering passwords."""

from typing import Any

import graphene
from django.http import HttpRequest

from graphql_auth.api.base import AccountMutation, TokenOutput, token_outputs
from graphql_auth.flows import passwords
from graphql_auth.flows.opening import require_complete


class SendPasswordResetEmail(AccountMutation):
    """Mail a link to reset the password; an unverified account gets its activation link instead."""

    public = True

    class Arguments:
        """A primary or secondary email address."""

        email = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, email: str) -> None:
        """Call the flow."""
        passwords.send_password_reset_email(request=request, email=email)


class NewPassword:
    """The token from a link, and the new password twice."""

    token = graphene.String(required=True)
    new_password1 = graphene.String(required=True)
    new_password2 = graphene.String(required=True)


class PasswordReset(AccountMutation):
    """Set a new password with the token from a mailed link, verify the account and end its sessions."""

    public = True

    class Arguments(NewPassword):
        """The token from the link, and the new password twice."""

    @classmethod
    def perform(cls, request: HttpRequest, **arguments: str) -> None:
        """Call the flow."""
        passwords.password_reset(**arguments)


class PasswordSet(AccountMutation):
    """Set the first password of an account that was registered without one, and verify it."""

    public = True

    class Arguments(NewPassword):
        """The token from the link, and the new password twice."""

    @classmethod
    def perform(cls, request: HttpRequest, **arguments: str) -> None:
        """Call the flow."""
        passwords.password_set(**arguments)


class PasswordChange(TokenOutput, AccountMutation):
    """Change the password, end all sessions and open a new one."""

    class Arguments:
        """The old password once, the new one twice."""

        old_password = graphene.String(required=True)
        new_password1 = graphene.String(required=True)
        new_password2 = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, **arguments: str) -> dict[str, Any]:
        """Call the flow."""
        changed = passwords.password_change(request=request, user=request.user, **arguments)
        return token_outputs(require_complete(changed))
