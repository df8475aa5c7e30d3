"""Limits of logins and of confirmations by password."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.errors import Refusal
from tests.api import mutation
from tests.conftest import PASSWORD, refused
from tests.graphql_auth.limits.helpers import THROTTLED, WRONG


def test_wrong_passwords_are_refused_before_they_are_hashed(log_in, hashes, verified):
    hashes()
    answers = [log_in() for _ in range(12)]

    assert answers == [WRONG] * 5 + [THROTTLED] * 7
    assert hashes() == 5


def test_the_right_password_is_refused_too_once_a_limit_is_used_up(log_in):
    for _ in range(5):
        log_in()

    assert log_in(PASSWORD) == THROTTLED


def test_attempts_for_an_unknown_address_are_counted_and_hashed_like_others(log_in, hashes):
    """D19: neither responses nor response times reveal who has an account."""
    answers = [log_in(email="nobody@example.com") for _ in range(8)]

    assert answers == [WRONG] * 5 + [THROTTLED] * 3
    assert hashes() == 5


@pytest.mark.parametrize("state", ["unverified", "verified", "archived", "inactive"])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_a_login_computes_one_hash(log_in, hashes, request, state, password):
    """D19: exactly one, whatever the account's state."""
    user = request.getfixturevalue(state)
    hashes()

    log_in(password, email=user.email)

    assert hashes() == 1


def test_the_right_password_forgives_the_wrong_ones(log_in):
    for _ in range(3):
        assert [log_in() for _ in range(4)] == [WRONG] * 4
        assert log_in(PASSWORD) is None


def test_limits_end_with_their_time(log_in):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        answers = [log_in() for _ in range(6)]
    with time_machine.travel(start + timedelta(minutes=14), tick=False):
        answers.append(log_in(PASSWORD))
    with time_machine.travel(start + timedelta(minutes=16), tick=False):
        answers.append(log_in(PASSWORD))

    assert answers[5:] == [THROTTLED, THROTTLED, None]


def test_each_limit_of_a_scope_holds(log_in, limit):
    limit(login="2/minute;3/hour")
    start = timezone.now()

    with time_machine.travel(start, tick=False):
        first = [log_in() for _ in range(2)]
    with time_machine.travel(start + timedelta(minutes=2), tick=False):
        second = [log_in() for _ in range(2)]

    assert first == [WRONG, WRONG]
    assert second == [WRONG, THROTTLED]


@pytest.mark.parametrize("address", ["verified@example.com", "nobody@example.com"])
def test_an_address_counts_as_one_however_it_is_spelled(log_in, limit, address):
    """D19: that of nobody too, or the limit would tell who has an account."""
    limit(login="2/hour")
    spellings = [address.upper(), f" {address} ", address]

    assert [log_in(email=email) for email in spellings] == [WRONG, WRONG, THROTTLED]


def test_both_addresses_of_an_account_count_as_one(log_in, limit, with_secondary):
    limit(login="2/hour")
    emails = [with_secondary.email, "two_secondary@example.com", with_secondary.email]

    assert [log_in(email=email) for email in emails] == [WRONG, WRONG, THROTTLED]


# % if cookiecutter.login_field == "username"
def test_username_and_address_count_as_one(mutate, limit, verified):
    limit(login="2/hour")
    identifiers = [{"username": verified.username}, {"email": verified.email}, {"username": verified.username}]

    answers = [mutate("tokenAuth", password="wrong", **identifier)["errors"] for identifier in identifiers]

    assert answers == [WRONG, WRONG, THROTTLED]


# % endif
@pytest.mark.parametrize("second", [{"email": "two_secondary@example.com"}, {"email": "nobody@example.com"}])
def test_limits_do_not_reveal_which_names_share_an_account(mutate, limit, configure, hashes, with_secondary, second):
    """D19: a limit that was reached sooner revealed that both names belong to one account."""
    limit(login="2/hour")
    configure(PREVENT_ENUMERATION=True)
    hashes()

    tries = [{"email": with_secondary.email}, second] * 3
    answers = [mutate("tokenAuth", password="wrong", **identifier)["errors"] for identifier in tries]

    assert answers == [WRONG] * 4 + [THROTTLED] * 2
    assert hashes() == 4


# % if cookiecutter.login_field == "username"
@pytest.mark.parametrize("address", ["verified@example.com", "nobody@example.com"])
def test_limits_do_not_reveal_whether_an_address_has_an_account(mutate, limit, verified, address):
    """D19: an address given as username was counted together with an unknown address."""
    limit(login="2/hour")

    tries = [{"username": address}, {"email": address}] * 3
    answers = [mutate("tokenAuth", password="wrong", **identifier)["errors"] for identifier in tries]

    assert answers == [WRONG] * 4 + [THROTTLED] * 2


# % endif
def test_a_second_name_of_an_account_gives_no_second_chance(log_in, limit, configure, with_secondary):
    limit(login="2/hour")
    configure(PREVENT_ENUMERATION=True)
    for _ in range(2):
        log_in(email=with_secondary.email)

    assert log_in(PASSWORD, email="two_secondary@example.com") == WRONG


def test_the_right_password_forgives_what_was_tried_by_that_name(log_in, limit, configure, with_secondary):
    limit(login="2/hour")
    configure(PREVENT_ENUMERATION=True)

    answers = [log_in(password, email=with_secondary.email) for password in ("wrong", PASSWORD) * 2]

    assert answers == [WRONG, None] * 2


def test_the_scope_login_is_of_one_account_and_client(log_in, limit, come_from, unverified):
    limit(login="2/hour")

    assert [log_in() for _ in range(3)] == [WRONG, WRONG, THROTTLED]
    assert log_in(email=unverified.email) == WRONG
    come_from("203.0.113.9")
    assert log_in() == WRONG


def test_the_scope_login_account_is_of_one_account(log_in, limit, come_from, unverified):
    limit(login_account="2/hour")
    answers = []

    for client in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
        come_from(client)
        answers.append(log_in())

    assert answers == [WRONG, WRONG, THROTTLED]
    assert log_in(email=unverified.email) == WRONG


def test_the_scope_login_client_is_of_one_client(log_in, limit, come_from):
    limit(login_client="2/hour")
    emails = [f"{name}@example.com" for name in "abc"]

    assert [log_in(email=email) for email in emails] == [WRONG, WRONG, THROTTLED]
    come_from("203.0.113.9")
    assert log_in() == WRONG


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("archiveAccount", {"password": "wrong"}),
        ("deleteAccount", {"password": "wrong"}),
        ("removeSecondaryEmail", {"password": "wrong"}),
        ("swapEmails", {"password": "wrong"}),
        ("sendSecondaryEmailActivation", {"password": "wrong", "email": "other@example.com"}),
        ("passwordChange", {"old_password": "wrong", "new_password1": "a", "new_password2": "a"}),
    ],
)
def test_a_password_confirmation_is_limited_like_a_login(mutate, limit, with_secondary, hashes, name, arguments):
    """D20: it confirmed passwords without any limit."""
    limit(login="2/hour")
    token = sessions.start(with_secondary).token
    hashes()

    answers = [mutate(name, login=token, **arguments)["errors"] for _ in range(4)]

    field = "oldPassword" if name == "passwordChange" else "password"
    assert answers == [refused(Refusal.INVALID_PASSWORD, field=field)] * 2 + [THROTTLED] * 2
    assert hashes() == 2


def test_all_confirmations_count_together(mutate, limit, with_secondary):
    limit(login="2/hour")
    token = sessions.start(with_secondary).token

    mutate("archiveAccount", login=token, password="wrong")
    mutate("swapEmails", login=token, password="wrong")

    assert mutate("deleteAccount", login=token, password=PASSWORD)["errors"] == THROTTLED


def test_a_stolen_token_does_not_open_more_tries_from_more_places(mutate, limit, come_from, verified):
    limit(login_account="3/hour")
    token = sessions.start(verified).token

    answers = []
    for client in range(5):
        come_from(f"203.0.113.{client}")
        answers.append(mutate("archiveAccount", login=token, password="wrong")["errors"])

    assert answers == [refused(Refusal.INVALID_PASSWORD, field="password")] * 3 + [THROTTLED] * 2


@pytest.mark.parametrize("owners_place", ["198.51.100.7", "203.0.113.1"])
def test_strangers_do_not_lock_an_owner_out_who_is_logged_in(mutate, log_in, limit, come_from, verified, owners_place):
    """Not even from the same IP address."""
    limit(login="1/hour", login_account="3/hour", login_client="1/hour", login_total="4/hour")
    token = sessions.start(verified).token
    for client in ("203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"):
        come_from(client)
        log_in()

    come_from(owners_place)

    assert log_in(PASSWORD) == THROTTLED
    assert log_in(PASSWORD, login=token) is None
    assert mutate("archiveAccount", login=token, password=PASSWORD)["success"] is True


def test_the_session_of_another_account_does_not_bypass_the_limits(log_in, limit, unverified):
    limit(login_account="2/hour")
    token = sessions.start(unverified).token

    assert [log_in(login=token) for _ in range(3)] == [WRONG, WRONG, THROTTLED]


def test_a_hundred_logins_in_one_request_compute_no_hash(api, verified, hashes):
    """D18: refused as a whole, before anything is tried."""
    document, variables = mutation("tokenAuth", {"email": verified.email, "password": "wrong"})
    head, _, rest = document.partition("{")
    many = " ".join(f"a{number}: {rest.rpartition('}')[0]}" for number in range(100))
    hashes()

    response = api.post(f"{head} {{ {many} }}", variables)

    assert response.status_code == 200
    assert hashes() == 0
