"""The mutations of the account system, under their public names; each takes one `input` with a clientMutationId."""

import graphene

from graphql_auth.api.account import ArchiveAccount, DeleteAccount, UpdateAccount
from graphql_auth.api.base import AccountMutation
from graphql_auth.api.login import ObtainJSONWebToken, RefreshToken, RevokeToken, VerifyToken
from graphql_auth.api.passwords import PasswordChange, PasswordReset, PasswordSet, SendPasswordResetEmail
from graphql_auth.api.registration import DisownAccount, Register, ResendActivationEmail, VerifyAccount
from graphql_auth.api.secondary_email import (
    RemoveSecondaryEmail,
    SendSecondaryEmailActivation,
    SwapEmails,
    VerifySecondaryEmail,
)

__all__ = [
    "AccountMutation",
    "ArchiveAccount",
    "AuthMutation",
    "DeleteAccount",
    "DisownAccount",
    "ObtainJSONWebToken",
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


class AuthMutation(graphene.ObjectType):
    """The mutations of the account system."""

    register = Register.Field()
    verify_account = VerifyAccount.Field()
    disown_account = DisownAccount.Field()
    resend_activation_email = ResendActivationEmail.Field()
    send_password_reset_email = SendPasswordResetEmail.Field()
    password_reset = PasswordReset.Field()
    password_set = PasswordSet.Field()
    password_change = PasswordChange.Field()
    archive_account = ArchiveAccount.Field()
    delete_account = DeleteAccount.Field()
    update_account = UpdateAccount.Field()
    send_secondary_email_activation = SendSecondaryEmailActivation.Field()
    verify_secondary_email = VerifySecondaryEmail.Field()
    swap_emails = SwapEmails.Field()
    remove_secondary_email = RemoveSecondaryEmail.Field()
    token_auth = ObtainJSONWebToken.Field()
    verify_token = VerifyToken.Field()
    refresh_token = RefreshToken.Field()
    revoke_token = RevokeToken.Field()
