"""Registering does not reveal who has an account."""

from contextlib import nullcontext

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graphql_auth.flows import registration
from tests.api import mutation
from tests.conftest import PASSWORD, mail_down, mail_waits
from tests.graphql_auth.registration.helpers import users

# Each state of an account, with an address of it.
KNOWN = {
    "unverified": "unverified@example.com",
    "verified": "verified@example.com",
    "with_secondary": "two_secondary@example.com",
    "archived": "archived@example.com",
    "inactive": "inactive@example.com",
    "without_password": "without_password@example.com",
    "closed": "closed@example.com",
}


@pytest.fixture
def observe(api, hashes):
    """Return `observe(name, **arguments)`: the response a client sees, the number of queries and that of hashes."""

    def observe(name, **arguments):
        document, variables = mutation(name, arguments)
        hashes()
        with CaptureQueriesContext(connection) as queries:
            response = api.post(document, variables)
        return (response.status_code, dict(response.headers), response.json()), len(queries), hashes()

    return observe


@pytest.mark.parametrize("mail", [nullcontext, mail_down, mail_waits], ids=["mail works", "mail fails", "mail waits"])
@pytest.mark.parametrize("state", KNOWN)
def test_register_does_not_reveal_whether_an_address_has_an_account(
    observe, new_account, configure, request, state, mail
):
    """D21: neither does the number of queries or hashes."""
    configure(PREVENT_ENUMERATION=True)
    request.getfixturevalue(state)

    with mail():
        known, known_queries, known_hashes = observe("register", **(new_account | {"email": KNOWN[state]}))
        unknown, unknown_queries, unknown_hashes = observe("register", **new_account)

    assert known == unknown
    answer = unknown[2]["data"]["register"]
    assert (answer["success"], answer["token"], answer["refreshToken"]) == (True, None, None)
    assert abs(known_queries - unknown_queries) <= 1
    assert known_hashes == unknown_hashes == 1


@pytest.mark.parametrize("mail", [nullcontext, mail_down, mail_waits], ids=["mail works", "mail fails", "mail waits"])
@pytest.mark.parametrize("state", KNOWN)
def test_resend_activation_does_not_reveal_whether_an_address_has_an_account(observe, configure, request, state, mail):
    """D21: neither does the number of queries or hashes."""
    configure(PREVENT_ENUMERATION=True)
    request.getfixturevalue(state)

    with mail():
        known, known_queries, known_hashes = observe("resendActivationEmail", email=KNOWN[state])
        unknown, unknown_queries, unknown_hashes = observe("resendActivationEmail", email="new@example.com")

    assert known == unknown
    assert unknown[2]["data"]["resendActivationEmail"]["success"] is True
    assert abs(known_queries - unknown_queries) <= 1
    assert known_hashes == unknown_hashes == 0


def test_the_owner_of_a_taken_address_is_notified_by_mail(mutate, new_account, verified, configure, mailoutbox):
    configure(PREVENT_ENUMERATION=True)
    password = verified.password

    mutate("register", **(new_account | {"email": "Verified@example.com"}))
    mutate("resendActivationEmail", email="Verified@example.com")

    assert [mail.to for mail in mailoutbox] == [["verified@example.com"]] * 2
    assert all("already has an account" in mail.body for mail in mailoutbox)
    assert not any("/activate/" in mail.body for mail in mailoutbox)
    assert users().get().password == password


def test_a_new_account_works_with_prevent_enumeration(mutate, new_account, configure, mailed_token):
    configure(PREVENT_ENUMERATION=True)
    mutate("register", **new_account)

    assert mutate("verifyAccount", token=mailed_token())["success"] is True
    assert mutate("tokenAuth", email="new@example.com", password=PASSWORD)["success"] is True


def test_no_free_text_reaches_an_address_that_is_not_verified(rf, api, new_account, configure, mailoutbox):
    """D24: otherwise anybody could have this site mail their words to anybody."""
    configure(REGISTER_MUTATION_FIELDS_OPTIONAL=["first_name", "last_name"])
    words = dict.fromkeys(("first_name", "last_name"), "spam.example")
    # % if cookiecutter.login_field == "username"
    words["username"] = "spam.example"
    # % endif

    passwords = {name: new_account.pop(name) for name in ("password1", "password2")}
    registration.register(request=rf.post("/"), fields=new_account | words, **passwords)
    registration.resend_activation_email(request=rf.post("/"), email="new@example.com")

    assert len(mailoutbox) == 2
    assert not any("spam.example" in str(mail.message()) + mail.body for mail in mailoutbox)
