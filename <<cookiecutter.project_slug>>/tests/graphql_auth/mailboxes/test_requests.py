"""Requests for mails treat every email address alike."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graphql_auth.mails import kinds
from graphql_auth.models import UserStatus
from tests.api import mutation
from tests.conftest import PASSWORD, mail_waits
from tests.graphql_auth.mailboxes.helpers import ASKING, FORMS, PASSWORD_LINK, RESEND, RESET, SET

ADDRESSES = {
    "unknown": "unknown@example.com",
    "unverified": "unverified@example.com",
    "without_password": "without_password@example.com",
    "verified": "verified@example.com",
    "with_secondary": "two_secondary@example.com",
    "archived": "archived@example.com",
    "closed": "closed@example.com",
    "inactive": "inactive@example.com",
}
# What each request mails to whom, with PREVENT_ENUMERATION: the kind and the path of the link.
EXISTS, UNVERIFIED, CLOSED = (
    (kinds.ACCOUNT_EXISTS, None),
    (kinds.ACCOUNT_UNVERIFIED_EXISTS, PASSWORD_LINK),
    (kinds.ACCOUNT_CLOSED_EXISTS, PASSWORD_LINK),
)
MAILED = {
    # state: register, resendActivationEmail, sendPasswordResetEmail, sendSecondaryEmailActivation
    "unverified": (UNVERIFIED, RESEND, RESET, UNVERIFIED),
    "without_password": (UNVERIFIED, SET, RESET, UNVERIFIED),
    "verified": (EXISTS, EXISTS, RESET, EXISTS),
    "with_secondary": (EXISTS, EXISTS, RESET, EXISTS),
    "archived": (EXISTS, EXISTS, RESET, EXISTS),
    "closed": (CLOSED, CLOSED, CLOSED, CLOSED),
    "inactive": (None, None, None, None),
}


@pytest.fixture
def without_password(make_user):
    """Return an unverified user who has yet to set a password."""
    return make_user("without_password", password=None)


def shapes(statements):
    """Return what statements there were, without their values; a savepoint ends in one of two ways."""
    texts = (re.sub(r"'[^']*'|\b[0-9a-f]{32}\b|\b\d[\d.]*\b", "?", each["sql"]) for each in statements)
    ends = r'^(RELEASE|ROLLBACK TO) SAVEPOINT "?\w+"?|^SAVEPOINT "?\w+"?'
    return [re.sub(ends, lambda end: "SAVEPOINT" if end[1] is None else "END OF SAVEPOINT", text) for text in texts]


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("state", MAILED)
def test_the_owner_of_an_address_is_mailed_what_helps_them(ask, request, inbox, state, name):
    """A02, A11: the kind of mail depends on the request and the state of the account."""
    request.getfixturevalue(state)

    ask(name, ADDRESSES[state])

    expected = MAILED[state][ASKING.index(name)]
    assert [(kind, path) for kind, path, _ in inbox()] == ([expected] if expected else [])


@pytest.mark.parametrize("state", ["unverified", "without_password"])
@pytest.mark.parametrize("typed", ["second@example.com", "unverified@example.com"])
def test_a_link_that_verifies_the_primary_address_is_mailed_to_it_alone(ask, make_user, mailoutbox, state, typed):
    user = make_user("unverified", password=PASSWORD if state == "unverified" else None)
    user.status.change(secondary_email="second@example.com")

    for name in ("resendActivationEmail", "sendPasswordResetEmail"):
        ask(name, typed)

    assert [mail.to for mail in mailoutbox] == [[user.email]] * 2


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("state", [*MAILED])
def test_every_address_takes_the_same_statements(api, ask, request, hashes, state, name):
    """A03: in their number and in what they are, and as many hashes."""
    request.getfixturevalue(state)
    login = ask.login if name == "sendSecondaryEmailActivation" else None
    seen = []

    for email in (ADDRESSES[state], ADDRESSES["unknown"]):
        hashes()
        document = mutation(name, ask.arguments(name, email))
        with mail_waits(), CaptureQueriesContext(connection) as statements:
            answer = api.post(*document, login=login).json()["data"][name]
        seen.append((answer, shapes(statements.captured_queries), hashes()))

    assert seen[0] == seen[1]
    assert any("django_tasks" in statement for statement in seen[0][1])


@pytest.mark.parametrize("page", FORMS)
@pytest.mark.parametrize("state", [*MAILED])
def test_every_address_takes_a_page_the_same_statements(client, request, state, page):
    """A03."""
    request.getfixturevalue(state)
    seen = []

    for email in (ADDRESSES[state], ADDRESSES["unknown"]):
        with mail_waits(), CaptureQueriesContext(connection) as statements:
            assert client.post(page, {"email": email}).status_code == 302
        seen.append(shapes(statements.captured_queries))

    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", ["resendActivationEmail", "sendPasswordResetEmail", "sendSecondaryEmailActivation"])
def test_nobody_looks_up_whose_address_it_is_before_the_mail_is_sent(api, ask, verified, name):
    """A03: so nothing that a request does can depend on it."""
    login = ask.login if name == "sendSecondaryEmailActivation" else None
    document = mutation(name, ask.arguments(name, verified.email))

    with mail_waits(), CaptureQueriesContext(connection) as statements:
        api.post(*document, login=login)

    assert not [each["sql"] for each in statements.captured_queries if verified.email in each["sql"]]


def test_a_registration_of_a_taken_address_leaves_nothing_but_a_mail(ask, verified, listen):
    """A03: it saves a new account and rolls this back, without signals."""
    heard = []
    from graphql_auth.signals import user_registered

    listen(user_registered, lambda **_: heard.append("registered"))
    users, statuses = get_user_model().objects.count(), UserStatus.objects.count()

    ask("register", verified.email)

    assert (get_user_model().objects.count(), UserStatus.objects.count(), heard) == (users, statuses, [])
