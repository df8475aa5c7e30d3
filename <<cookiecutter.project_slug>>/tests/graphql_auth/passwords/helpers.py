"""Values and functions that several tests of passwords use."""

import pytest

from graphql_auth.errors import Refusal
from graphql_auth.models import Session
from tests.conftest import NEW_PASSWORD, PASSWORD, refused

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
INVALID_TOKEN = refused(Refusal.INVALID_TOKEN)
THROTTLED = refused(Refusal.THROTTLED)
MISMATCH = refused("password_mismatch", field="newPassword2")
WEAK = refused("password_too_short", "password_too_common", "password_entirely_numeric", field="newPassword2")
BAD_PASSWORDS = [
    pytest.param({"new_password1": "123456", "new_password2": "123456"}, WEAK, id="weak"),
    pytest.param({"new_password1": NEW_PASSWORD, "new_password2": PASSWORD}, MISMATCH, id="mismatch"),
]


def logs_in(mutate, user, password):
    return mutate("tokenAuth", email=user.email, password=password)["success"]


def live_sessions(user):
    return Session.objects.filter(user=user, ended_at=None).count()
