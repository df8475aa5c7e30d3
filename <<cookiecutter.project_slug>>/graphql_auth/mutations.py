"""The account mutations."""

from typing import Any

import graphene

from graphql_auth import operations


class AccountMutation(operations.Operation, graphene.Mutation):
    """A mutation of the account system; your own can extend it too."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, **options: Any) -> None:
        super().__init_subclass_with_meta__(**{"description": cls.description()} | options)

    @classmethod
    def mutate(cls, root: Any, info: graphene.ResolveInfo, **arguments: Any) -> Any:
        """Carry the operation out."""
        return cls(**cls.answer(info.context, arguments))


class Register(operations.Register, AccountMutation):
    pass


class VerifyAccount(operations.VerifyAccount, AccountMutation):
    pass


class DisownAccount(operations.DisownAccount, AccountMutation):
    pass


class ResendActivationEmail(operations.ResendActivationEmail, AccountMutation):
    pass


class SendPasswordResetEmail(operations.SendPasswordResetEmail, AccountMutation):
    pass


class PasswordReset(operations.PasswordReset, AccountMutation):
    pass


class PasswordSet(operations.PasswordSet, AccountMutation):
    pass


class PasswordChange(operations.PasswordChange, AccountMutation):
    pass


class ArchiveAccount(operations.ArchiveAccount, AccountMutation):
    pass


class DeleteAccount(operations.DeleteAccount, AccountMutation):
    pass


class UpdateAccount(operations.UpdateAccount, AccountMutation):
    pass


class SendSecondaryEmailActivation(operations.SendSecondaryEmailActivation, AccountMutation):
    pass


class VerifySecondaryEmail(operations.VerifySecondaryEmail, AccountMutation):
    pass


class SwapEmails(operations.SwapEmails, AccountMutation):
    pass


class RemoveSecondaryEmail(operations.RemoveSecondaryEmail, AccountMutation):
    pass


class ObtainJSONWebToken(operations.ObtainJSONWebToken, AccountMutation):
    pass


class VerifyToken(operations.VerifyToken, AccountMutation):
    pass


class RefreshToken(operations.RefreshToken, AccountMutation):
    pass


class RevokeToken(operations.RevokeToken, AccountMutation):
    pass


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
