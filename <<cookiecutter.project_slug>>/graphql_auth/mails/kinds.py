"""The kinds of mails, with their templates and the purposes of the tokens in their links."""

from dataclasses import dataclass

from graphql_auth import tokens
from graphql_auth.conf import auth_settings


@dataclass(frozen=True)
class Kind:
    """One kind of mail: the settings that name its templates and path, and the purpose of the token in its link.

    `fixed_address`: the mail goes to the address it was queued for, even if that does not belong to the account.
    """

    name: str
    subject_setting: str
    template_setting: str
    purpose: tokens.Purpose | None = None
    path_setting: str = ""
    fixed_address: bool = False

    @property
    def subject_template(self) -> str:
        """The template of the subject."""
        return str(getattr(auth_settings, self.subject_setting))

    @property
    def html_template(self) -> str:
        """The template of the HTML body."""
        return str(getattr(auth_settings, self.template_setting))

    @property
    def verifies(self) -> bool:
        """Whether the link verifies the primary address, and so may only be sent there."""
        return self.purpose in (tokens.ACTIVATION, tokens.PASSWORD_SET, tokens.PASSWORD_RESET)

    @property
    def path(self) -> str:
        """The path of the link, before the token."""
        return str(getattr(auth_settings, self.path_setting)) if self.path_setting else ""


ACTIVATION = Kind(
    "activation",
    "EMAIL_SUBJECT_ACTIVATION",
    "EMAIL_TEMPLATE_ACTIVATION",
    tokens.ACTIVATION,
    "ACTIVATION_PATH_ON_EMAIL",
)
ACTIVATION_RESEND = Kind(
    "activation_resend",
    "EMAIL_SUBJECT_ACTIVATION_RESEND",
    "EMAIL_TEMPLATE_ACTIVATION_RESEND",
    tokens.ACTIVATION,
    "ACTIVATION_PATH_ON_EMAIL",
)
SECONDARY_EMAIL_ACTIVATION = Kind(
    "secondary_email_activation",
    "EMAIL_SUBJECT_SECONDARY_EMAIL_ACTIVATION",
    "EMAIL_TEMPLATE_SECONDARY_EMAIL_ACTIVATION",
    tokens.SECONDARY_EMAIL,
    "ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL",
    fixed_address=True,
)
PASSWORD_SET = Kind(
    "password_set",
    "EMAIL_SUBJECT_PASSWORD_SET",
    "EMAIL_TEMPLATE_PASSWORD_SET",
    tokens.PASSWORD_SET,
    "PASSWORD_SET_PATH_ON_EMAIL",
)
PASSWORD_RESET = Kind(
    "password_reset",
    "EMAIL_SUBJECT_PASSWORD_RESET",
    "EMAIL_TEMPLATE_PASSWORD_RESET",
    tokens.PASSWORD_RESET,
    "PASSWORD_RESET_PATH_ON_EMAIL",
)
ACCOUNT_EXISTS = Kind(
    "account_exists",
    "EMAIL_SUBJECT_ACCOUNT_EXISTS",
    "EMAIL_TEMPLATE_ACCOUNT_EXISTS",
)
# Sent when somebody tries to register the address of an unverified account, or of one that its owner closed.
ACCOUNT_UNVERIFIED_EXISTS = Kind(
    "account_unverified_exists",
    "EMAIL_SUBJECT_ACCOUNT_UNVERIFIED_EXISTS",
    "EMAIL_TEMPLATE_ACCOUNT_UNVERIFIED_EXISTS",
    tokens.PASSWORD_RESET,
    "PASSWORD_RESET_PATH_ON_EMAIL",
)
ACCOUNT_CLOSED_EXISTS = Kind(
    "account_closed_exists",
    "EMAIL_SUBJECT_ACCOUNT_CLOSED_EXISTS",
    "EMAIL_TEMPLATE_ACCOUNT_CLOSED_EXISTS",
    tokens.PASSWORD_RESET,
    "PASSWORD_RESET_PATH_ON_EMAIL",
)
# Notify owners of security events; see SECURITY_MAILS.
SESSION_REUSED = Kind(
    "session_reused",
    "EMAIL_SUBJECT_SESSION_REUSED",
    "EMAIL_TEMPLATE_SESSION_REUSED",
)
EMAIL_CHANGED = Kind(
    "email_changed",
    "EMAIL_SUBJECT_EMAIL_CHANGED",
    "EMAIL_TEMPLATE_EMAIL_CHANGED",
    fixed_address=True,
)
SECONDARY_EMAIL_CHANGED = Kind(
    "secondary_email_changed",
    "EMAIL_SUBJECT_SECONDARY_EMAIL_CHANGED",
    "EMAIL_TEMPLATE_SECONDARY_EMAIL_CHANGED",
    fixed_address=True,
)

KINDS = {
    kind.name: kind
    for kind in (
        ACTIVATION,
        ACTIVATION_RESEND,
        SECONDARY_EMAIL_ACTIVATION,
        PASSWORD_SET,
        PASSWORD_RESET,
        ACCOUNT_EXISTS,
        ACCOUNT_UNVERIFIED_EXISTS,
        ACCOUNT_CLOSED_EXISTS,
        SESSION_REUSED,
        EMAIL_CHANGED,
        SECONDARY_EMAIL_CHANGED,
    )
}
