"""The management commands: sending mails, purging sessions and unlocking accounts."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.errors import Refusal
from graphql_auth.flows import login
from graphql_auth.models import Session, UsedRefreshToken
from tests.conftest import PASSWORD, refused

INVALID_TOKEN = refused(Refusal.INVALID_TOKEN)
NOW = timezone.now()


@pytest.fixture
def at():
    """Return `at(days)`, a context in which that many days have passed."""
    return lambda days: time_machine.travel(NOW + timedelta(days=days), tick=False)


def purge():
    output = StringIO()
    call_command("purge_sessions", stdout=output)
    return output.getvalue()


def test_purging_deletes_nothing_that_is_not_over(verified, query, mutate, at):
    with at(days=0):
        issued = sessions.start(verified)
    with at(days=6.9):
        assert purge() == "0 sessions deleted.\n"
        answer = mutate("refreshToken", refresh_token=issued.refresh_token)
        assert query("{ me { email } }", login=answer["token"]) == {"me": {"email": verified.email}}


@pytest.mark.parametrize(
    "over",
    [
        {"ended_at": NOW - timedelta(seconds=1)},
        {"expires_at": NOW - timedelta(seconds=1)},
        {"refreshed_at": NOW - timedelta(days=7, seconds=1)},
    ],
    ids=["ended", "too long", "not renewed"],
)
def test_purging_deletes_a_session_that_is_over_and_its_tokens(verified, at, over):
    with at(days=0):
        live, gone = (
            login.refresh_token(refresh_token=sessions.start(verified).refresh_token).payload["sid"] for _ in range(2)
        )
        Session.objects.filter(pk=gone).update(**over)

        assert purge() == "1 sessions deleted.\n"

    assert [str(session.pk) for session in Session.objects.all()] == [live]
    assert [str(token.session_id) for token in UsedRefreshToken.objects.all()] == [live]


def test_a_used_refresh_token_is_recognised_until_it_would_have_expired(verified, mutate, query, at):
    """D11: purging does not make a stolen token look like an unknown one."""
    with at(days=0):
        first = sessions.start(verified)
    with at(days=5):
        second = mutate("refreshToken", refresh_token=first.refresh_token)
    with at(days=6.9):
        third = mutate("refreshToken", refresh_token=second["refreshToken"])
        purge()

        assert mutate("refreshToken", refresh_token=first.refresh_token)["errors"] == INVALID_TOKEN

        assert query("{ me { email } }", login=third["token"]) == {"me": None}
        assert mutate("refreshToken", refresh_token=third["refreshToken"])["errors"] == INVALID_TOKEN


def test_purging_deletes_a_used_refresh_token_that_has_expired_and_keeps_its_session(verified, mutate, at):
    with at(days=0):
        first = sessions.start(verified)
    with at(days=5):
        second = mutate("refreshToken", refresh_token=first.refresh_token)
    with at(days=11):
        third = mutate("refreshToken", refresh_token=second["refreshToken"])
    with at(days=12.1):
        assert purge() == "0 sessions deleted.\n"

        assert UsedRefreshToken.objects.count() == 1
        assert mutate("refreshToken", refresh_token=third["refreshToken"])["success"] is True


def test_the_worker_says_what_to_set_when_mail_is_sent_at_once(db):
    with pytest.raises(CommandError, match="MAIL_QUEUE=database"):
        call_command("mail_worker", once=True)


@pytest.fixture
def locked(mutate, with_secondary, configure):
    """Return an account at which strangers guessed, by each of its names, until it was locked for everybody."""
    configure(RATE_LIMITS={"login": "2/hour", "login_account": "3/hour"})
    # % if cookiecutter.login_field == "username"
    names = [{"username": with_secondary.username}]
    # % else
    names = []
    # % endif
    names += [{"email": with_secondary.email}, {"email": "two_secondary@example.com"}]
    for name in names * 3:
        mutate("tokenAuth", password="wrong", **name)
    with_secondary.names = names
    return with_secondary


@pytest.mark.parametrize("store", ["memory", "redis"])
# % if cookiecutter.login_field == "username"
@pytest.mark.parametrize("name", ["two", " Two@Example.com ", "two_secondary@example.com"])
# % else
@pytest.mark.parametrize("name", [" Two@Example.com ", "two_secondary@example.com"])
# % endif
def test_an_account_is_unlocked_by_any_of_its_names(store, request, name, mutate, capsys):
    """B17."""
    if store == "redis":
        request.getfixturevalue("redis_store")
    locked = request.getfixturevalue("locked")
    tries = [{**name, "password": PASSWORD} for name in locked.names]
    assert [mutate("tokenAuth", **arguments)["success"] for arguments in tries] == [False] * len(tries)

    call_command("unlock", name)

    assert [mutate("tokenAuth", **arguments)["success"] for arguments in tries] == [True] * len(tries)
    output = capsys.readouterr()
    assert output.out.startswith(f"Unlocked {locked.get_username()}. ")
    assert all(value in output.out for name in locked.names for value in name.values())
    # A process that is running cannot be reached from here.
    assert ("Restart it" in output.err) is (store == "memory")


def test_unlocking_an_unknown_user_is_a_one_line_error(db):
    with pytest.raises(CommandError, match=r"^No user has the name or email address 'nobody@example.com'\.$"):
        call_command("unlock", "nobody@example.com")


def test_to_unlock_where_the_store_is_down_is_an_error(verified):
    pytest.importorskip("redis", reason="needs the package redis: pip install redis")

    down = override_settings(RATE_LIMIT_STORAGE_URI="redis://127.0.0.1:1/0")
    with down, pytest.raises(CommandError, match="nothing was unlocked"):
        call_command("unlock", verified.email)
