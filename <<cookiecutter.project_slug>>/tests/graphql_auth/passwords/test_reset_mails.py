"""Requesting a mail to reset the password."""

from contextlib import nullcontext

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graphql_auth.errors import Refusal
from tests.api import mutation
from tests.conftest import NEW_PASSWORD, mail_down, mail_waits, refused
from tests.graphql_auth.passwords.helpers import NEW, THROTTLED, logs_in

STATES = ["unknown", "unverified", "verified", "archived", "inactive", "closed"]


@pytest.fixture
def everybody(unverified, verified, archived, inactive, closed):
    """Return an address of an account in each state."""
    users = {"unverified": unverified, "verified": verified, "archived": archived, "inactive": inactive}
    users["closed"] = closed
    return {"unknown": "unknown@example.com"} | {state: user.email for state, user in users.items()}


@pytest.mark.parametrize("typed", ["two@example.com", " Two@EXAMPLE.com ", "two_secondary@example.com"])
def test_a_reset_mail_goes_to_either_address_of_the_account(mutate, with_secondary, mailoutbox, typed):
    answer = mutate("sendPasswordResetEmail", email=typed)

    assert answer == {"success": True, "errors": None}
    assert [mail.to for mail in mailoutbox] == [[typed.strip().lower()]]


def test_a_reset_mail_goes_to_the_address_as_it_is_stored(mutate, verified, mailoutbox):
    """D14: two spellings may be two mailboxes, and only the stored one is known to be the owner's."""
    get_user_model().objects.update(email="Verified@Example.com")

    mutate("sendPasswordResetEmail", email="verified@example.com")

    assert [mail.to for mail in mailoutbox] == [["Verified@Example.com"]]


@pytest.mark.parametrize("name", ["sendPasswordResetEmail", "resendActivationEmail"])
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("address", ["closed@example.com", "nobody@example.com"])
def test_nobody_is_mailed_where_there_is_no_active_account(mutate, make_user, mailoutbox, name, verified, address):
    make_user("closed", is_active=False, verified=verified)

    assert mutate(name, email=address) == {"success": True, "errors": None}
    assert mailoutbox == []


@pytest.mark.parametrize("typed", ["nobody", "a@", "@example.com", "a@example.com\nBcc: b@example.com", "a" * 300])
def test_a_reset_mail_needs_a_valid_address(mutate, mailoutbox, typed):
    answer = mutate("sendPasswordResetEmail", email=typed)

    assert answer == {"success": False, "errors": refused("invalid", field="email")}
    assert mailoutbox == []


def test_an_unverified_account_is_mailed_its_activation_instead(mutate, unverified, mailed_token):
    answer = mutate("sendPasswordResetEmail", email=unverified.email)

    assert answer == {"success": False, "errors": refused(Refusal.NOT_VERIFIED_MAIL_SENT, field="email")}
    assert mutate("verifyAccount", token=mailed_token())["success"] is True


def test_an_unverified_account_without_password_is_mailed_the_link_to_set_one(mutate, make_user, mailed_token):
    user = make_user("passwordless", password=None)

    mutate("sendPasswordResetEmail", email=user.email)

    assert mutate("passwordSet", token=mailed_token(), **NEW)["success"] is True
    assert logs_in(mutate, user, NEW_PASSWORD)


@pytest.mark.parametrize("state", ["verified", "unverified", "archived"])
def test_a_reset_mail_that_cannot_be_sent_is_reported(mutate, everybody, failing_mail, state):
    answer = mutate("sendPasswordResetEmail", email=everybody[state])

    assert answer == {"success": False, "errors": refused(Refusal.EMAIL_FAIL)}


def test_reset_mails_to_one_address_are_limited(mutate, configure, verified, mailoutbox):
    configure(RATE_LIMITS={"mail_address": "2/hour"})

    answers = [mutate("sendPasswordResetEmail", email=verified.email) for _ in range(3)]

    assert [answer["success"] for answer in answers] == [True, True, False]
    assert answers[-1]["errors"] == THROTTLED
    assert len(mailoutbox) == 2


@pytest.mark.parametrize("mail", [nullcontext, mail_down, mail_waits], ids=["mail works", "mail fails", "mail waits"])
def test_a_response_does_not_reveal_who_has_an_address(api, configure, everybody, hashes, mail):
    """D21: with PREVENT_ENUMERATION, body, status, headers, queries and hashes are the same."""
    configure(PREVENT_ENUMERATION=True)
    responses, queries = [], []

    for state in STATES:
        with mail(), CaptureQueriesContext(connection) as captured:
            responses.append(api.post(*mutation("sendPasswordResetEmail", {"email": everybody[state]})))
        queries.append(len(captured))

    assert responses[0].json()["data"]["sendPasswordResetEmail"]["success"] is True
    assert len({(answer.status_code, answer.content, str(sorted(answer.items()))) for answer in responses}) == 1
    assert max(queries) - min(queries) <= 1
    assert hashes() == 0


def test_with_prevent_enumeration_the_owner_is_mailed(mutate, configure, everybody, mailoutbox):
    configure(PREVENT_ENUMERATION=True)

    for state in STATES:
        mutate("sendPasswordResetEmail", email=everybody[state])

    mailed = ["unverified", "verified", "archived", "closed"]
    assert [mail.to for mail in mailoutbox] == [[everybody[state]] for state in mailed]
