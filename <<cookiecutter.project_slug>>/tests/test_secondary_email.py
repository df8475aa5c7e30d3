"""The secondary email address of an account."""

import re
from contextlib import nullcontext, suppress
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions, tokens
from graphql_auth.management.commands.mail_worker import MailWorker
from graphql_auth.models import UserStatus
from tests.api import mutation, verdict
from tests.conftest import NEW_PASSWORD, PASSWORD, mail_down, mail_waits, refused

SECOND = "second@example.com"
DONE = {"success": True, "errors": None}
INVALID_TOKEN = refused("invalid_token", "Invalid token.")
INVALID_PASSWORD = refused("invalid_password", "Invalid password.", "password")
REQUIRED = refused("secondary_email_required", "You need to set up a secondary email first.")
TAKEN = "A user with that email already exists."


@pytest.fixture
def ask(mutate, verified, mailed_token):
    """Return `ask(email=SECOND)`: the verified user asks for an address; the token mailed there is returned."""

    def ask(email=SECOND):
        assert mutate("sendSecondaryEmailActivation", login=verified, email=email, password=PASSWORD) == DONE
        return mailed_token()

    return ask


def secondary_email(user):
    return UserStatus.objects.get(user=user).secondary_email


def test_a_mailed_link_makes_an_address_the_secondary_one(mutate, ask, verified, mailoutbox):
    token = ask()

    assert [mail.to for mail in mailoutbox] == [[SECOND]]
    assert verdict(mutate("verifySecondaryEmail", token=token)) == DONE
    assert secondary_email(verified) == SECOND


def test_a_secondary_address_is_normalised(mutate, ask, verified, mailoutbox):
    token = ask(" Second@EXAMPLE.com ")
    mutate("verifySecondaryEmail", token=token)

    assert mailoutbox[0].to == [SECOND]
    assert secondary_email(verified) == SECOND


@pytest.mark.parametrize("email", ["nobody", "a@", "a@example.com\nBcc: b@example.com", "a" * 300])
def test_a_secondary_address_must_be_valid(mutate, verified, mailoutbox, email):
    answer = mutate("sendSecondaryEmailActivation", login=verified, email=email, password=PASSWORD)

    assert answer == {"success": False, "errors": refused("invalid", "Enter a valid email address.", "email")}
    assert mailoutbox == []


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("verified@example.com", id="own primary"),
        pytest.param("unverified@example.com", id="primary of another"),
        pytest.param("two_secondary@example.com", id="secondary of another"),
        pytest.param(" Two_Secondary@Example.COM", id="other spelling"),
    ],
)
def test_a_taken_address_is_refused(mutate, verified, unverified, with_secondary, mailoutbox, email):
    answer = mutate("sendSecondaryEmailActivation", login=verified, email=email, password=PASSWORD)

    assert answer == {"success": False, "errors": refused("unique", TAKEN, "email")}
    assert mailoutbox == []


def test_the_own_secondary_address_is_taken_too(mutate, with_secondary):
    arguments = {"email": "two_secondary@example.com", "password": PASSWORD}

    answer = mutate("sendSecondaryEmailActivation", login=with_secondary, **arguments)

    assert answer["errors"] == refused("unique", TAKEN, "email")


def test_whether_an_address_is_taken_is_not_revealed_without_the_password(mutate, verified, unverified):
    taken, free = (
        mutate("sendSecondaryEmailActivation", login=verified, email=email, password="wrong")
        for email in (unverified.email, SECOND)
    )

    assert taken == free == {"success": False, "errors": INVALID_PASSWORD}


def test_a_link_that_cannot_be_mailed_is_reported(mutate, verified, failing_mail):
    answer = mutate("sendSecondaryEmailActivation", login=verified, email=SECOND, password=PASSWORD)

    assert answer == {"success": False, "errors": refused("email_fail", "Failed to send email.")}


def test_links_to_one_address_are_limited(mutate, configure, verified, mailoutbox):
    configure(RATE_LIMITS={"mail_address": "2/hour"})
    arguments = {"login": verified, "email": SECOND, "password": PASSWORD}

    answers = [mutate("sendSecondaryEmailActivation", **arguments) for _ in range(3)]

    assert answers == [DONE, DONE, {"success": False, "errors": answers[-1]["errors"]}]
    assert answers[-1]["errors"] == refused("throttled", "Too many attempts. Please try again later.")
    assert len(mailoutbox) == 2


@pytest.mark.parametrize("mail", [nullcontext, mail_down, mail_waits], ids=["mail works", "mail fails", "mail waits"])
def test_the_response_does_not_reveal_whether_an_address_is_taken(
    api, configure, verified, unverified, archived, inactive, with_secondary, hashes, mail
):
    """D21: with PREVENT_ENUMERATION, body, status, headers, queries and hashes are the same."""
    configure(PREVENT_ENUMERATION=True, RATE_LIMITS={})
    taken = [unverified.email, archived.email, inactive.email, with_secondary.email, "two_secondary@example.com"]
    token = sessions.start(verified).token
    responses, queries, hashed = [], [], []

    for email in [SECOND, *taken]:
        document = mutation("sendSecondaryEmailActivation", {"email": email, "password": PASSWORD})
        with mail(), CaptureQueriesContext(connection) as captured:
            responses.append(api.post(*document, login=token))
        queries.append(len(captured))
        hashed.append(hashes())

    assert responses[0].json()["data"]["sendSecondaryEmailActivation"]["success"] is True
    assert len({(answer.status_code, answer.content, str(sorted(answer.items()))) for answer in responses}) == 1
    assert max(queries) - min(queries) <= 1
    assert set(hashed) == {1}


def test_with_prevent_enumeration_the_owner_is_mailed_instead(mutate, configure, verified, with_secondary, mailoutbox):
    configure(PREVENT_ENUMERATION=True)

    mutate("sendSecondaryEmailActivation", login=verified, email="two_secondary@example.com", password=PASSWORD)

    assert [mail.to for mail in mailoutbox] == [["two_secondary@example.com"]]
    assert "/activate-secondary/" not in mailoutbox[0].body


def test_a_pending_address_reserves_nothing(mutate, ask, new_account, query):
    ask(new_account["email"])

    answer = mutate("register", **new_account)

    assert answer["success"] is True
    assert query("{ me { email secondaryEmail } }", login=answer["token"]) == {
        "me": {"email": new_account["email"], "secondaryEmail": None}
    }


def test_an_address_that_was_taken_meanwhile_is_not_verified(mutate, ask, verified, make_user):
    token = ask()
    make_user("second")

    assert verdict(mutate("verifySecondaryEmail", token=token)) == {
        "success": False,
        "errors": refused("unique", TAKEN),
    }
    assert secondary_email(verified) is None


def test_the_first_of_two_accounts_to_verify_an_address_gets_it(mutate, ask, verified, make_user):
    """D06: two accounts never own one address."""
    token = ask()
    other = make_user("other", verified=True)
    mutate("verifySecondaryEmail", token=tokens.make(tokens.SECONDARY_EMAIL, other, email=SECOND))

    assert mutate("verifySecondaryEmail", token=token)["errors"] == refused("unique", TAKEN)
    assert secondary_email(other) == SECOND
    assert secondary_email(verified) is None


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "é:é:é", "." * 5000])
def test_an_invalid_token_verifies_nothing(mutate, verified, token):
    assert verdict(mutate("verifySecondaryEmail", token=token)) == {"success": False, "errors": INVALID_TOKEN}


@pytest.mark.parametrize("lifetime", [timedelta(hours=1), timedelta(minutes=3)])
def test_a_link_to_a_secondary_address_expires(mutate, ask, configure, lifetime):
    if lifetime != timedelta(hours=1):
        configure(EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN=lifetime)
    token, mailed = ask(), timezone.now()

    with time_machine.travel(mailed + lifetime + timedelta(seconds=5), tick=False):
        assert mutate("verifySecondaryEmail", token=token)["errors"] == refused("expired_token", "Expired token.")
    with time_machine.travel(mailed + lifetime - timedelta(seconds=5), tick=False):
        assert verdict(mutate("verifySecondaryEmail", token=token)) == DONE


def test_a_link_to_a_secondary_address_works_once(mutate, ask):
    token = ask()
    mutate("verifySecondaryEmail", token=token)

    assert verdict(mutate("verifySecondaryEmail", token=token)) == {"success": False, "errors": INVALID_TOKEN}


def test_a_removed_address_does_not_return_by_its_old_link(mutate, ask, verified):
    """D04: what the owner removed stays removed."""
    token = ask()
    mutate("verifySecondaryEmail", token=token)
    mutate("removeSecondaryEmail", login=verified, password=PASSWORD)

    assert verdict(mutate("verifySecondaryEmail", token=token)) == {"success": False, "errors": INVALID_TOKEN}
    assert secondary_email(verified) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda user: user.set_password(NEW_PASSWORD), id="password"),
        pytest.param(lambda user: setattr(user, "email", "else@example.com"), id="email"),
        pytest.param(lambda user: setattr(user, "is_active", False), id="deactivation"),
        pytest.param(lambda user: user.status.change_secondary_email("third@example.com"), id="another address"),
        pytest.param(lambda user: user.delete(), id="deletion"),
    ],
)
def test_a_pending_address_dies_with_what_it_was_asked_for(mutate, verified, change):
    token = tokens.make(tokens.SECONDARY_EMAIL, verified, email=SECOND)
    change(verified)
    if verified.pk:
        verified.save()

    assert verdict(mutate("verifySecondaryEmail", token=token)) == {"success": False, "errors": INVALID_TOKEN}
    assert not UserStatus.objects.filter(secondary_email=SECOND).exists()


def test_a_second_secondary_address_replaces_the_first(mutate, ask, verified, make_user):
    mutate("verifySecondaryEmail", token=ask())
    verified.status.refresh_from_db()

    mutate("verifySecondaryEmail", token=ask("third@example.com"))

    assert secondary_email(verified) == "third@example.com"
    assert make_user("second").email == SECOND


def test_an_account_logs_in_by_its_secondary_address(mutate, with_secondary):
    answer = mutate("tokenAuth", email=" Two_Secondary@example.com", password=PASSWORD)

    assert answer["success"] is True
    assert answer["user"]["email"] == with_secondary.email


def test_logging_in_by_a_secondary_address_can_be_turned_off(mutate, configure, with_secondary):
    configure(ALLOW_LOGIN_WITH_SECONDARY_EMAIL=False)

    answer = mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD)

    assert answer["errors"] == refused("invalid_credentials", "Please, enter valid credentials.")
    assert mutate("tokenAuth", email=with_secondary.email, password=PASSWORD)["success"] is True


def test_an_address_that_is_pending_does_not_log_in(mutate, ask):
    ask()

    answer = mutate("tokenAuth", email=SECOND, password=PASSWORD)

    assert answer["errors"] == refused("invalid_credentials", "Please, enter valid credentials.")


def test_swapped_addresses_change_places(mutate, query, with_secondary):
    token = sessions.start(with_secondary).token

    assert verdict(mutate("swapEmails", login=token, password=PASSWORD)) == DONE
    assert query("{ me { email secondaryEmail } }", login=token) == {
        "me": {"email": "two_secondary@example.com", "secondaryEmail": "two@example.com"}
    }


def test_addresses_swapped_twice_are_as_they_were(mutate, query, with_secondary):
    for _ in range(2):
        assert verdict(mutate("swapEmails", login=with_secondary, password=PASSWORD)) == DONE

    assert query("{ me { email secondaryEmail } }", login=with_secondary) == {
        "me": {"email": "two@example.com", "secondaryEmail": "two_secondary@example.com"}
    }


def test_links_from_before_a_swap_are_void(mutate, with_secondary):
    """D03: they were mailed to what was the primary address then."""
    reset = tokens.make(tokens.PASSWORD_RESET, with_secondary)
    pending = tokens.make(tokens.SECONDARY_EMAIL, with_secondary, email=SECOND)
    mutate("swapEmails", login=with_secondary, password=PASSWORD)

    passwords = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert mutate("passwordReset", token=reset, **passwords)["errors"] == INVALID_TOKEN
    assert mutate("verifySecondaryEmail", token=pending)["errors"] == INVALID_TOKEN


def test_links_from_before_a_swap_stay_void_after_swapping_back(mutate, with_secondary):
    pending = tokens.make(tokens.SECONDARY_EMAIL, with_secondary, email=SECOND)
    for _ in range(2):
        mutate("swapEmails", login=with_secondary, password=PASSWORD)

    assert mutate("verifySecondaryEmail", token=pending)["errors"] == INVALID_TOKEN


def test_both_addresses_log_in_after_a_swap(mutate, with_secondary):
    mutate("swapEmails", login=with_secondary, password=PASSWORD)

    for email in ("two@example.com", "two_secondary@example.com"):
        assert mutate("tokenAuth", email=email, password=PASSWORD)["success"] is True


def test_a_removed_address_is_free_and_logs_in_no_more(mutate, with_secondary, new_account):
    assert verdict(mutate("removeSecondaryEmail", login=with_secondary, password=PASSWORD)) == DONE
    assert secondary_email(with_secondary) is None
    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD)["success"] is False
    assert mutate("register", **new_account | {"email": "two_secondary@example.com"})["success"] is True


@pytest.mark.parametrize("name", ["swapEmails", "removeSecondaryEmail"])
def test_without_a_secondary_address_there_is_nothing_to_swap_or_remove(mutate, verified, name):
    assert verdict(mutate(name, login=verified, password=PASSWORD)) == {"success": False, "errors": REQUIRED}


@pytest.mark.parametrize("name", ["swapEmails", "removeSecondaryEmail"])
def test_a_wrong_password_changes_no_address(mutate, with_secondary, name):
    assert verdict(mutate(name, login=with_secondary, password="wrong")) == {
        "success": False,
        "errors": INVALID_PASSWORD,
    }
    assert get_user_model().objects.get(pk=with_secondary.pk).email == "two@example.com"
    assert secondary_email(with_secondary) == "two_secondary@example.com"


# Whose account it is


CHANGED = "The email address of your account at The Shop was changed"
SECONDARY_CHANGED = "The secondary address of your account at The Shop was changed"
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
    pytest.param(verify, {"verified@example.com": SECONDARY_CHANGED}, SECOND, id="verified"),
    pytest.param(replace, {"verified@example.com": SECONDARY_CHANGED}, SECOND, id="replaced"),
    pytest.param(remove, {"verified@example.com": SECONDARY_CHANGED}, None, id="removed"),
    pytest.param(swap, {"verified@example.com": CHANGED, SECOND: CHANGED}, "verified@example.com", id="swapped"),
]
every_change = pytest.mark.parametrize(("change", "notified", "afterwards"), CHANGES)


@every_change
def test_the_owner_is_mailed_of_a_change_of_addresses(mutate, verified, shop, mailoutbox, change, notified, afterwards):
    """B16: the primary address is notified, and the former one if it changes."""
    with time_machine.travel("2030-01-02T15:04Z", tick=False):
        change(mutate, verified)

    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([to], subject) for to, subject in notified.items()]
    assert secondary_email(verified) == afterwards
    for mail in mailoutbox:
        for text in texts(mail):
            assert "Jan. 2, 2030, 3:04 p.m. UTC" in text
            assert not re.search(r"verified|former@|second@|://|somebody asks for it", text)


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
    with mail_waits(), time_machine.travel("2030-01-02T15:04Z", tick=False):
        change(mutate, verified)
        assert mailoutbox == []
        assert DBTaskResult.objects.count() == len(notified)
    get_user_model().objects.update(is_active=False)
    with time_machine.travel("2030-01-02T18:00Z", tick=False), mail_waits():
        MailWorker().run()

    assert {mail.to[0]: mail.subject for mail in mailoutbox} == notified
    assert all("3:04 p.m." in mail.body for mail in mailoutbox)


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
