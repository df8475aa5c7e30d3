"""Templates of mails, and when mails are sent."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone, translation

from graphql_auth import sealing
from graphql_auth.errors import Refusal
from graphql_auth.mails import kinds, queue
from graphql_auth.transactions import atomic
from tests.api import mutation
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.mails.helpers import every_link, html

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


@pytest.fixture
def queued(settings):
    """Let mails wait for a worker, and return a function that returns the tasks that wait."""
    settings.TASKS = {
        "default": {"BACKEND": queue.ImmediateBackend.__module__.replace("immediate", "dummy") + ".DummyBackend"}
    }
    return lambda: queue.task_backends["default"].results


@every_link
def test_a_template_gets_the_documented_variables(send, configure, template, kind):
    names = ["user.pk", "token", "port", "site_name", "domain", "protocol", "path", "timestamp.isoformat", "color"]
    configure(EMAIL_TEMPLATE_VARIABLES={"color": "blue"}, **{f"EMAIL_TEMPLATE_{kind.name.upper()}": "mine/body.html"})
    template("mine/body.html", "-")
    template("mine/body.txt", "|".join(f"{{{{ {name} }}}}" for name in names))

    pk, token, port, site, domain, protocol, path, timestamp, color = send(kind).body.split("|")

    assert pk == str(get_user_model().objects.get().pk)
    assert token.count(":") == 2
    assert (protocol, domain, port) == ("https", "shop.example.com", "8443")
    assert (site, path, color) == ("The Shop", kind.path, "blue")
    assert timezone.now() - datetime.fromisoformat(timestamp) < timedelta(minutes=1)


def test_a_variable_of_the_settings_reaches_the_page(send, configure, template):
    configure(EMAIL_TEMPLATE_VARIABLES={"color": "<blue>"})
    template("email/activation_email.html", "{{ color }}")

    assert html(send(kinds.ACTIVATION)) == "&lt;blue&gt;"


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_sent_after_the_transaction_that_causes_it(mutate, new_account, unverified, verified, monkeypatch):
    """D25: a slow mail server holds no lock, and a failing one undoes nothing."""
    inside = []
    monkeypatch.setattr(EmailBackend, "send_messages", lambda *_: inside.append(connection.in_atomic_block))

    mutate("register", **new_account)
    mutate("resendActivationEmail", email=unverified.email)
    mutate("sendPasswordResetEmail", email=verified.email)
    mutate("sendSecondaryEmailActivation", login=verified, email="second@example.com", password=PASSWORD)

    assert inside == [False] * 4


def test_nothing_is_mailed_when_the_transaction_fails(api, new_account, listen, mailoutbox):
    def fail(**_):
        raise RuntimeError

    listen(user_logged_in, fail)

    answer = api.post(*mutation("register", new_account)).json()

    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert not get_user_model().objects.exists()
    assert mailoutbox == []


def test_a_worker_is_given_what_was_asked_for_and_no_token_or_address(api, mutate, verified, mailoutbox, queued):
    arguments = {"email": " Verified@Example.com"}

    answer = api.post(*mutation("sendPasswordResetEmail", arguments), HTTP_ACCEPT_LANGUAGE="de").json()

    assert answer["data"]["sendPasswordResetEmail"]["success"] is True
    assert mailoutbox == []
    [task] = queued()
    name, recipient, sealed, language, state = task.args
    assert (name, language, state) == ("password_reset_request", "de", "")
    assert re.fullmatch("[0-9a-f]{64}", recipient)
    assert sealing.unseal(sealed) == "verified@example.com"
    assert "verified" not in str(task.args)
    for argument in task.args:
        assert mutate("passwordReset", token=argument, **NEW)["errors"] == refused(Refusal.INVALID_TOKEN)
    assert not task.kwargs


def test_a_worker_sends_what_was_queued(mutate, verified, queued, mailed_token, mailoutbox):
    """The life of a link begins when it is mailed, however long the mail waited."""
    mutate("sendPasswordResetEmail", email=verified.email)
    [task] = queued()

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False), translation.override("fr"):
        queue.send_mail.call(*task.args)
        answer = mutate("passwordReset", token=mailed_token(), **NEW)

    assert answer["success"] is True
    assert '<html lang="en"' in html(mailoutbox[0])


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (kinds.PASSWORD_RESET, lambda user: user.delete()),
        (kinds.ACTIVATION, lambda user: user.delete()),
        (kinds.PASSWORD_RESET, lambda user: get_user_model().objects.update(is_active=False)),
        (kinds.ACTIVATION, lambda user: user.status.change(verified=True)),
        (kinds.ACTIVATION_RESEND, lambda user: user.status.change(verified=True)),
        (kinds.PASSWORD_SET, lambda user: get_user_model().objects.update(password="another")),
        (kinds.SECONDARY_EMAIL_ACTIVATION, lambda user: get_user_model().objects.update(password="another")),
    ],
    ids=["gone", "gone before activation", "inactive", "verified", "verified, again", "password set", "reset"],
)
def test_nothing_is_sent_to_an_account_that_needs_it_no_longer(unverified, queued, mailoutbox, kind, change):
    with atomic():
        queue.add(kind, unverified, to=unverified.email)
    [task] = queued()
    change(unverified)

    queue.send_mail.call(*task.args)

    assert mailoutbox == []


@pytest.mark.parametrize("kind", [kinds.PASSWORD_RESET, kinds.ACCOUNT_EXISTS], ids=lambda kind: kind.name)
def test_nothing_is_sent_to_an_address_that_left_the_account(with_secondary, queued, mailoutbox, kind):
    """D03: the token of a mail that waited is new, so it must not go where the owner is no more."""
    with atomic():
        queue.add(kind, with_secondary, to="two_secondary@example.com")
    [task] = queued()
    with_secondary.status.change_address("secondary_email", None)

    queue.send_mail.call(*task.args)

    assert mailoutbox == []


def test_a_failing_server_is_logged_without_secrets(mutate, new_account, failing_mail, caplog):
    """D25: the account stays, the response says what to do, and the log has no token, password or address."""
    answer = mutate("register", **new_account)

    assert answer["success"] is False
    assert answer["errors"] == refused(Refusal.EMAIL_FAIL)
    user = get_user_model().objects.get()
    [record] = [record for record in caplog.records if record.name == "graphql_auth.mails.queue"]
    assert record.getMessage() == f"A mail of the kind activation to the user {user.pk} was not sent."
    token = re.search(r"https?://\S+/(\S+)", failing_mail[0].body)[1]
    assert not [
        secret for secret in (token, token.split(":")[0], PASSWORD, user.password, user.email) if secret in caplog.text
    ]


def test_a_mail_that_failed_can_be_asked_for_again(mutate, new_account, monkeypatch, mailed_token):
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", lambda *_: 1 / 0)
        assert mutate("register", **new_account)["errors"] == refused(Refusal.EMAIL_FAIL)

    mutate("resendActivationEmail", email=new_account["email"])

    assert mutate("verifyAccount", token=mailed_token())["success"] is True


def test_a_worker_does_not_fail_the_request(mutate, verified, queued, failing_mail):
    assert mutate("sendPasswordResetEmail", email=verified.email) == {"success": True, "errors": None}
    assert failing_mail == []
