"""Fixtures of the tests of registration."""

import pytest


@pytest.fixture
def without_password(make_user):
    """Return an unverified user who has yet to set a password."""
    return make_user("without_password", password=None)
