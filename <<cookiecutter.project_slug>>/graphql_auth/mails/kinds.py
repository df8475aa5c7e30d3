"""The kinds of mails, with their templates and the purposes of the tokens in their links."""

from graphql_auth import tokens
from graphql_auth.mails.kind import Kind
from graphql_auth.mails.secondary_email import SECONDARY_EMAIL_ACTIVATION, SECONDARY_EMAIL_CHANGED

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

# The mails about changes of a status by staff, by field.
CHANGES: dict[str, Kind] = {
    "secondary_email": SECONDARY_EMAIL_CHANGED,
}
