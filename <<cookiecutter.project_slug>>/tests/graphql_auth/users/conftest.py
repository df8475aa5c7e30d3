"""Fixtures of the tests of `users`."""

import pytest
from django.core.management import call_command

from tests.graphql_auth.users.helpers import EMAILS


@pytest.fixture
def four_users(db):
    """Load the users of the quickstart."""
    call_command("loaddata", "users", verbosity=0)


@pytest.fixture
def emails_of(query):
    """Return a function that returns the addresses on a page of `users`."""

    def emails_of(arguments=""):
        users = query(f"{{ users{arguments} {EMAILS} }}")["users"]
        return [edge["node"]["email"] for edge in users["edges"]]

    return emails_of
