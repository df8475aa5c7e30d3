"""Fixtures of the tests of secondary email addresses."""

import pytest

from tests.conftest import PASSWORD
from tests.graphql_auth.secondary_email.helpers import DONE, SECOND


@pytest.fixture
def ask(mutate, verified, mailed_token):
    """Return `ask(email=SECOND)`: the verified user asks for an address; the token mailed there is returned."""

    def ask(email=SECOND):
        assert mutate("sendSecondaryEmailActivation", login=verified, email=email, password=PASSWORD) == DONE
        return mailed_token()

    return ask
