"""Fixtures of the tests of pages."""

import pytest

from graphql_auth import tokens
from graphql_auth.errors import Refusal
from graphql_auth.pages import texts
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
        return Journey("/activate", tokens.ACTIVATION, user, user.email, texts.SETTLED[Refusal.ALREADY_VERIFIED.code])
    if request.param == "activate-secondary":
        user = make_user("first", verified=True)
        return Journey("/activate-secondary", tokens.SECONDARY_EMAIL, user, SECOND, texts.USED)
    if request.param == "password-reset":
        user = make_user("forgetful", verified=True)
        return Journey("/password-reset", tokens.PASSWORD_RESET, user, user.email, texts.USED, NEW)
    user = make_user("passwordless", password=None)
    used = texts.SETTLED[Refusal.PASSWORD_ALREADY_SET.code]
    return Journey("/password-set", tokens.PASSWORD_SET, user, user.email, used, NEW)
