"""Fixtures of the tests of limits."""

import pytest


@pytest.fixture
def limit(configure):
    """Return a function that sets the limits of some scopes; the others have none."""

    def limit(**scopes):
        configure(RATE_LIMITS=scopes)

    return limit


@pytest.fixture
def come_from(api):
    """Return a function that sets the IP address of the client."""

    def come_from(address):
        api.client.defaults["REMOTE_ADDR"] = address

    return come_from


@pytest.fixture
def log_in(mutate, verified):
    """Return a function that tries to log the verified user in and returns the errors."""

    def log_in(password="wrong", email=verified.email, login=None):
        return mutate("tokenAuth", email=email, password=password, login=login)["errors"]

    return log_in


@pytest.fixture(params=["memory", "redis"])
def store(request):
    """Count in memory, then in Redis."""
    if request.param == "redis":
        request.getfixturevalue("redis_store")
