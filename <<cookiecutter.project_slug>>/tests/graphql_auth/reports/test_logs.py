"""Logs contain no secrets, and no more lines than needed."""

import logging
import smtplib
import time

import pytest
from django.core import exceptions

from graphql_auth import logs


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"5.1.1 <ada@example.com>: no such user")}),
        smtplib.SMTPDataError(554, b"5.7.1 ada@example.com is blocked"),
        smtplib.SMTPSenderRefused(553, b"not owned", "ada@example.com"),
        ValueError("UNIQUE constraint failed: Key (lower(email))=(ada@example.com) already exists."),
        ValueError("o'hara.ada+x@mail.example.co.uk"),
    ],
)
def test_the_logs_show_no_address(error, caplog):
    """B18: SMTPRecipientsRefused names the address."""
    try:
        raise error
    except Exception:
        logging.getLogger("anybody").exception("Not sent to %s, %r.", "ada@example.com", {"to": 1})

    assert "[email]" in caplog.text
    assert "@" not in caplog.text.replace("@pytest", "")
    assert "ada" not in caplog.text
    assert type(error).__name__ in caplog.text


def test_a_refused_recipient_is_logged_without_the_address(mutate, verified, monkeypatch, caplog):
    def refuse(backend, messages):
        raise smtplib.SMTPRecipientsRefused({verified.email: (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)

    mutate("sendPasswordResetEmail", email=verified.email)

    assert "The mail server refused the recipient: 550" in caplog.text
    assert verified.email not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "a." * 100_000,
        "a=" * 100_000,
        "://" * 70_000,
        "://a@" * 40_000,
        "password" * 25_000,
        "token=" * 33_000,
        "eyJ" * 70_000,
        "eyJ." * 50_000,
        "a@" * 100_000,
        "a:1vSaGw:" * 22_000,
    ],
)
def test_redacting_takes_time_in_proportion_to_the_text(text):
    """A client chooses what is logged of its request. The half is measured too, so that no clock has to be fast."""

    def duration(text):
        start = time.process_time()
        logs.redact_value(text)
        return time.process_time() - start

    half = min(duration(text[: len(text) // 8]) for _ in range(3))

    assert min(duration(text) for _ in range(3)) < 0.05 + 24 * half


def kinds(base=exceptions.SuspiciousOperation):
    yield base
    for kind in base.__subclasses__():
        yield from kinds(kind)


DJANGOS = sorted({kind.__name__ for kind in kinds() if kind.__module__.startswith("django.")})


@pytest.fixture
def new_minute():
    """Reset the quota of lines."""
    for entry in logging.getLogger("django.security.DisallowedHost").filters:
        entry.logged = entry.left_out = 0


def test_a_wrong_host_is_one_line(client, caplog, new_minute):
    """B11: it was an error with a traceback, and scanners filled the log."""
    assert client.get("/graphql", headers={"host": "scanner.example.com"}).status_code == 400

    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.exc_info is None
    assert len(caplog.text.splitlines()) == 1
    assert "scanner.example.com" in caplog.text


def test_a_wrong_host_is_not_logged_endlessly(client, caplog, new_minute, monkeypatch):
    for number in range(200):
        client.get("/graphql", headers={"host": f"scanner{number}.example.com"})
    assert len(caplog.records) <= 40

    (entry,) = logging.getLogger("django.security.DisallowedHost").filters
    assert entry.left_out > 100
    entry.minute -= 1
    client.get("/graphql", headers={"host": "scanner.example.com"})

    assert "(Similar messages that were not logged: " in caplog.records[-1].getMessage()


@pytest.mark.parametrize("kind", DJANGOS)
def test_what_a_client_does_wrong_is_a_line_without_traceback(kind, caplog, new_minute):
    logger = logging.getLogger(f"django.security.{kind}")
    try:
        raise exceptions.SuspiciousOperation("on purpose")
    except exceptions.SuspiciousOperation:
        logger.error("on purpose", exc_info=True)

    (record,) = caplog.records
    assert (record.levelno, record.exc_info, record.exc_text) == (logging.WARNING, None, None)
