"""What rendered projects say where clients and promises rely on it. An owner may change it."""

import re
from collections.abc import Callable

import pytest

from tests.conftest import Project

# The messages of the documented API.
MESSAGES = {
    "already_archived": "Account already archived.",
    "already_verified": "Account already verified.",
    "email_fail": "Failed to send email.",
    "expired_token": "Expired token.",
    "invalid_credentials": "Please, enter valid credentials.",
    "invalid_password": "Invalid password.",
    "invalid_token": "Invalid token.",
    "not_verified": "Please verify your account.",
    "password_already_set": "Password already set for account.",
    "secondary_email_required": "You need to set up a secondary email first.",
    "throttled": "Too many attempts. Please try again later.",
    "unauthenticated": "Unauthenticated.",
}
# Whoever reads an activation mail must know that somebody else may know the password.
PROMISES = {
    "graphql_auth/templates/email/activation_email.txt": "the password stays the one that was chosen",
    "graphql_auth/templates/email/activation_email.html": "the password stays the one that was chosen",
    "graphql_auth/pages/registration.py": "keeps the password that was chosen at registration",
}


@pytest.fixture
def project(rendered: Callable[[str, str], Project]) -> Project:
    """Return a project."""
    return rendered("graphql", "username")


def test_refusals_have_the_documented_messages(project: Project) -> None:
    errors = (project.path / "graphql_auth/errors.py").read_text()
    flow = (project.path / "graphql_auth/flows/secondary_email.py").read_text()
    messages = dict(reversed(re.findall(r'= "(\w+)", _\("(.*)"\)$', errors, re.MULTILINE)))
    messages |= {code: text for text, code in re.findall(r'ValidationError\(_\("(.*)"\), "(\w+)"\)', flow)}
    assert messages.items() >= MESSAGES.items()


@pytest.mark.parametrize("name", PROMISES)
def test_an_activation_mail_and_its_page_say_what_they_do(project: Project, name: str) -> None:
    text = (project.path / name).read_text()
    assert PROMISES[name] in text
    assert "I did not register" in text
