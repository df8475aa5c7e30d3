"""Mails about changed email addresses."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.db.models.signals import post_save
from django_tasks_db.models import DBTaskResult

from graphql_auth import tokens
from graphql_auth.mails import kinds
from graphql_auth.management.commands.mail_worker import MailWorker
from tests.conftest import NEW_PASSWORD, PASSWORD, mail_waits
from tests.graphql_auth.secondary_email.helpers import DONE, SECOND, secondary_email
from tests.texts import moment, subject

CHANGED_AT = datetime(2030, 1, 2, 15, 4, tzinfo=UTC)
MASKED = "v...@example.com"


@pytest.fixture
def shop(settings):
    """Give the site a name."""
    settings.SITE_NAME = "The Shop"


def texts(mail):
    return [mail.body, mail.alternatives[0][0]]


def open_page(client, mail):
    """Follow the link of a mail and return its page."""
    path = urlsplit(re.search(r"https?://\S+", mail.body)[0]).path
    return client.get(path, follow=True, secure=True).content.decode()


def test_the_mail_to_a_secondary_address_and_its_page_say_whose_account_it_is(ask, client, mailoutbox):
    """B16: after one click on a stranger's link, a password reset led into the stranger's account."""
    ask()

    [mail] = mailoutbox
    for text in [*texts(mail), open_page(client, mail)]:
        assert MASKED in text
        assert "verified@example.com" not in text


def test_a_reset_that_is_mailed_to_a_secondary_address_says_which_account_it_opens(
    mutate, client, with_secondary, mailoutbox
):
    """B16."""
    mutate("sendPasswordResetEmail", email="two_secondary@example.com")
    mutate("sendPasswordResetEmail", email="two@example.com")

    secondary, primary = mailoutbox
    for text in [*texts(secondary), open_page(client, secondary)]:
        assert "t...@example.com" in text
        assert "two@example.com" not in text
    assert 'value="two_secondary@example.com"' in open_page(client, secondary)
    for text in [*texts(primary), open_page(client, primary)]:
        assert "t...@" not in text
    assert 'value="two@example.com"' in open_page(client, primary)


def test_a_reset_that_is_mailed_to_a_secondary_address_works(mutate, with_secondary, mailed_token):
    mutate("sendPasswordResetEmail", email="two_secondary@example.com")
    new = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}

    assert mutate("passwordReset", token=mailed_token(), **new) == DONE


def verify(mutate, user):
    mutate("verifySecondaryEmail", token=tokens.make(tokens.SECONDARY_EMAIL, user, email=SECOND))


def replace(mutate, user):
    user.status.change(secondary_email="former@example.com")
    verify(mutate, user)


def remove(mutate, user):
    user.status.change(secondary_email=SECOND)
    assert mutate("removeSecondaryEmail", login=user, password=PASSWORD)["success"] is True


def swap(mutate, user):
    user.status.change(secondary_email=SECOND)
    assert mutate("swapEmails", login=user, password=PASSWORD)["success"] is True


CHANGES = [
    pytest.param(verify, {"verified@example.com": kinds.SECONDARY_EMAIL_CHANGED}, SECOND, id="verified"),
    pytest.param(replace, {"verified@example.com": kinds.SECONDARY_EMAIL_CHANGED}, SECOND, id="replaced"),
    pytest.param(remove, {"verified@example.com": kinds.SECONDARY_EMAIL_CHANGED}, None, id="removed"),
    pytest.param(
        swap,
        {"verified@example.com": kinds.EMAIL_CHANGED, SECOND: kinds.EMAIL_CHANGED},
        "verified@example.com",
        id="swapped",
    ),
]
every_change = pytest.mark.parametrize(("change", "notified", "afterwards"), CHANGES)


@every_change
def test_the_owner_is_mailed_of_a_change_of_addresses(mutate, verified, shop, mailoutbox, change, notified, afterwards):
    """B16: the primary address is notified, and the former one if it changes."""
    with time_machine.travel(CHANGED_AT, tick=False):
        change(mutate, verified)

    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([to], subject(kind)) for to, kind in notified.items()]
    assert secondary_email(verified) == afterwards
    for mail in mailoutbox:
        for text in texts(mail):
            assert moment(CHANGED_AT) in text
            assert not re.search(r"verified@|former@|second@", text)


@every_change
def test_no_owner_is_mailed_of_changes_where_that_is_turned_off(
    mutate, verified, configure, mailoutbox, change, notified, afterwards
):
    configure(SECURITY_MAILS=False)

    change(mutate, verified)

    assert mailoutbox == []
    assert secondary_email(verified) == afterwards


@every_change
def test_a_mail_server_that_fails_undoes_no_change_of_addresses(
    mutate, verified, failing_mail, change, notified, afterwards
):
    change(mutate, verified)

    assert [mail.to for mail in failing_mail] == [[to] for to in notified]
    assert secondary_email(verified) == afterwards


@every_change
def test_mails_about_addresses_that_wait_say_when_it_happened(
    mutate, verified, shop, mailoutbox, monkeypatch, change, notified, afterwards
):
    """They are sent even if the account has become inactive."""
    # Here the connection holds the transaction of the test.
    monkeypatch.setattr("django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None)
    with mail_waits(), time_machine.travel(CHANGED_AT, tick=False):
        change(mutate, verified)
        assert mailoutbox == []
        assert DBTaskResult.objects.count() == len(notified)
    get_user_model().objects.update(is_active=False)
    with time_machine.travel("2030-01-02T18:00Z", tick=False), mail_waits():
        MailWorker().run()

    assert {mail.to[0]: mail.subject for mail in mailoutbox} == {to: subject(kind) for to, kind in notified.items()}
    assert all(moment(CHANGED_AT) in mail.body for mail in mailoutbox)


@every_change
@pytest.mark.django_db(transaction=True)
def test_a_change_of_addresses_that_is_rolled_back_is_not_mailed(
    mutate, verified, mailoutbox, listen, change, notified, afterwards
):
    def fail(**_):
        raise RuntimeError

    listen(post_save, fail, sender=DBTaskResult)

    with mail_waits(), suppress(AssertionError):
        change(mutate, verified)

    assert not DBTaskResult.objects.exists()
    assert mailoutbox == []
    assert get_user_model().objects.get().email == "verified@example.com"
    assert secondary_email(verified) != afterwards


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_notified_after_the_transaction(mutate, with_secondary, monkeypatch):
    inside = []
    monkeypatch.setattr(EmailBackend, "send_messages", lambda *_: inside.append(connection.in_atomic_block))

    mutate("swapEmails", login=with_secondary, password=PASSWORD)
    with_secondary.refresh_from_db()
    mutate("removeSecondaryEmail", login=with_secondary, password=PASSWORD)

    assert inside == [False] * 3
