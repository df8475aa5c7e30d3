"""Fixtures of the tests of mails."""

import pytest

from graphql_auth.mails import kinds, queue
from graphql_auth.transactions import atomic
from tests.conftest import PASSWORD


@pytest.fixture(autouse=True)
def shop(settings):
    """Set the name of the site and the URL of its front end."""
    settings.SITE_NAME = "The Shop"
    settings.FRONTEND_URL = "https://shop.example.com:8443/account/"


@pytest.fixture
def send(make_user, mailoutbox):
    """Return `send(kind, **fields)`, which sends a mail of the kind to a new user with the fields and returns it."""

    def send(kind, **fields):
        password = None if kind is kinds.PASSWORD_SET else PASSWORD
        user = make_user("customer", password=password, **fields)
        with atomic():
            queue.add(kind, user, to=user.email)
        return mailoutbox[-1]

    return send


@pytest.fixture
def template(settings, tmp_path):
    """Return `template(name, text)`, which puts a template in front of the project's own."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]

    def template(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return template
