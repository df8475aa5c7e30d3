"""Fixtures of the tests of pages."""

import pytest

from graphql_auth import tokens
from tests.graphql_auth.pages.helpers import JOURNEYS, NEW, SECOND, Journey


@pytest.fixture(autouse=True)
def links_lead_here(settings):
    settings.FRONTEND_URL = "http://testserver"
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture(params=JOURNEYS)
def journey(request, make_user):
    """Return each kind of link."""
    if request.param == "activate":
        user = make_user("new")
        return Journey("/activate", tokens.ACTIVATION, user, user.email, "Account already verified")
    if request.param == "activate-secondary":
        user = make_user("first", verified=True)
        return Journey("/activate-secondary", tokens.SECONDARY_EMAIL, user, SECOND, "Invalid token")
    if request.param == "password-reset":
        user = make_user("forgetful", verified=True)
        return Journey("/password-reset", tokens.PASSWORD_RESET, user, user.email, "Invalid token", NEW)
    user = make_user("passwordless", password=None)
    return Journey("/password-set", tokens.PASSWORD_SET, user, user.email, "Password already set for account", NEW)
