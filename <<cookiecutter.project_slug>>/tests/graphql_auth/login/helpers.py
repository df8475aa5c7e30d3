"""Values and functions that several tests of logins use."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from graphql_auth.errors import Refusal
from tests.api import null_outputs
from tests.conftest import refused

ME = "{ me { email } }"
NOBODY = {"me": None}
INVALID_TOKEN = refused(Refusal.INVALID_TOKEN)
REFUSED_LOGIN = null_outputs("tokenAuth") | {"success": False, "unarchiving": False}
INVALID_CREDENTIALS = REFUSED_LOGIN | {"errors": refused(Refusal.INVALID_CREDENTIALS)}
REFUSED_REFRESH = null_outputs("refreshToken") | {"success": False, "errors": INVALID_TOKEN}
REFUSED_REVOKE = {"success": False, "errors": INVALID_TOKEN, "revoked": None}
# Each state of an account, with an address of it.
ADDRESSES = {
    "unverified": "unverified@example.com",
    "verified": "verified@example.com",
    "with_secondary": "two_secondary@example.com",
    "archived": "archived@example.com",
    "inactive": "inactive@example.com",
    "without_password": "without_password@example.com",
    "unknown": "unknown@example.com",
}
KEY = "the-key-of-these-tests-which-is-long-enough-for-any-algorithm-there-is"
ODD_TEXTS = ["", " ", "x", "a.b.c", "x" * 50_000, "\u202e", "é🎉", "İ@İ.com", "[" * 9999]


def email_of_me(query, token):
    me = query(ME, login=token)["me"]
    return me and me["email"]


def later(**delta):
    """Return a context in which this much time has passed."""
    return time_machine.travel(timezone.now() + timedelta(**delta))


def refresh(mutate, token):
    return mutate("refreshToken", refresh_token=token)
