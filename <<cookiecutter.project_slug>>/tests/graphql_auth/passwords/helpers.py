"""Values and functions that several tests of passwords use."""

import pytest

from graphql_auth.models import Session
from tests.conftest import NEW_PASSWORD, PASSWORD, refused

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
INVALID_TOKEN = refused("invalid_token", "Invalid token.")
THROTTLED = refused("throttled", "Too many attempts. Please try again later.")
MISMATCH = refused("password_mismatch", "The two password fields didn’t match.", "newPassword2")
WEAK = {
    "newPassword2": [
        {"message": "This password is too short. It must contain at least 8 characters.", "code": "password_too_short"},
        {"message": "This password is too common.", "code": "password_too_common"},
        {"message": "This password is entirely numeric.", "code": "password_entirely_numeric"},
    ]
}
BAD_PASSWORDS = [
    pytest.param({"new_password1": "123456", "new_password2": "123456"}, WEAK, id="weak"),
    pytest.param({"new_password1": NEW_PASSWORD, "new_password2": PASSWORD}, MISMATCH, id="mismatch"),
]


def logs_in(mutate, user, password):
    return mutate("tokenAuth", email=user.email, password=password)["success"]


def live_sessions(user):
    return Session.objects.filter(user=user, ended_at=None).count()
