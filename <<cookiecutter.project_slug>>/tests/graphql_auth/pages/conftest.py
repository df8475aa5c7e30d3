"""Fixtures of the tests of pages."""

import pytest

from tests.graphql_auth.pages.helpers import JOURNEYS


@pytest.fixture(autouse=True)
def links_lead_here(settings):
    settings.FRONTEND_URL = "http://testserver"
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture(params=JOURNEYS)
def journey(request, make_user):
    """Return each kind of link."""
    return JOURNEYS[request.param](make_user)
