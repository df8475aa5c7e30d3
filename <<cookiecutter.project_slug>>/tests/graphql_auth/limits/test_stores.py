"""The stores of the limits, and their failures."""

import hashlib
import socket
import subprocess
from contextlib import ExitStack, contextmanager, suppress
from shutil import which
from threading import Thread
from time import sleep

import pytest
from django.core.checks import run_checks
from django.test.utils import override_settings

from graphql_auth import sessions, throttling, tokens
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError
from tests.conftest import NEW_PASSWORD, PASSWORD
from tests.graphql_auth.limits.helpers import THROTTLED, WRONG

# The options of a Redis that refuses to count.
FAILING = {
    "full": ["--maxmemory", "1", "--maxmemory-policy", "noeviction"],
    "evicting": ["--maxmemory", "1", "--maxmemory-policy", "allkeys-lru"],
    "read-only": ["--replicaof", "127.0.0.1", "1"],
    "wrong password": ["--requirepass", "another"],
    "no permission": ["--user", "default", "on", "nopass", "~*", "-@all", "+ping"],
}
# Addresses at which nothing counts, and addresses of no store.
DOWN = {
    "down": "redis://127.0.0.1:1/0",
    "down with TLS": "rediss://127.0.0.1:1/0",
    "no socket": "redis+unix:///nowhere/redis.sock",
    "no cluster": "redis+cluster://127.0.0.1:1",
    "no sentinel": "redis+sentinel://127.0.0.1:1/primary",
    "unknown host": "redis://:guess@redis.invalid:6379/0",
}
UNREADABLE = {
    "memcached": "memcached://127.0.0.1:1",
    "no URL": "redis:/:guess@127.0.0.1/0",
    "a slash in the password": "redis://:gu/ess@127.0.0.1/0",
    "no kind": "guess",
    "Django's": "unix:///run/redis.sock",
    "nothing": None,
}
HINTS = {
    "full": "maxmemory",
    "evicting": "maxmemory",
    "read-only": "the address of the primary",
    "wrong password": "Correct the user and the password",
    "no permission": "Allow the user of the store",
    "TLS at a store without": "Write rediss:// if it uses TLS, otherwise redis://",
}


@pytest.fixture(params=["hanging", "no Redis", "TLS at a store without", *DOWN, *UNREADABLE, *FAILING])
def no_store(request, monkeypatch, tmp_path):
    """Use a store that fails, and return how it does."""
    pytest.importorskip("redis", reason="needs the package redis: pip install redis")
    monkeypatch.setattr(throttling, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening, ExitStack() as stack:
        uri = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        if request.param in DOWN | UNREADABLE:
            uri = (DOWN | UNREADABLE)[request.param]
        elif request.param == "no Redis":
            stack.enter_context(answering(listening, b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        elif request.param == "TLS at a store without":
            uri = stack.enter_context(redis_server(tmp_path)).replace("redis:", "rediss:")
        elif request.param in FAILING:
            uri = stack.enter_context(redis_server(tmp_path, *FAILING[request.param]))
        stack.enter_context(override_settings(RATE_LIMIT_STORAGE_URI=uri))
        yield request.param


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


def test_manage_py_check_explains_what_is_wrong_with_the_store(no_store):
    found = [message for message in run_checks() if message.id in ("graphql_auth.E115", "graphql_auth.W145")]

    [message] = found
    assert message.id == ("graphql_auth.E115" if no_store in UNREADABLE else "graphql_auth.W145")
    assert HINTS.get(no_store, "Set RATE" if no_store in UNREADABLE else "Start the store") in message.hint
    assert "guess" not in str(message)


def test_a_store_that_fails_shows_no_password_in_the_log(no_store, log_in, caplog):
    log_in()

    assert "guess" not in caplog.text
    assert "ess@" not in caplog.text


def test_manage_py_check_has_nothing_to_say_about_a_store_that_counts(store):
    assert [message for message in run_checks() if message.id in ("graphql_auth.E115", "graphql_auth.W145")] == []


def test_attempts_are_counted_over_a_socket(tmp_path, settings, limit):
    pytest.importorskip("redis", reason="needs the package redis: pip install redis")
    limit(login="1/hour")
    with redis_server(tmp_path, "--unixsocket", str(tmp_path / "redis.sock")):
        settings.RATE_LIMIT_STORAGE_URI = f"redis+unix://{tmp_path}/redis.sock"
        throttling.charge("login", "somebody")
        with pytest.raises(AccountError):
            throttling.charge("login", "somebody")


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
