"""Mails and signals of a registration."""

import smtplib

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import override_settings
from django.utils.functional import Promise

from graphql_auth.errors import Refusal
from graphql_auth.signals import user_registered, user_verified
from tests.api import mutation, null_outputs
from tests.conftest import mail_down, refused
from tests.graphql_auth.registration.helpers import INVALID_ADDRESS, users

MAIL_FAILED = refused(Refusal.EMAIL_FAIL)
ODD_TEXTS = ["\0", "\ud800", "x" * 50_000, "\u202e", "İ@İ.com", "ﬃ@ﬃ.com", "a\r\nBcc: b@c.de", "[" * 9999]


class RejectingBackend(BaseEmailBackend):
    """A mail server that rejects mails."""

    def send_messages(self, messages):
        """Send nothing."""
        raise smtplib.SMTPRecipientsRefused({"new@example.com": (550, b"no")})


class WatchingBackend(BaseEmailBackend):
    """Records whether a mail is sent inside a transaction."""

    in_transaction = []

    def send_messages(self, messages):
        """Record whether there is a transaction."""
        self.in_transaction.append(connection.in_atomic_block)


def mail_rejected():
    """Return a context in which the mail server rejects every mail."""
    return override_settings(EMAIL_BACKEND=f"{RejectingBackend.__module__}.RejectingBackend")


@pytest.fixture
def hear(listen):
    """Return `hear(signal)`: a list that grows, of whom the signal was about and whether inside a transaction."""

    def hear(signal):
        heard = []
        listen(signal, lambda user, **_: heard.append((user.email, connection.in_atomic_block)))
        return heard

    return hear


@pytest.mark.parametrize("failing", [mail_down, mail_rejected])
def test_an_account_stays_when_its_mail_fails(mutate, new_account, mailed_token, failing):
    """D25: whatever the mail server does, the answer is a standard one and resending works later."""
    with failing():
        registered = mutate("register", **new_account)
        resent = mutate("resendActivationEmail", email="new@example.com")
    mutate("resendActivationEmail", email="new@example.com")

    assert registered == {"success": False, "errors": MAIL_FAILED, **null_outputs("register")}
    assert resent == {"success": False, "errors": MAIL_FAILED}
    assert mutate("verifyAccount", token=mailed_token())["success"] is True


@pytest.mark.django_db(transaction=True)
def test_mail_is_sent_outside_the_transaction(mutate, new_account, unverified, settings):
    """D25: a slow mail server holds no lock."""
    settings.EMAIL_BACKEND = f"{WatchingBackend.__module__}.WatchingBackend"
    WatchingBackend.in_transaction.clear()

    mutate("register", **new_account)
    mutate("resendActivationEmail", email=unverified.email)

    assert WatchingBackend.in_transaction == [False, False]


@pytest.mark.django_db(transaction=True)
def test_the_signals_are_sent_once_and_after_the_transaction(mutate, new_account, mailed_token, hear):
    registered, verified = hear(user_registered), hear(user_verified)

    mutate("register", **new_account)
    mutate("register", **new_account)
    assert (registered, verified) == ([("new@example.com", False)], [])

    mutate("verifyAccount", token=mailed_token())
    mutate("verifyAccount", token=mailed_token())
    assert (registered, verified) == ([("new@example.com", False)], [("new@example.com", False)])


def test_a_receiver_that_fails_does_not_undo_the_registration(mutate, new_account, listen):
    listen(user_registered, lambda **_: 1 / 0)

    assert mutate("register", **new_account)["success"] is True
    assert users().exists()


def test_a_refused_registration_sends_no_signal(mutate, new_account, verified, configure, hear):
    registered = hear(user_registered)

    mutate("register", **(new_account | {"email": verified.email}))
    configure(PREVENT_ENUMERATION=True)
    mutate("register", **(new_account | {"email": verified.email}))

    assert registered == []


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("register", "email"),
        # % if cookiecutter.login_field == "username"
        ("register", "username"),
        # % endif
        ("register", "password1"),
        ("verifyAccount", "token"),
        ("resendActivationEmail", "email"),
    ],
)
def test_odd_text_is_refused_or_answered(api, new_account, name, argument, text):
    """D28: nothing that can be typed is the server's fault."""
    arguments = new_account if name == "register" else {}

    response = api.post(*mutation(name, arguments | {argument: text}))

    assert response.status_code == 400 or response.json()["data"][name]["success"] in (True, False)


def test_messages_are_in_the_language_of_the_request(mutate, api):
    """D31: not in that of the process."""
    english = mutate("resendActivationEmail", email="x")
    api.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    german = mutate("resendActivationEmail", email="x")

    assert english["errors"] == INVALID_ADDRESS
    assert german["errors"] == INVALID_ADDRESS
    assert english["errors"]["email"][0]["message"] != german["errors"]["email"][0]["message"]


def test_no_reason_is_translated_before_it_is_sent():
    """D31: not in the language of the first request."""
    assert [reason for reason in Refusal if not isinstance(reason.message, Promise)] == []
