"""Values and functions that several tests of registration use."""

from django.contrib.auth import get_user_model

from graphql_auth.errors import Refusal
from tests.conftest import refused

INVALID_ADDRESS = refused("invalid", field="email")
THROTTLED = refused(Refusal.THROTTLED)
NOT_ADDRESSES = [
    "not an address",
    "@example.com",
    "new@",
    "new@example",
    "new@one@example.com",
    # By the rules of 2003 these have an ASCII form, under which they could be registered once more.
    "new@i❤.example",
    "nıew@example.com",
    "new@example.com\r\nBcc: other@example.com",
    "new@example.com, other@example.com",
    "new@-example-.com",
    "n" * 250 + "@example.com",
]


def users():
    return get_user_model().objects
