"""Logging in, refreshing tokens and logging out."""

from typing import Any

import graphene
from django.http import HttpRequest
from graphene.types.generic import GenericScalar

from graphql_auth.api.base import AccountMutation, TokenOutput, arguments, token_outputs
from graphql_auth.api.users.node import UserNode
from graphql_auth.api.users.readers import prove
from graphql_auth.conf import auth_settings, field_types
from graphql_auth.flows import login
from graphql_auth.flows.opening import require_complete


class ObtainJSONWebToken(TokenOutput, AccountMutation):
    """Log in with one identifier and a password. This restores an archived account."""

    public = True
    refused = {"unarchiving": False}

    user = graphene.Field(UserNode, description="Who logged in.")
    unarchiving = graphene.Boolean(description="Whether this login restored an archived account.")

    # Exactly one of the fields, which the flow checks.
    Arguments = arguments(
        "One identifier of the account, and its password.",
        required={"password": "String"},
        optional=field_types(auth_settings.LOGIN_ALLOWED_FIELDS),
    )

    @classmethod
    def perform(cls, request: HttpRequest, password: str, **identifiers: str | None) -> dict[str, Any]:
        """Call the flow."""
        done = require_complete(login.token_auth(request=request, password=password, identifiers=identifiers))
        prove(request, done.user)
        return token_outputs(done.tokens) | {"user": done.user, "unarchiving": done.unarchiving}


class VerifyToken(AccountMutation):
    """Check whether an access token is valid, and return its payload."""

    public = True

    payload = GenericScalar(description="The payload of the token.")

    class Arguments:
        """An access token."""

        token = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, token: str) -> dict[str, Any]:
        """Call the flow."""
        return {"payload": login.verify_token(token=token)}


class RefreshToken(TokenOutput, AccountMutation):
    """Exchange a refresh token for a new access token and a new refresh token."""

    public = True

    payload = GenericScalar(description="The payload of the new access token.")

    class Arguments:
        """A refresh token, which can be used once."""

        refresh_token = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, refresh_token: str) -> dict[str, Any]:
        """Call the flow."""
        tokens = login.refresh_token(refresh_token=refresh_token)
        return token_outputs(tokens) | {"payload": tokens.payload}


class RevokeToken(AccountMutation):
    """Log out: end the session of a refresh token."""

    public = True

    revoked = graphene.Int(description="When the session ended, in seconds since 1970.")

    class Arguments:
        """A refresh token of the session."""

        refresh_token = graphene.String(required=True)

    @classmethod
    def perform(cls, request: HttpRequest, refresh_token: str) -> dict[str, Any]:
        """Call the flow."""
        return {"revoked": int(login.revoke_token(refresh_token=refresh_token).timestamp())}
