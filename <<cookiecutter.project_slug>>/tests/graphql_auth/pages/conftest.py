"""Fixtures of the tests of pages."""

import pytest

from graphql_auth import tokens
from graphql_auth.errors import Refusal
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
        return Journey("/activate", tokens.ACTIVATION, user, user.email, Refusal.ALREADY_VERIFIED)
    if request.param == "activate-secondary":
        user = make_user("first", verified=True)
        return Journey("/activate-secondary", tokens.SECONDARY_EMAIL, user, SECOND, Refusal.INVALID_TOKEN)
    if request.param == "password-reset":
        user = make_user("forgetful", verified=True)
        return Journey("/password-reset", tokens.PASSWORD_RESET, user, user.email, Refusal.INVALID_TOKEN, NEW)
    user = make_user("passwordless", password=None)
    return Journey("/password-set", tokens.PASSWORD_SET, user, user.email, Refusal.PASSWORD_ALREADY_SET, NEW)
