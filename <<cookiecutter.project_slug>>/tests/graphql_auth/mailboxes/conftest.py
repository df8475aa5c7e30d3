"""Fixtures of the tests of mailboxes."""

import re

import pytest

from graphql_auth import sessions
from tests.conftest import PASSWORD
from tests.graphql_auth.mailboxes.helpers import CONFIRMED


@pytest.fixture(autouse=True)
def quiet(configure, settings):
    """Prevent enumeration, like in production, and serve the pages."""
    configure(PREVENT_ENUMERATION=True, RATE_LIMITS={})
    settings.FRONTEND_URL = "http://testserver"
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def ask(mutate, new_account, make_user):
    """Return `ask(name, email)`, which sends one of ASKING for an address and checks that it is carried out."""
    login = sessions.start(make_user("asking", verified=True)).token
    # % if cookiecutter.login_field == "username"
    numbers = iter(range(100))
    # % endif

    def arguments(name, email):
        if name == "register":
            # % if cookiecutter.login_field == "username"
            return new_account | {"email": email, "username": f"somebody{next(numbers)}"}
            # % else
            return new_account | {"email": email}
            # % endif
        return {"email": email, **({"password": PASSWORD} if name in CONFIRMED else {})}

    def ask(name, email):
        answer = mutate(name, login=login if name in CONFIRMED else None, **arguments(name, email))
        assert answer["success"] is True

    ask.arguments, ask.login = arguments, login
    return ask


@pytest.fixture
def inbox(mailoutbox, settings):
    """Return `inbox()`: the subject and the path of the link of each mail since it was last called, and its token."""

    def inbox():
        mails = [(mail.subject, re.search(r"testserver(/\S+/)(\S+)", mail.body)) for mail in mailoutbox]
        mailoutbox.clear()
        site = re.compile(f" (?:at|for) {re.escape(settings.SITE_NAME)}.*")
        return [(site.sub("", subject), link and link[1], link and link[2]) for subject, link in mails]

    return inbox
