"""Limits of mails and of registrations."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from graphql_auth import counters, sessions, throttling
from graphql_auth.errors import AccountError, Refusal
from tests.conftest import PASSWORD, refused
from tests.graphql_auth.limits.helpers import THROTTLED, WRONG


@pytest.mark.parametrize("name", ["sendPasswordResetEmail", "resendActivationEmail"])
def test_the_scope_mail_address_is_of_one_address(mutate, limit, come_from, unverified, mailoutbox, name):
    limit(mail_address="2/hour")
    emails = [unverified.email, unverified.email.upper(), f" {unverified.email}", "nobody@example.com"]

    answers = []
    for number, email in enumerate(emails):
        come_from(f"203.0.113.{number}")
        answers.append(mutate(name, email=email)["errors"])

    assert [answer == THROTTLED for answer in answers] == [False, False, True, False]
    assert len(mailoutbox) == 2


@pytest.mark.parametrize("name", ["sendPasswordResetEmail", "resendActivationEmail"])
def test_the_scope_mail_client_is_of_one_client(mutate, limit, come_from, name):
    limit(mail_client="2/hour")

    answers = [mutate(name, email=f"{local}@example.com")["errors"] for local in "abc"]

    assert answers == [None, None, THROTTLED]
    come_from("203.0.113.9")
    assert mutate(name, email="a@example.com")["errors"] is None


@pytest.mark.parametrize("scope", ["mail_address", "mail_client"])
def test_mails_to_a_secondary_address_are_limited(mutate, limit, verified, mailoutbox, scope):
    limit(**{scope: "2/hour"})
    arguments = {"login": sessions.start(verified).token, "email": "second@example.com", "password": PASSWORD}

    answers = [mutate("sendSecondaryEmailActivation", **arguments)["errors"] for _ in range(3)]

    assert answers == [None, None, THROTTLED]
    assert len(mailoutbox) == 2


def test_the_scope_register_client_is_of_one_client(mutate, limit, come_from, new_account, hashes):
    limit(register_client="2/hour")
    accounts = [new_account | {"email": f"{local}@example.com"} for local in "abcd"]
    # % if cookiecutter.login_field == "username"
    accounts = [account | {"username": account["email"][0]} for account in accounts]
    # % endif
    hashes()

    answers = [mutate("register", **account)["errors"] for account in accounts[:3]]

    assert answers == [None, None, THROTTLED]
    assert hashes() == 2
    come_from("203.0.113.9")
    assert mutate("register", **accounts[3])["errors"] is None


def test_registrations_of_one_address_are_limited(mutate, limit, new_account, mailoutbox):
    limit(mail_address="2/hour")
    accounts = [new_account] * 3
    # % if cookiecutter.login_field == "username"
    accounts = [account | {"username": f"new{number}"} for number, account in enumerate(accounts)]
    # % endif

    answers = [mutate("register", **account)["errors"] for account in accounts]

    taken = refused(Refusal.EMAIL_TAKEN, field="email")
    assert answers == [None, taken, THROTTLED]
    assert len(mailoutbox) == 1


def test_an_empty_mapping_turns_limits_off(mutate, log_in, limit):
    limit()

    assert [log_in() for _ in range(30)] == [WRONG] * 30
    assert {str(mutate("sendPasswordResetEmail", email="a@example.com")["errors"]) for _ in range(30)} == {"None"}


def test_a_scope_that_is_left_out_has_no_limit(log_in, limit):
    limit(register_client="1/hour")

    assert [log_in() for _ in range(10)] == [WRONG] * 10


def test_threads_that_come_first_count_together(limit, monkeypatch):
    limit(login="5/hour")
    connect = counters.connect

    def connect_slowly(uri, **options):
        sleep(0.05)
        return connect(uri, **options)

    def charge(_):
        try:
            throttling.charge("login", "somebody")
        except AccountError:
            return False
        return True

    monkeypatch.setattr(counters, "connect", connect_slowly)
    throttling._store_at.cache_clear()

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(charge, range(8))) == [False] * 3 + [True] * 5
