"""The senders of mails, which `manage.py check` reads before a mail server does."""

from email import message_from_bytes, policy

import pytest
from django.conf import settings as project
from django.core.mail import EmailMessage, get_connection
from django.test import override_settings
from hypothesis import given, strategies

from graphql_auth.addresses import is_sender
from tests.graphql_auth.settings.helpers import complaints

GOOD = [
    "a@example.com",
    "<a@example.com>",
    "Acme <a@example.com>",
    "Acme Inc. <a@example.com>",
    "Zürich & Söhne <a@example.com>",
    '"Acme, Inc." <a@example.com>',
    "webmaster@localhost",
    "a@bücher.example",
]
BAD = [
    "",
    "us",
    "Acme",
    "Acme, Inc. <a@example.com>",
    "Müller; Söhne <a@example.com>",
    "Acme: Accounts <a@example.com>",
    "Acme [Accounts] <a@example.com>",
    "Acme <a@example.com",
    "Acme a@example.com",
    "Acme <>",
    "a b@example.com",
    "a@example.com, b@example.com",
    "a@example.com b",
    "Accounts: a@example.com;",
    "ü@example.com",
    "a@",
    "@example.com",
    "a@example.com\nTo: b@example.com",
]
SETTINGS = {
    "DEFAULT_FROM_EMAIL": lambda sender: {"DEFAULT_FROM_EMAIL": sender},
    "SERVER_EMAIL": lambda sender: {"SERVER_EMAIL": sender},
    "GRAPHQL_AUTH['EMAIL_FROM']": lambda sender: {"GRAPHQL_AUTH": {**project.GRAPHQL_AUTH, "EMAIL_FROM": sender}},
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("sender", BAD)
def test_a_sender_that_mail_servers_reject_is_reported(name, sender):
    """`Acme, Inc. <a@b>` passed the checks, and every mail failed."""
    with override_settings(**SETTINGS[name](sender)):
        (found,) = complaints()

    assert found.id == "graphql_auth.E143"
    assert found.msg.startswith(f"{name} is {sender!r}")
    assert found.hint.startswith(f"Set {name} to an address")


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("sender", GOOD)
def test_a_sender_that_mail_servers_accept_is_not_reported(name, sender):
    with override_settings(**SETTINGS[name](sender)):
        assert complaints() == []


class Server:
    """A connection to a mail server that keeps the mail."""

    def sendmail(self, sender, recipients, message):
        self.sent = (sender, message_from_bytes(message, policy=policy.SMTP))


WORDS = strategies.lists(strategies.sampled_from(["Acme", "Inc.", "ü", *',;:()<>[]@" \\']))


@given(WORDS.map("".join))
def test_a_sender_that_passes_the_check_arrives_with_its_address(name):
    sender = f"{name} <accounts@example.com>"
    if not is_sender(sender):
        return
    backend = get_connection("django.core.mail.backends.smtp.EmailBackend")
    backend.connection = Server()

    backend._send(EmailMessage("subject", "text", sender, ["ada@example.com"]))

    envelope, message = backend.connection.sent
    assert envelope.endswith(("accounts@example.com", "<accounts@example.com>"))
    assert [address.addr_spec for address in message["From"].addresses] == ["accounts@example.com"]
