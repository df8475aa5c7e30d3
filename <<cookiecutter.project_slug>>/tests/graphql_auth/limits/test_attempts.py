"""Which attempts count."""

# % if cookiecutter.login_field == "username"
import itertools
# % endif
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from graphql_auth import counters, sessions, throttling, tokens
from graphql_auth.errors import Refusal
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.limits.helpers import THROTTLED, WRONG


@pytest.fixture
def spent(mutate, verified, new_account, mailoutbox):
    """Return a function that makes an attempt of a kind, and returns whether it was accepted by the limits."""
    # % if cookiecutter.login_field == "username"
    numbers = itertools.count()
    # % endif

    def spent(kind):
        account = dict(new_account)
        # % if cookiecutter.login_field == "username"
        account["username"] = f"new{next(numbers)}"
        # % endif
        arguments = {
            "tokenAuth": {"email": verified.email, "password": "wrong"},
            "sendPasswordResetEmail": {"email": verified.email},
            "sendSecondaryEmailActivation": {"email": "second@example.com", "password": PASSWORD, "login": verified},
            "archiveAccount": {"password": "wrong", "login": verified},
            "register": account,
        }
        return mutate(kind, **arguments[kind])["errors"] != THROTTLED

    return spent


@pytest.mark.parametrize("store", ["memory", "redis"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "scopes"),
    [
        ("tokenAuth", ["login", "login_account", "login_client", "login_total"]),
        ("archiveAccount", ["login", "login_account"]),
        ("sendPasswordResetEmail", ["mail_address", "mail_client"]),
        ("sendSecondaryEmailActivation", ["mail_address", "mail_client"]),
        ("register", ["register_client", "mail_address"]),
    ],
)
def test_a_refused_attempt_counts_in_no_other_limit(store, spent, limit, kind, scopes):
    """B17."""
    for tight in scopes:
        throttling.reset()
        limit(**dict.fromkeys(scopes, "3/day") | {tight: "1/minute;3/day"})
        start = timezone.now()
        accepted = []
        for minute in range(4):
            with time_machine.travel(start + timedelta(minutes=2 * minute), tick=False):
                accepted.append([spent(kind) for _ in range(10)].count(True))

        assert accepted == [1, 1, 1, 0], tight


def test_ten_clicks_on_send_again_do_not_block_mails_for_a_day(mutate, unverified, mailoutbox):
    """B17: each refused click counted for the day."""
    start = timezone.now()
    sent = []
    for minutes in (0, 16, 32):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            for _ in range(10):
                mutate("resendActivationEmail", email=unverified.email)
        sent.append(len(mailoutbox))

    assert sent == [5, 10, 10]


def test_a_wrong_password_uses_up_no_mail(mutate, limit, verified):
    limit(mail_address="1/hour", mail_client="1/hour", login="3/hour")
    arguments = {"login": verified, "email": "second@example.com"}

    answers = [mutate("sendSecondaryEmailActivation", password="wrong", **arguments)["errors"] for _ in range(2)]
    answers.append(mutate("sendSecondaryEmailActivation", password=PASSWORD, **arguments)["errors"])

    assert answers == [refused(Refusal.INVALID_PASSWORD, field="password")] * 2 + [None]


@pytest.mark.parametrize("store", ["memory", "redis"], indirect=True)
def test_logins_that_succeed_do_not_use_up_the_limit_of_a_client_nor_renew_it(store, log_in, limit, unverified):
    """A09: many users may share a router, and an account must not allow more guesses."""
    limit(login_client="3/hour")
    answers = [log_in(PASSWORD) for _ in range(5)]

    for _ in range(3):
        answers += [log_in(email=unverified.email), log_in(PASSWORD)]

    assert answers == [None] * 5 + [WRONG, None, WRONG, None, WRONG, THROTTLED]


def test_logins_that_succeed_do_not_lock_an_account(log_in, limit):
    limit(login_account="2/hour")

    assert [log_in(PASSWORD) for _ in range(5)] == [None] * 5
    assert [log_in() for _ in range(3)] == [WRONG, WRONG, THROTTLED]


def test_the_scope_login_total_is_of_all_strangers(log_in, limit, come_from, verified, unverified):
    """B14: right or wrong, because each takes a hash. Logged-in clients do not count."""
    limit(login_total="3/hour")
    token = sessions.start(verified).token
    answers = []

    for number, (email, password) in enumerate([(verified.email, PASSWORD), (unverified.email, "wrong")] * 2):
        come_from(f"203.0.113.{number}")
        answers.append(log_in(password, email=email))

    assert answers == [None, WRONG, None, THROTTLED]
    assert log_in(PASSWORD, login=token) is None


@pytest.mark.parametrize("store", ["memory", "redis"], indirect=True)
def test_a_password_reset_unlocks_the_account(store, mutate, log_in, limit, come_from, with_secondary):
    """B17: whatever address and client the guesses used."""
    limit(login="1/hour", login_account="2/hour")
    token = tokens.make(tokens.PASSWORD_RESET, with_secondary)
    emails = [with_secondary.email, "two_secondary@example.com"]
    for number, email in enumerate(emails * 2):
        come_from(f"203.0.113.{number}")
        log_in(email=email)
    assert log_in(PASSWORD, email=emails[0]) == THROTTLED

    mutate("passwordReset", token=token, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)

    assert [log_in(NEW_PASSWORD, email=email) for email in emails] == [None, None]
    # The limits are there as before.
    assert [log_in(email=emails[0]) for _ in range(2)] == [WRONG, THROTTLED]


def test_memory_forgets_what_no_longer_counts(limit, monkeypatch):
    """Otherwise invented addresses would fill it."""
    monkeypatch.setattr(counters, "SWEEP_AT", 100)
    limit(login="5/hour")
    store = counters.Memory()
    monkeypatch.setattr(throttling, "_store", lambda: store)
    for hour in range(20):
        with time_machine.travel(timezone.now() + timedelta(hours=2 * hour)):
            for number in range(100):
                throttling.charge("login", f"{hour} {number}")

    assert len(store._attempts) <= 201


def test_a_limit_of_zero_allows_nothing(limit, log_in):
    limit(login_account="0/hour")

    assert log_in(PASSWORD) == THROTTLED


def test_reset_forgets_every_try(log_in):
    for _ in range(6):
        log_in()

    throttling.reset()

    assert log_in(PASSWORD) is None
