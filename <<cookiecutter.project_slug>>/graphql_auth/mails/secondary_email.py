"""The mails about the secondary email address."""

from graphql_auth import tokens
from graphql_auth.mails.kind import Kind

SECONDARY_EMAIL_ACTIVATION = Kind(
    "secondary_email_activation",
    "EMAIL_SUBJECT_SECONDARY_EMAIL_ACTIVATION",
    "EMAIL_TEMPLATE_SECONDARY_EMAIL_ACTIVATION",
    tokens.SECONDARY_EMAIL,
    "ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL",
    fixed_address=True,
)
SECONDARY_EMAIL_CHANGED = Kind(
    "secondary_email_changed",
    "EMAIL_SUBJECT_SECONDARY_EMAIL_CHANGED",
    "EMAIL_TEMPLATE_SECONDARY_EMAIL_CHANGED",
    fixed_address=True,
)
