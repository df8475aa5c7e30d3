"""Verifying a secondary email address."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graphql_auth import sessions, tokens
from graphql_auth.errors import Refusal
from graphql_auth.models import UserStatus
from tests.api import mutation, verdict
from tests.conftest import NEW_PASSWORD, PASSWORD, mail_down, mail_waits, refused
from tests.graphql_auth.secondary_email.helpers import DONE, INVALID_PASSWORD, INVALID_TOKEN, SECOND, secondary_email


def test_a_mailed_link_makes_an_address_the_secondary_one(mutate, ask, verified, mailoutbox):
    token = ask()

    assert [mail.to for mail in mailoutbox] == [[SECOND]]
    assert verdict(mutate("verifySecondaryEmail", token=token)) == DONE
    assert secondary_email(verified) == SECOND


def test_a_secondary_address_is_normalised(mutate, ask, verified, mailoutbox):
    token = ask(" Second@EXAMPLE.com ")
    mutate("verifySecondaryEmail", token=token)

    assert mailoutbox[0].to == [SECOND]
    assert secondary_email(verified) == SECOND


@pytest.mark.parametrize("email", ["nobody", "a@", "a@example.com\nBcc: b@example.com", "a" * 300])
def test_a_secondary_address_must_be_valid(mutate, verified, mailoutbox, email):
    answer = mutate("sendSecondaryEmailActivation", login=verified, email=email, password=PASSWORD)

    assert answer == {"success": False, "errors": refused("invalid", field="email")}
    assert mailoutbox == []


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("verified@example.com", id="own primary"),
        pytest.param("unverified@example.com", id="primary of another"),
        pytest.param("two_secondary@example.com", id="secondary of another"),
        pytest.param(" Two_Secondary@Example.COM", id="other spelling"),
    ],
)
def test_a_taken_address_is_refused(mutate, verified, unverified, with_secondary, mailoutbox, email):
    answer = mutate("sendSecondaryEmailActivation", login=verified, email=email, password=PASSWORD)

    assert answer == {"success": False, "errors": refused(Refusal.EMAIL_TAKEN, field="email")}
    assert mailoutbox == []


def test_the_own_secondary_address_is_taken_too(mutate, with_secondary):
    arguments = {"email": "two_secondary@example.com", "password": PASSWORD}

    answer = mutate("sendSecondaryEmailActivation", login=with_secondary, **arguments)

    assert answer["errors"] == refused(Refusal.EMAIL_TAKEN, field="email")


def test_whether_an_address_is_taken_is_not_revealed_without_the_password(mutate, verified, unverified):
    taken, free = (
        mutate("sendSecondaryEmailActivation", login=verified, email=email, password="wrong")
        for email in (unverified.email, SECOND)
    )

    assert taken == free == {"success": False, "errors": INVALID_PASSWORD}


def test_a_link_that_cannot_be_mailed_is_reported(mutate, verified, failing_mail):
    answer = mutate("sendSecondaryEmailActivation", login=verified, email=SECOND, password=PASSWORD)

    assert answer == {"success": False, "errors": refused(Refusal.EMAIL_FAIL)}


def test_links_to_one_address_are_limited(mutate, configure, verified, mailoutbox):
    configure(RATE_LIMITS={"mail_address": "2/hour"})
    arguments = {"login": verified, "email": SECOND, "password": PASSWORD}

    answers = [mutate("sendSecondaryEmailActivation", **arguments) for _ in range(3)]

    assert answers == [DONE, DONE, {"success": False, "errors": answers[-1]["errors"]}]
    assert answers[-1]["errors"] == refused(Refusal.THROTTLED)
    assert len(mailoutbox) == 2


@pytest.mark.parametrize("mail", [nullcontext, mail_down, mail_waits], ids=["mail works", "mail fails", "mail waits"])
def test_the_response_does_not_reveal_whether_an_address_is_taken(
    api, configure, verified, unverified, archived, inactive, with_secondary, hashes, mail
):
    """D21: with PREVENT_ENUMERATION, body, status, headers, queries and hashes are the same."""
    configure(PREVENT_ENUMERATION=True, RATE_LIMITS={})
    taken = [unverified.email, archived.email, inactive.email, with_secondary.email, "two_secondary@example.com"]
    token = sessions.start(verified).token
    responses, queries, hashed = [], [], []

    for email in [SECOND, *taken]:
        document = mutation("sendSecondaryEmailActivation", {"email": email, "password": PASSWORD})
        with mail(), CaptureQueriesContext(connection) as captured:
            responses.append(api.post(*document, login=token))
        queries.append(len(captured))
        hashed.append(hashes())

    assert responses[0].json()["data"]["sendSecondaryEmailActivation"]["success"] is True
    assert len({(answer.status_code, answer.content, str(sorted(answer.items()))) for answer in responses}) == 1
    assert max(queries) - min(queries) <= 1
    assert set(hashed) == {1}


def test_with_prevent_enumeration_the_owner_is_mailed_instead(mutate, configure, verified, with_secondary, mailoutbox):
    configure(PREVENT_ENUMERATION=True)

    mutate("sendSecondaryEmailActivation", login=verified, email="two_secondary@example.com", password=PASSWORD)

    assert [mail.to for mail in mailoutbox] == [["two_secondary@example.com"]]
    assert "/activate-secondary/" not in mailoutbox[0].body


def test_a_pending_address_reserves_nothing(mutate, ask, new_account, query):
    ask(new_account["email"])

    answer = mutate("register", **new_account)

    assert answer["success"] is True
    assert query("{ me { email secondaryEmail } }", login=answer["token"]) == {
        "me": {"email": new_account["email"], "secondaryEmail": None}
    }


def test_an_address_that_was_taken_meanwhile_is_not_verified(mutate, ask, verified, make_user):
    token = ask()
    make_user("second")

    assert verdict(mutate("verifySecondaryEmail", token=token)) == {
        "success": False,
        "errors": refused(Refusal.EMAIL_TAKEN),
    }
    assert secondary_email(verified) is None


def test_the_first_of_two_accounts_to_verify_an_address_gets_it(mutate, ask, verified, make_user):
    """D06: two accounts never own one address."""
    token = ask()
    other = make_user("other", verified=True)
    mutate("verifySecondaryEmail", token=tokens.make(tokens.SECONDARY_EMAIL, other, email=SECOND))

    assert mutate("verifySecondaryEmail", token=token)["errors"] == refused(Refusal.EMAIL_TAKEN)
    assert secondary_email(other) == SECOND
    assert secondary_email(verified) is None


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "é:é:é", "." * 5000])
def test_an_invalid_token_verifies_nothing(mutate, verified, token):
    assert verdict(mutate("verifySecondaryEmail", token=token)) == {"success": False, "errors": INVALID_TOKEN}


@pytest.mark.parametrize("lifetime", [timedelta(hours=1), timedelta(minutes=3)])
def test_a_link_to_a_secondary_address_expires(mutate, ask, configure, lifetime):
    if lifetime != timedelta(hours=1):
        configure(EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN=lifetime)
    token, mailed = ask(), timezone.now()

    with time_machine.travel(mailed + lifetime + timedelta(seconds=5), tick=False):
        assert mutate("verifySecondaryEmail", token=token)["errors"] == refused(Refusal.EXPIRED_TOKEN)
    with time_machine.travel(mailed + lifetime - timedelta(seconds=5), tick=False):
        assert verdict(mutate("verifySecondaryEmail", token=token)) == DONE


def test_a_link_to_a_secondary_address_works_once(mutate, ask):
    token = ask()
    mutate("verifySecondaryEmail", token=token)

    assert verdict(mutate("verifySecondaryEmail", token=token)) == {"success": False, "errors": INVALID_TOKEN}


def test_a_removed_address_does_not_return_by_its_old_link(mutate, ask, verified):
    """D04: what the owner removed stays removed."""
    token = ask()
    mutate("verifySecondaryEmail", token=token)
    mutate("removeSecondaryEmail", login=verified, password=PASSWORD)

    assert verdict(mutate("verifySecondaryEmail", token=token)) == {"success": False, "errors": INVALID_TOKEN}
    assert secondary_email(verified) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda user: user.set_password(NEW_PASSWORD), id="password"),
        pytest.param(lambda user: setattr(user, "email", "else@example.com"), id="email"),
        pytest.param(lambda user: setattr(user, "is_active", False), id="deactivation"),
        pytest.param(
            lambda user: user.status.change_address("secondary_email", "third@example.com"), id="another address"
        ),
        pytest.param(lambda user: user.delete(), id="deletion"),
    ],
)
def test_a_pending_address_dies_with_what_it_was_asked_for(mutate, verified, change):
    token = tokens.make(tokens.SECONDARY_EMAIL, verified, email=SECOND)
    change(verified)
    if verified.pk:
        verified.save()

    assert verdict(mutate("verifySecondaryEmail", token=token)) == {"success": False, "errors": INVALID_TOKEN}
    assert not UserStatus.objects.filter(secondary_email=SECOND).exists()


def test_a_second_secondary_address_replaces_the_first(mutate, ask, verified, make_user):
    mutate("verifySecondaryEmail", token=ask())
    verified.status.refresh_from_db()

    mutate("verifySecondaryEmail", token=ask("third@example.com"))

    assert secondary_email(verified) == "third@example.com"
    assert make_user("second").email == SECOND


def test_an_account_logs_in_by_its_secondary_address(mutate, with_secondary):
    answer = mutate("tokenAuth", email=" Two_Secondary@example.com", password=PASSWORD)

    assert answer["success"] is True
    assert answer["user"]["email"] == with_secondary.email


def test_logging_in_by_a_secondary_address_can_be_turned_off(mutate, configure, with_secondary):
    configure(ALLOW_LOGIN_WITH_SECONDARY_EMAIL=False)

    answer = mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD)

    assert answer["errors"] == refused(Refusal.INVALID_CREDENTIALS)
    assert mutate("tokenAuth", email=with_secondary.email, password=PASSWORD)["success"] is True


def test_an_address_that_is_pending_does_not_log_in(mutate, ask):
    ask()

    answer = mutate("tokenAuth", email=SECOND, password=PASSWORD)

    assert answer["errors"] == refused(Refusal.INVALID_CREDENTIALS)
