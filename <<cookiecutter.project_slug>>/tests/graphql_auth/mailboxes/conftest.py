"""Fixtures of the tests of mailboxes."""

import re

import pytest

from graphql_auth import sessions
from graphql_auth.mails import kinds
from tests.conftest import PASSWORD, TOKEN
from tests.graphql_auth.mailboxes.helpers import CONFIRMED
from tests.texts import subject


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
def inbox(mailoutbox):
    """Return `inbox()`: the kind and the path of the link of each mail since it was last called, and its token."""

    def inbox():
        of_subject = {subject(kind): kind for kind in kinds.KINDS.values()}
        path = re.compile(rf"testserver(/\S+/)({TOKEN})")
        mails = [(of_subject[mail.subject], path.search(mail.body)) for mail in mailoutbox]
        mailoutbox.clear()
        return [(kind, link and link[1], link and link[2]) for kind, link in mails]

    return inbox
