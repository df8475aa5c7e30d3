"""Values and functions that several tests of mailboxes use."""

from graphql_auth.errors import Refusal
from graphql_auth.mails import kinds
from tests.conftest import refused

DONE = {"success": True, "errors": None}
INVALID_TOKEN = refused(Refusal.INVALID_TOKEN)
OWN = "victims-own-horse-battery"
NEW = {"new_password1": OWN, "new_password2": OWN}
PASSWORD_LINK = "/password-reset/"
RESET, RESEND, SET = (
    (kinds.PASSWORD_RESET, PASSWORD_LINK),
    (kinds.ACTIVATION_RESEND, "/activate/"),
    (kinds.PASSWORD_SET, "/password-set/"),
)
ASKING = [
    "register",
    "resendActivationEmail",
    "sendPasswordResetEmail",
    "sendSecondaryEmailActivation",
]
# Those that need a login and the password.
CONFIRMED = [
    "sendSecondaryEmailActivation",
]
FORMS = ["/activate", "/password-reset", "/password-set"]


def logs_in(mutate, email, password):
    return mutate("tokenAuth", email=email, password=password)["success"]
