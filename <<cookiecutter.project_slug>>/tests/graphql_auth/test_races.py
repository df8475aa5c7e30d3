"""Concurrent requests: threads that start together, each with its own connection, on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from graphql_auth import sessions, tokens
# % if cookiecutter.login_field == "username"
from graphql_auth.errors import AccountError
from graphql_auth.flows import account
# % endif
from graphql_auth.models import Session, UsedRefreshToken, UserStatus
from tests.api import Api
from tests.conftest import NEW_PASSWORD, PASSWORD, filled_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"),
        reason="needs PostgreSQL: DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres make test",
    ),
]


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same time and return their results. Raises their exceptions."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def call(name: str, login: Any = None, **arguments: Any) -> Callable[[], dict[str, Any]]:
    """Return a function that calls the mutation `name` with a new client."""
    return lambda: Api().mutate(name, login, **arguments)


def codes(answer: dict[str, Any]) -> list[str]:
    """Return the codes of an answer's errors."""
    return [error["code"] for errors in (answer["errors"] or {}).values() for error in errors]


@pytest.mark.parametrize("round", range(20))
def test_thirty_registrations_of_one_address_make_one_account(round, configure, mailoutbox):
    """D06."""
    configure(RATE_LIMITS={})
    spellings = [f"v{round}@example.com", f" V{round}@example.com", f"v{round}@EXAMPLE.com"] * 10
    accounts = [
        {
            "email": spelling,
            # % if cookiecutter.login_field == "username"
            "username": f"user{number}",
            # % endif
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        for number, spelling in enumerate(spellings)
    ]

    answers = together(*(call("register", **account) for account in accounts))

    assert [answer["success"] for answer in answers].count(True) == 1
    assert {code for answer in answers for code in codes(answer)} == {"unique"}
    assert get_user_model().objects.count() == 1
    assert len(mailoutbox) == 1


# % if cookiecutter.login_field == "username"
def test_thirty_registrations_of_one_username_make_one_account(configure):
    configure(RATE_LIMITS={})
    account = {"username": "same", "password1": PASSWORD, "password2": PASSWORD}

    answers = together(*(call("register", email=f"v{number}@example.com", **account) for number in range(30)))

    assert [answer["success"] for answer in answers].count(True) == 1
    assert {field for answer in answers for field in answer["errors"] or ()} == {"username"}


# % endif
def test_eight_accounts_verify_one_secondary_address_and_one_gets_it(make_user):
    """D06."""
    users = [make_user(f"user{number}", verified=True) for number in range(8)]
    mailed = [tokens.make(tokens.SECONDARY_EMAIL, user, email="shared@example.com") for user in users]

    answers = together(*(call("verifySecondaryEmail", token=token) for token in mailed))

    assert [answer["success"] for answer in answers].count(True) == 1
    assert {code for answer in answers for code in codes(answer)} == {"unique"}
    assert UserStatus.objects.filter(secondary_email="shared@example.com").count() == 1


def test_a_registration_and_a_verification_of_one_address_do_not_both_get_it(verified, new_account, configure):
    """D06."""
    configure(RATE_LIMITS={})
    token = tokens.make(tokens.SECONDARY_EMAIL, verified, email=new_account["email"])

    answers = together(call("verifySecondaryEmail", token=token), call("register", **new_account))

    assert sorted(answer["success"] for answer in answers) == [False, True]


@pytest.mark.parametrize("round", range(20))
def test_ten_uses_of_a_refresh_token_have_one_successor(round, verified, query):
    """D11, A06."""
    issued = sessions.start(verified)
    refresh = call("refreshToken", refresh_token=issued.refresh_token)

    answers = together(*[refresh] * 10)

    assert [answer["success"] for answer in answers] == [True] * 10
    [successor] = {answer["refreshToken"] for answer in answers}
    assert UsedRefreshToken.objects.count() == 1
    for answer in answers:
        assert query("{ me { email } }", login=answer["token"]) == {"me": {"email": verified.email}}

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        following = call("refreshToken", refresh_token=successor)()
        assert following["success"] is True
        assert codes(refresh()) == ["invalid_token"]
    assert Session.objects.get().ended_at is not None


@pytest.mark.parametrize("round", range(10))
def test_ten_uses_of_a_token_from_before_send_one_mail(round, verified, mailoutbox):
    """A06."""
    issued = sessions.start(verified)
    refresh = call("refreshToken", refresh_token=issued.refresh_token)
    refresh()

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        answers = together(*[refresh] * 10)

    assert [codes(answer) for answer in answers] == [["invalid_token"]] * 10
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("round", range(10))
def test_ten_log_outs_at_once_all_say_when(round, verified):
    issued = sessions.start(verified)
    renewed = call("refreshToken", refresh_token=issued.refresh_token)()
    revoke = [call("revokeToken", refresh_token=token) for token in (issued.refresh_token, renewed["refreshToken"])]

    answers = together(*revoke * 5)

    assert [answer["success"] for answer in answers] == [True] * 10
    assert len({answer["revoked"] for answer in answers}) == 1


@pytest.mark.parametrize("round", range(10))
def test_sessions_go_on_while_a_login_renews_the_hash(round, verified, settings, configure, monkeypatch):
    """B02: their fingerprint is renewed with it, beside their own refreshing."""
    configure(RATE_LIMITS={})
    opened = [sessions.start(verified) for _ in range(6)]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1)

    answers = together(
        *[call("tokenAuth", email=verified.email, password=PASSWORD)] * 2,
        *(call("refreshToken", refresh_token=issued.refresh_token) for issued in opened),
    )

    assert [answer["success"] for answer in answers] == [True] * 8
    again = [call("refreshToken", refresh_token=answer["refreshToken"])() for answer in answers]
    assert [answer["success"] for answer in again] == [True] * 8


@pytest.mark.parametrize("round", range(10))
@pytest.mark.parametrize("changes", [{"is_active": False}, {"password": "changed"}], ids=["ban", "password"])
def test_a_login_beside_an_update_of_many_leaves_no_session(round, changes, make_user, configure):
    """B02: whichever comes first, and though the account is as before again."""
    configure(RATE_LIMITS={})
    users = [make_user(f"user{number}", verified=True) for number in range(6)]
    everybody = get_user_model().objects.filter(pk__in=[user.pk for user in users])
    before = {user.pk: user.password for user in users}

    together(
        lambda: everybody.update(**changes),
        lambda: everybody.order_by("-pk").update(**changes),
        *(call("tokenAuth", email=user.email, password=PASSWORD) for user in users),
    )

    for pk, password in before.items():
        get_user_model()._base_manager.filter(pk=pk).update(is_active=True, password=password)
    assert not Session.objects.filter(ended_at=None).exists()


def test_ten_uses_of_a_reset_token_have_one_winner_whose_password_counts(verified, mutate):
    """D03."""
    token = tokens.make(tokens.PASSWORD_RESET, verified)
    passwords = [f"{NEW_PASSWORD}-{number}" for number in range(10)]

    answers = together(
        *(call("passwordReset", token=token, new_password1=word, new_password2=word) for word in passwords)
    )

    won = [word for word, answer in zip(passwords, answers, strict=True) if answer["success"]]
    assert len(won) == 1
    assert [codes(answer) for answer in answers].count(["invalid_token"]) == 9
    verified.refresh_from_db()
    assert [word for word in passwords if verified.check_password(word)] == won


@pytest.mark.parametrize("round", range(50))
def test_an_update_beside_other_changes_loses_none_of_them(round, make_user):
    """D07."""
    user = make_user("two", verified=True, secondary_email="second@example.com")
    token = sessions.start(user).token
    ban = get_user_model().objects.filter(pk=user.pk)
    passwords = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    other, changed = [
        (call("passwordChange", token, **passwords), lambda user: user.check_password(NEW_PASSWORD)),
        (lambda: {"success": ban.update(is_active=False) == 1}, lambda user: not user.is_active),
        (call("swapEmails", token, password=PASSWORD), lambda user: user.email == "second@example.com"),
    ][round % 3]

    update, done = together(call("updateAccount", token, first_name="Ada"), other)

    user.refresh_from_db()
    assert done["success"] is True
    assert changed(user)
    assert user.first_name == ("Ada" if update["success"] else "")


def saving(staff: Any, user: Any, **changes: str) -> Callable[[], Any]:
    """Return a call that saves the admin's page of `user`, opened now, with other values."""
    browser = Client()
    browser.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:users_customuser_change", args=[user.pk])
    posted = filled_in(browser.get(address)) | changes
    return lambda: browser.post(address, posted)


# % if cookiecutter.login_field == "username"
def test_eight_accounts_that_take_one_username_have_one_winner(make_user):
    users = [make_user(f"user{number}", verified=True) for number in range(8)]

    def take(user: Any) -> Callable[[], list[str]]:
        def update() -> list[str]:
            try:
                account.update_account(user=user, changes={"username": "wanted"})
            except AccountError as refused:
                return [detail["code"] for detail in refused.errors["username"]]
            return []

        return update

    answers = together(*(take(user) for user in users))

    assert sorted(answers) == [[], *[["unique"]] * 7]


# % endif
@pytest.mark.parametrize("round", range(10))
def test_staff_who_saves_a_user_does_not_take_a_change_of_the_password_back(round, staff, verified, settings):
    """D07: the page saves every column."""
    settings.SECURE_SSL_REDIRECT = False
    passwords = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    change = call("passwordChange", sessions.start(verified).token, **passwords)

    saved, changed = together(saving(staff, verified, first_name="Ada"), change)

    verified.refresh_from_db()
    assert saved.status_code == 302
    assert changed["success"] is True
    assert verified.check_password(NEW_PASSWORD)
    assert verified.first_name == "Ada"


@pytest.mark.parametrize("round", range(10))
def test_staff_and_an_owner_do_not_both_get_an_address(round, staff, verified, make_user, settings):
    """D06."""
    settings.SECURE_SSL_REDIRECT = False
    token = tokens.make(tokens.SECONDARY_EMAIL, verified, email="shared@example.com")
    other, third = make_user("other"), make_user("third")

    verification, *saved = together(
        call("verifySecondaryEmail", token=token),
        saving(staff, other, **{"status-0-secondary_email": "shared@example.com"}),
        saving(staff, third, email="shared@example.com"),
    )

    assert [verification["success"], *(page.status_code == 302 for page in saved)].count(True) == 1


def test_staff_who_saves_a_user_and_registrations_of_its_address_do_not_block_each_other(
    staff, verified, new_account, settings, configure
):
    settings.SECURE_SSL_REDIRECT = False
    configure(PREVENT_ENUMERATION=True, RATE_LIMITS={})
    registration = call("register", **(new_account | {"email": verified.email}))

    for _ in range(10):
        *saved, first, second = together(
            *(saving(staff, verified, first_name=name) for name in ("Ada", "Eva")), registration, registration
        )
        assert [page.status_code for page in saved] == [302, 302]
        assert first["success"] is second["success"] is True


def test_two_password_changes_by_the_same_old_password_have_one_winner(verified):
    """D08."""
    token = sessions.start(verified).token
    words = [f"{NEW_PASSWORD}-{number}" for number in range(2)]

    answers = together(
        *(
            call("passwordChange", token, old_password=PASSWORD, new_password1=word, new_password2=word)
            for word in words
        )
    )

    assert sorted(answer["success"] for answer in answers) == [False, True]
    assert Session.objects.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("round", range(10))
def test_a_login_beside_a_password_reset_leaves_no_session_of_the_old_password(round, verified):
    """D08."""
    token = tokens.make(tokens.PASSWORD_RESET, verified)
    reset = call("passwordReset", token=token, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    login = call("tokenAuth", email=verified.email, password=PASSWORD)

    together(reset, login, login, login)

    assert not Session.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("round", range(10))
def test_a_refresh_beside_a_password_reset_leaves_no_session_of_the_old_password(round, verified):
    """D08."""
    opened = [sessions.start(verified) for _ in range(3)]
    token = tokens.make(tokens.PASSWORD_RESET, verified)
    reset = call("passwordReset", token=token, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)

    done, *_ = together(reset, *(call("refreshToken", refresh_token=session.refresh_token) for session in opened))

    assert done["success"] is True
    assert not Session.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("round", range(20))
def test_a_login_beside_archiving_leaves_no_session_to_come_back(round, verified, query):
    token = sessions.start(verified).token

    opened, archived = together(
        call("tokenAuth", email=verified.email, password=PASSWORD),
        call("archiveAccount", token, password=PASSWORD),
    )

    assert (opened["success"], archived["success"]) == (True, True)
    status = UserStatus.objects.get(user=verified)
    live = Session.objects.filter(user=verified, ended_at=None).count()
    assert (status.archived, live) in [(True, 0), (False, 1)]


def test_ten_logins_of_an_old_hash_all_succeed(verified, settings, configure):
    """Each wants to renew the hash, and one does."""
    configure(RATE_LIMITS={})
    verified.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
    verified.save()
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]

    answers = together(*[call("tokenAuth", email=verified.email, password=PASSWORD)] * 10)

    assert [answer["success"] for answer in answers] == [True] * 10


@pytest.mark.parametrize("store", ["memory", "redis"])
def test_sixty_wrong_passwords_at_once_compute_five_hashes(store, hashes, verified, configure, request):
    """D18."""
    if store == "redis":
        request.getfixturevalue("redis_store")
    configure(RATE_LIMITS={"login": "5/15 minutes"})
    hashes()

    answers = together(*[call("tokenAuth", email=verified.email, password="wrong")] * 60)

    assert hashes() == 5
    assert [codes(answer) for answer in answers].count(["throttled"]) == 55
