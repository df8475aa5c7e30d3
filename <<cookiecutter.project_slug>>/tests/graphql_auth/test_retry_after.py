"""A throttled client learns when to try again, and nothing about accounts."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.api import mutation
from tests.conftest import PASSWORD

LIMITS = {"login": "2/10 minutes;3/hour", "login_account": "4/day", "mail_address": "1/5 minutes"}


@pytest.fixture(params=["memory", "Redis"])
def limited(request, configure):
    """Set LIMITS, and count in each kind of store."""
    if request.param == "Redis":
        request.getfixturevalue("redis_store")
    configure(RATE_LIMITS=LIMITS)


@pytest.fixture
def log_in(api):
    """Return `log_in(email, client)`, which tries a wrong password; it returns payload and Retry-After."""

    def log_in(email, client="192.0.2.1", password="wrong"):
        document, variables = mutation("tokenAuth", {"email": email, "password": password})
        response = api.post(document, variables, REMOTE_ADDR=client)
        return response.json()["data"]["tokenAuth"], response.get("Retry-After")

    return log_in


def wait(answer):
    """Return the seconds in the error and in the header, which are the same."""
    payload, header = answer
    (error,) = payload["errors"]["nonFieldErrors"]
    assert error["code"] == "throttled"
    assert header == str(error["retryAfter"])
    return error["retryAfter"]


def test_the_wait_is_until_the_limit_has_room_again(limited, log_in, verified):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        log_in(verified.email)
        clock.shift(timedelta(minutes=1))
        log_in(verified.email)
        clock.shift(timedelta(minutes=1))

        assert wait(log_in(verified.email)) == 8 * 60
        clock.shift(timedelta(seconds=8 * 60 - 1))
        assert wait(log_in(verified.email)) == 1
        clock.shift(timedelta(seconds=2))
        payload, header = log_in(verified.email)

    assert payload["errors"]["nonFieldErrors"][0]["code"] == "invalid_credentials"
    assert header is None


def test_the_wait_is_that_of_the_longest_limit_that_is_full(limited, log_in, verified):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            log_in(verified.email)
            clock.shift(timedelta(minutes=11))

        assert wait(log_in(verified.email)) == (60 - 33) * 60


@pytest.mark.parametrize("discreet", [True, False])
def test_the_wait_is_the_same_for_known_and_unknown_names(limited, log_in, verified, configure, discreet):
    configure(PREVENT_ENUMERATION=discreet)

    def waits(email):
        with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
            return [log_in(email) for _ in range(3)][-1]

    assert waits(verified.email) == waits("nobody@example.com")


def test_the_limits_of_the_account_do_not_show_in_the_wait(limited, log_in, with_secondary, configure):
    """The times of attempts with the other name of an account are not revealed."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(4):
            log_in("two_secondary@example.com", client=f"198.51.100.{number}")
        clock.shift(timedelta(minutes=7))
        waited = wait(log_in(with_secondary.email, client="203.0.113.1"))

    assert waited == 10 * 60


def test_a_mail_that_is_throttled_says_when_to_ask_again(limited, api):
    document, variables = mutation("sendPasswordResetEmail", {"email": "somebody@example.com"})
    api.post(document, variables)

    response = api.post(document, variables)

    assert 290 <= wait((response.json()["data"]["sendPasswordResetEmail"], response.get("Retry-After"))) <= 300


def test_an_answer_that_is_not_throttled_has_no_retry_after(api, verified):
    document, variables = mutation("tokenAuth", {"email": verified.email, "password": PASSWORD})

    assert "Retry-After" not in api.post(document, variables)
