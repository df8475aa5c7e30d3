"""Fixtures of the tests of logins."""

import pytest
from django.contrib.auth.signals import user_login_failed

from tests.conftest import PASSWORD


@pytest.fixture
def everybody(make_user, unverified, verified, with_secondary, archived, inactive):
    """Make a user in each state."""
    make_user("without_password", password=None)


@pytest.fixture
def failures(listen):
    """Return a list that grows with each failed login."""
    failures = []
    listen(user_login_failed, lambda credentials, **_: failures.append(credentials))
    return failures


@pytest.fixture
def login(mutate, verified):
    """Return the payload of a login of the verified user."""
    return mutate("tokenAuth", email=verified.email, password=PASSWORD)
