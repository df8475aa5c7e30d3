"""Logins that are refused, and what a login records."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.errors import Refusal
from graphql_auth.flows import administration
from graphql_auth.models import Session, UserStatus
from tests.api import mutation
from tests.conftest import PASSWORD, refused
from tests.graphql_auth.login.helpers import ADDRESSES, INVALID_CREDENTIALS, ME, NOBODY, REFUSED_LOGIN, email_of_me


class InterruptedHasher(MD5PasswordHasher):
    """Runs code between the check of a password and the next step."""

    def verify(self, password, encoded):
        """Check, then be interrupted."""
        right = super().verify(password, encoded)
        self.meanwhile()
        return right


@pytest.fixture
def interrupt(settings, monkeypatch):
    """Return a function that lets `meanwhile` happen after each check of a password."""
    settings.PASSWORD_HASHERS = [f"{InterruptedHasher.__module__}.InterruptedHasher"]

    def interrupt(meanwhile):
        monkeypatch.setattr(InterruptedHasher, "meanwhile", staticmethod(meanwhile), raising=False)

    return interrupt


@pytest.mark.parametrize("state", ["unverified", "verified", "with_secondary", "archived"])
def test_a_login_is_noted_and_announced_once(mutate, everybody, listen, state):
    """D30: last_login and the signal are what audits and clean-ups go by."""
    heard = []
    listen(user_logged_in, lambda sender, request, user, **_: heard.append((sender, request.path, user.email)))

    answer = mutate("tokenAuth", email=ADDRESSES[state], password=PASSWORD)

    user = get_user_model().objects.get(email=answer["user"]["email"])
    assert timezone.now() - user.last_login < timedelta(minutes=1)
    assert heard == [(get_user_model(), "/graphql", user.email)]


def test_a_login_by_cookie_is_noted_too(client, verified):
    """The admin's, by Django's own receiver."""
    client.force_login(verified, "django.contrib.auth.backends.ModelBackend")

    verified.refresh_from_db()
    assert verified.last_login is not None


def test_the_receiver_of_django_stays_connected():
    """Other code in the process relies on it."""
    uid = "update_last_login"

    assert user_logged_in.disconnect(dispatch_uid=uid)
    user_logged_in.connect(update_last_login, dispatch_uid=uid)


def test_a_refused_login_is_not_noted(mutate, everybody, listen, configure):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    heard = []
    listen(user_logged_in, lambda **_: heard.append(True))

    for address in ADDRESSES.values():
        mutate("tokenAuth", email=address, password="wrong")
    mutate("tokenAuth", email="unverified@example.com", password=PASSWORD)

    assert heard == []
    assert not get_user_model().objects.exclude(last_login=None).exists()
    assert not Session.objects.exists()


@pytest.mark.parametrize("changes", [{"password": "changed"}, {"is_active": False}], ids=["password", "inactive"])
def test_a_login_is_refused_when_the_account_changed_meanwhile(mutate, verified, interrupt, changes):
    """D08: the state that was checked must be unchanged when the session starts."""
    interrupt(lambda: get_user_model().objects.update(**changes))

    assert mutate("tokenAuth", email=verified.email, password=PASSWORD) == INVALID_CREDENTIALS
    assert not Session.objects.exists()


def test_a_login_takes_an_account_out_of_the_archive_that_was_archived_meanwhile(mutate, query, verified, interrupt):
    """D10: it opened a session that was refused, until the next login took the account out."""
    interrupt(lambda: administration.archive_user(user=verified))

    opened = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert (opened["success"], opened["unarchiving"]) == (True, True)
    assert email_of_me(query, opened["token"]) == verified.email


def test_a_login_is_refused_when_the_account_may_not_log_in_any_more(mutate, configure, verified, interrupt):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)

    def unverify():
        verified.status.change(verified=False)
        sessions.end_all(verified)

    interrupt(unverify)

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert answer["errors"]["nonFieldErrors"][0]["code"] == "not_verified"
    assert not Session.objects.exists()


def test_a_login_is_refused_by_an_address_that_was_removed_meanwhile(mutate, with_secondary, interrupt):
    interrupt(lambda: with_secondary.status.change_address("secondary_email", None))

    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD) == INVALID_CREDENTIALS
    assert not Session.objects.exists()


def test_a_login_is_refused_by_an_address_that_changed_hands_meanwhile(mutate, with_secondary, verified, interrupt):
    def change_hands():
        with_secondary.status.change_address("secondary_email", None)
        verified.status.change_address("secondary_email", "two_secondary@example.com")

    interrupt(change_hands)

    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD) == INVALID_CREDENTIALS
    assert not Session.objects.exists()


def test_too_many_tries_are_refused_before_anything_is_hashed(mutate, verified, configure, hashes):
    configure(RATE_LIMITS={"login": "2/hour"})
    hashes()

    answers = [mutate("tokenAuth", email=verified.email, password="wrong") for _ in range(2)]
    throttled = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert answers == [INVALID_CREDENTIALS] * 2
    assert throttled == REFUSED_LOGIN | {"errors": refused(Refusal.THROTTLED)}
    assert hashes() == 2


def test_a_user_without_status_logs_in(mutate, query, verified):
    """D27: it reads as not verified and not archived."""
    UserStatus.objects.all().delete()

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)
    renewed = mutate("refreshToken", refresh_token=answer["refreshToken"])

    assert (answer["success"], answer["unarchiving"], renewed["success"]) == (True, False, True)
    assert query("{ me { email verified archived secondaryEmail } }", login=answer["token"]) == {
        "me": {"email": verified.email, "verified": False, "archived": False, "secondaryEmail": None}
    }


def test_a_user_without_status_is_told_to_verify_where_that_is_needed(mutate, verified, configure):
    """D27: not that the password is wrong."""
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    UserStatus.objects.all().delete()

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert answer["errors"] == refused(Refusal.NOT_VERIFIED)


def test_a_login_makes_one_session_however_often_its_tokens_are_selected(api, verified):
    """J04: a client could have one made for each alias."""
    document, variables = mutation("tokenAuth", {"email": verified.email, "password": PASSWORD})
    tokens = " ".join(f"a{number}: refreshToken b{number}: token" for number in range(5))

    answer = api.query(document.replace("{ success", f"{{ {tokens} success"), **variables)["tokenAuth"]

    assert {answer[f"a{number}"] for number in range(5)} == {answer["refreshToken"]}
    assert {answer[f"b{number}"] for number in range(5)} == {answer["token"]}
    assert Session.objects.count() == 1


def test_a_login_does_not_speak_for_what_follows_it(api, verified):
    """J03: neither in the same document nor in the next, with or without a cookie."""
    login, first = mutation("tokenAuth", {"email": verified.email, "password": PASSWORD})
    update, second = mutation("updateAccount", {"firstName": "Luke"})
    declared, _, body = update.removeprefix("mutation Test(").replace("$", "$next_").partition(") {")
    document = login.removesuffix("}").replace("Test(", f"Test({declared}, ") + body

    answer = api.post(document, first | {f"next_{name}": value for name, value in second.items()})

    assert answer.json()["data"]["tokenAuth"]["success"] is True
    assert answer.json()["data"]["updateAccount"]["errors"] == refused(Refusal.UNAUTHENTICATED)
    assert not answer.cookies
    assert api.query(ME) == NOBODY


def test_a_token_of_a_deleted_user_lets_no_password_be_tried(mutate, verified, hashes, failures):
    """J01: a mutation that needs a login does not bypass the limits of logins."""
    token = sessions.start(verified).token
    verified.delete()
    hashes()

    answer = mutate("archiveAccount", login=token, password=PASSWORD)

    assert answer["errors"] == refused(Refusal.UNAUTHENTICATED)
    assert (hashes(), failures) == (0, [])


def test_a_token_does_not_vouch_for_a_password(mutate, verified, unverified):
    """J01: a token does not replace a password, not even that of its own account."""
    assert mutate("tokenAuth", login=verified, email=unverified.email, password="wrong") == INVALID_CREDENTIALS
    assert mutate("tokenAuth", login=verified, email=verified.email, password="wrong") == INVALID_CREDENTIALS
