"""Values and functions that several tests of mailboxes use."""

from tests.conftest import refused

DONE = {"success": True, "errors": None}
INVALID_TOKEN = refused("invalid_token", "Invalid token.")
OWN = "victims-own-horse-battery"
NEW = {"new_password1": OWN, "new_password2": OWN}
PASSWORD_LINK = "/password-reset/"
RESET, RESEND, SET = (
    ("Reset your password", PASSWORD_LINK),
    ("Your new activation link", "/activate/"),
    ("Set your password", "/password-set/"),
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
