"""How often something may be tried."""

import hashlib
# % if cookiecutter.login_field == "username"
import itertools
# % endif
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from shutil import which
from threading import Thread
from time import sleep

import pytest
import time_machine
from django.test import RequestFactory
from django.test.utils import override_settings
from django.utils import timezone

from graphql_auth import counters, sessions, throttling, tokens
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError
from tests.api import mutation, without_waits
from tests.conftest import NEW_PASSWORD, PASSWORD, refused

THROTTLED = refused("throttled", "Too many attempts. Please try again later.")
WRONG = refused("invalid_credentials", "Please, enter valid credentials.")


@pytest.fixture
def limit(configure):
    """Return a function that sets the limits of some scopes; the others have none."""

    def limit(**scopes):
        configure(RATE_LIMITS=scopes)

    return limit


@pytest.fixture
def come_from(api):
    """Return a function that sets the IP address of the client."""

    def come_from(address):
        api.client.defaults["REMOTE_ADDR"] = address

    return come_from


@pytest.fixture
def log_in(mutate, verified):
    """Return a function that tries to log the verified user in and returns the errors."""

    def log_in(password="wrong", email=verified.email, login=None):
        return mutate("tokenAuth", email=email, password=password, login=login)["errors"]

    return log_in


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
    assert answers == [refused("invalid_password", "Invalid password.", field)] * 2 + [THROTTLED] * 2
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

    assert answers == [refused("invalid_password", "Invalid password.", "password")] * 3 + [THROTTLED] * 2


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

    taken = refused("unique", "A user with that email already exists.", "email")
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

    assert answers == [refused("invalid_password", "Invalid password.", "password")] * 2 + [None]


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


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.1", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.1, 203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.1,203.0.113.1 ", "203.0.113.1"),
        (2, "198.51.100.1, 203.0.113.1, 203.0.113.2", "203.0.113.1"),
        (2, "203.0.113.2", "192.0.2.1"),
        (1, "made up", "unknown"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.1,", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "fe80::1%eth0", "fe80::/64"),
        (1, "203.0.113.1:4711", "203.0.113.1"),
        (1, "[2001:db8:1:2::3]:4711", "2001:db8:1:2::/64"),
        (1, "[2001:db8:1:2::3]", "2001:db8:1:2::/64"),
        (1, "[::ffff:203.0.113.1]:4711", "203.0.113.1"),
        (1, "203.0.113.1:4711:4712", "unknown"),
        (1, "[", "unknown"),
        (1, ":", "unknown"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
        (1, "::ffff:203.0.113.2", "203.0.113.2"),
    ],
)
def test_a_client_is_known_by_what_trusted_proxies_say(settings, proxies, forwarded, client):
    settings.TRUSTED_PROXIES = proxies
    header = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}

    assert throttling.client_of(RequestFactory().post("/", REMOTE_ADDR="192.0.2.1", **header)) == client


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:DB8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "unknown"),
        ("/run/gunicorn.sock", "unknown"),
    ],
)
def test_a_client_with_a_whole_network_counts_as_one(address, client):
    assert throttling.client_of(RequestFactory().post("/", REMOTE_ADDR=address)) == client


def test_a_forged_header_does_not_change_the_client(api, limit, verified):
    limit(login="2/hour")
    document, variables = mutation("tokenAuth", {"email": verified.email, "password": "wrong"})

    answers = [
        api.post(document, variables, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").json()["data"]["tokenAuth"]
        for number in range(3)
    ]

    assert [without_waits(answer)["errors"] for answer in answers] == [WRONG, WRONG, THROTTLED]


# The options of a Redis that refuses to count.
FAILING = {
    "full": ["--maxmemory", "1", "--maxmemory-policy", "noeviction"],
    "evicting": ["--maxmemory", "1", "--maxmemory-policy", "allkeys-lru"],
    "read-only": ["--replicaof", "127.0.0.1", "1"],
    "wrong password": ["--requirepass", "another"],
}


@pytest.fixture(params=["down", "hanging", "no Redis", "no such kind", *FAILING])
def no_store(request, monkeypatch, tmp_path):
    """Use a store that fails."""
    pytest.importorskip("redis", reason="needs the package redis: pip install redis")
    monkeypatch.setattr(throttling, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening, ExitStack() as stack:
        uri = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        if request.param == "down":
            uri = "redis://127.0.0.1:1/0"
        elif request.param == "no Redis":
            stack.enter_context(answering(listening, b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        elif request.param == "no such kind":
            uri = "memcached://127.0.0.1:1"
        elif request.param in FAILING:
            uri = stack.enter_context(redis_server(tmp_path, *FAILING[request.param]))
        stack.enter_context(override_settings(RATE_LIMIT_STORAGE_URI=uri))
        yield


@contextmanager
def answering(listening, answer):
    """Answer whoever connects with the same bytes, as a server of another kind does."""

    def answer_all():
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(answer)

    thread = Thread(target=answer_all, daemon=True)
    thread.start()
    yield
    listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@contextmanager
def redis_server(folder, *options):
    """Run a Redis of its own with these options and return its URI, with a password that may be wrong."""
    if not which("redis-server"):
        pytest.skip("needs redis-server on PATH")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            sleep(0.05)
        yield f"redis://:guess@127.0.0.1:{port}/0" if "--requirepass" in options else f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def test_without_its_store_a_login_is_refused(no_store, log_in, hashes, verified, caplog):
    """An attempt that cannot be counted is rejected, without an error 500."""
    token = sessions.start(verified).token
    hashes()

    assert log_in(PASSWORD) == THROTTLED
    assert log_in(PASSWORD, login=token) == THROTTLED
    assert hashes() == 0
    assert "The store of the rate limits is unavailable." in caplog.text


def test_without_its_store_nothing_is_registered_reset_or_mailed(no_store, mutate, verified, new_account, mailoutbox):
    token = sessions.start(verified).token
    reset = {"token": tokens.make(tokens.PASSWORD_RESET, verified)}
    new = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    secondary = {"login": token, "email": "second@example.com", "password": PASSWORD}

    answers = [
        mutate("register", **new_account),
        mutate("resendActivationEmail", email=verified.email),
        mutate("sendPasswordResetEmail", email=verified.email),
        mutate("sendSecondaryEmailActivation", **secondary),
        mutate("passwordReset", **reset, **new),
    ]

    assert [answer["errors"] for answer in answers] == [THROTTLED] * 5
    assert mailoutbox == []


def test_without_its_store_who_is_logged_in_stays_so(no_store, mutate, query, verified):
    issued = sessions.start(verified)

    assert query("{ me { email } }", login=issued.token) == {"me": {"email": verified.email}}
    assert mutate("refreshToken", refresh_token=issued.refresh_token)["success"] is True


def test_without_its_store_nothing_is_forgiven_and_nothing_fails(no_store, caplog):
    throttling.forgive("login", "somebody")
    throttling.Charge((("login", "somebody"),), 0.0).give_back()

    assert throttling.clear("somebody") is False
    assert "The store of the rate limits is unavailable." in caplog.text


@pytest.fixture(params=["memory", "redis"])
def store(request):
    """Count in memory, then in Redis."""
    if request.param == "redis":
        request.getfixturevalue("redis_store")


def test_both_stores_count_forgive_and_reset(store, log_in, hashes, verified):
    assert [log_in() for _ in range(4)] + [log_in(PASSWORD)] == [WRONG] * 4 + [None]
    hashes()
    assert [log_in() for _ in range(8)] == [WRONG] * 5 + [THROTTLED] * 3
    assert hashes() == 5

    throttling.reset()

    assert log_in(PASSWORD) is None


def test_the_store_holds_no_address_in_clear_and_no_hash_that_can_be_guessed(redis_store, log_in, verified, settings):
    """B08: without SECRET_KEY, a list of addresses does not reveal who tried to log in."""
    log_in()
    prefix = auth_settings.RATE_LIMIT_PREFIX

    keys = [key.decode() for key in redis_store.scan_iter(f"{prefix}*")]
    texts = [verified.email, f"email:{verified.email}", "127.0.0.1", f"user:{verified.pk}", str(verified.pk)]
    kinds = ("sha256", "sha1", "md5")
    guesses = [hashlib.new(kind, text.encode()).hexdigest()[:12] for kind in kinds for text in texts]
    assert len(keys) > 4
    assert not [key for key in keys for text in [verified.email, "127.0.0.1", *guesses] if text in key]

    settings.SECRET_KEY = "another-key-" * 5
    log_in()
    renewed = {key.decode() for key in redis_store.scan_iter(f"{prefix}*")}
    assert len(renewed) == 2 * len(keys)


PREFIXES = ["Shop", "Sh*p", "Sh?p", "[S]hop", "Shop\\", "Shop:EU", "Shop ", "Ünïcode ☂", ""]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_reset_empties_what_begins_with_the_prefix_and_nothing_else(redis_store, configure, log_in, prefix):
    """In a Redis that several sites share."""
    own = f"{auth_settings.RATE_LIMIT_PREFIX}:"
    try:
        for other in PREFIXES:
            configure(RATE_LIMIT_PREFIX=own + other)
            log_in()
        redis_store.set(own, "somebody else's")
        before = {key.decode() for key in redis_store.scan_iter(f"{own}*")}
        configure(RATE_LIMIT_PREFIX=own + prefix)
        throttling.reset()
        gone = before - {key.decode() for key in redis_store.scan_iter(f"{own}*")}
    finally:
        redis_store.delete(*redis_store.scan_iter(f"{own}*"))

    assert gone == {key for key in before if key.startswith(f"{own}{prefix}:{{limits}}:")}
    assert gone


@pytest.mark.parametrize("key", ["\ud800", "é" * 10_000, "a/b", ""])
def test_any_text_can_be_counted(limit, key):
    limit(login="1/hour")
    throttling.charge("login", key)

    with pytest.raises(AccountError):
        throttling.charge("login", key)
