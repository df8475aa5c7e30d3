"""What each mutation takes and returns, in the same five journeys as the flows. Each calls one flow."""

from graphql_auth.operations.account import ArchiveAccount, DeleteAccount, UpdateAccount
from graphql_auth.operations.base import Operation
from graphql_auth.operations.login import ObtainJSONWebToken, RefreshToken, RevokeToken, VerifyToken
from graphql_auth.operations.passwords import PasswordChange, PasswordReset, PasswordSet, SendPasswordResetEmail
from graphql_auth.operations.registration import DisownAccount, Register, ResendActivationEmail, VerifyAccount
from graphql_auth.operations.secondary_email import (
    RemoveSecondaryEmail,
    SendSecondaryEmailActivation,
    SwapEmails,
    VerifySecondaryEmail,
)

__all__ = [
    "ArchiveAccount",
    "DeleteAccount",
    "DisownAccount",
    "ObtainJSONWebToken",
    "Operation",
    "PasswordChange",
    "PasswordReset",
    "PasswordSet",
    "RefreshToken",
    "Register",
    "RemoveSecondaryEmail",
    "ResendActivationEmail",
    "RevokeToken",
    "SendPasswordResetEmail",
    "SendSecondaryEmailActivation",
    "SwapEmails",
    "UpdateAccount",
    "VerifyAccount",
    "VerifySecondaryEmail",
    "VerifyToken",
]
