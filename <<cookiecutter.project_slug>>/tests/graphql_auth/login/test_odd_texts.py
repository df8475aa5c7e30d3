"""Odd values for the arguments of the login mutations."""

import pytest

from tests.api import mutation
from tests.conftest import PASSWORD
from tests.graphql_auth.login.helpers import ODD_TEXTS

NOT_TEXTS = ["\0", "\ud800"]


@pytest.mark.parametrize("text", [*NOT_TEXTS, *ODD_TEXTS], ids=range(len(NOT_TEXTS + ODD_TEXTS)))
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("tokenAuth", {"email": None, "password": PASSWORD}),
        ("tokenAuth", {"password": None, "email": "verified@example.com"}),
        # % if cookiecutter.login_field == "username"
        ("tokenAuth", {"username": None, "password": PASSWORD}),
        # % endif
        ("verifyToken", {"token": None}),
        ("refreshToken", {"refreshToken": None}),
        ("revokeToken", {"refreshToken": None}),
    ],
)
def test_odd_text_is_refused_or_answered(api, verified, name, arguments, text):
    """D28: nothing that can be typed is the server's fault."""
    given = {argument: text if value is None else value for argument, value in arguments.items()}

    response = api.post(*mutation(name, given))

    assert response.status_code == 400 or response.json()["data"][name]["success"] is False
