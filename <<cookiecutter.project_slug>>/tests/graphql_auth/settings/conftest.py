"""Fixtures of the tests of settings."""

import pytest


@pytest.fixture
def plain(settings):
    """Have no key in GRAPHQL_AUTH."""
    settings.GRAPHQL_AUTH = {}
