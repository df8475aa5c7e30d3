"""Changing, archiving and deleting an account."""

from typing import Any

import graphene
from django.http import HttpRequest

from graphql_auth.api import columns
from graphql_auth.api.base import AccountMutation, UserOutput, arguments
from graphql_auth.conf import auth_settings, field_types
from graphql_auth.flows import account


class UpdateAccount(UserOutput, AccountMutation):
    """Change the fields of the account that the settings name; omitted fields stay unchanged."""

    credential = False

    Arguments = arguments(
        "New values for fields of the account.",
        required={},
        optional=field_types(auth_settings.UPDATE_MUTATION_FIELDS),
    )

    @classmethod
    def perform(cls, request: HttpRequest, /, **changes: Any) -> dict[str, Any]:
        """Call the flow."""
        return {"user": account.update_account(user=request.user, changes=columns.as_typed(changes))}


class ArchiveAccount(UserOutput, AccountMutation):
    """Archive the account and end its sessions; the next login takes it out of the archive."""

    class Arguments:
        """The password of the account."""

        password = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, password: str) -> dict[str, Any]:
        """Call the flow."""
        return {"user": account.archive_account(request=request, user=request.user, password=password)}


class DeleteAccount(AccountMutation):
    """Delete the account, or make it inactive, as the settings say; end its sessions."""

    class Arguments:
        """The password of the account."""

        password = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, password: str) -> None:
        """Call the flow."""
        account.delete_account(request=request, user=request.user, password=password)
