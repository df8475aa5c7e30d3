"""How long sessions last, and how they are revoked."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.models import Session, UsedRefreshToken
from tests.conftest import PASSWORD
from tests.graphql_auth.login.helpers import (
    INVALID_TOKEN,
    ME,
    NOBODY,
    REFUSED_REFRESH,
    REFUSED_REVOKE,
    email_of_me,
    later,
    refresh,
)


@pytest.mark.parametrize(("days", "alive"), [(6.99, True), (7.01, False)])
def test_an_idle_session_ends_after_a_week(mutate, login, days, alive):
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        assert mutate("refreshToken", refresh_token=login["refreshToken"])["success"] is alive


def test_no_session_lasts_longer_than_a_month(mutate, query, login):
    start = timezone.now()
    tokens = login
    for day in (6, 12, 18, 24, 29.999):
        with time_machine.travel(start + timedelta(days=day)):
            tokens = mutate("refreshToken", refresh_token=tokens["refreshToken"])
            assert email_of_me(query, tokens["token"]) == "verified@example.com"

    assert tokens["refreshExpiresIn"] <= (start + timedelta(days=30)).timestamp()
    with time_machine.travel(start + timedelta(days=30)):
        assert query(ME, login=tokens["token"]) == NOBODY
        assert mutate("refreshToken", refresh_token=tokens["refreshToken"]) == REFUSED_REFRESH


def test_the_lifetimes_of_a_session_are_settings(mutate, verified, configure, settings):
    configure(SESSION_LIFETIME=timedelta(days=2))
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_REFRESH_EXPIRATION_DELTA": timedelta(days=1)}
    login = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=5)):
        assert mutate("refreshToken", refresh_token=login["refreshToken"]) == REFUSED_REFRESH
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        first = mutate("refreshToken", refresh_token=login["refreshToken"])
    with time_machine.travel(timezone.now() + timedelta(hours=46)):
        second = mutate("refreshToken", refresh_token=first["refreshToken"])
    with time_machine.travel(timezone.now() + timedelta(hours=48, seconds=5)):
        assert mutate("refreshToken", refresh_token=second["refreshToken"]) == REFUSED_REFRESH

    assert second["success"] is True


def test_a_refresh_token_is_stored_as_its_hash_alone(mutate, login):
    """D11: who reads the database cannot use it."""
    answer = mutate("refreshToken", refresh_token=login["refreshToken"])

    issued = [login["refreshToken"], answer["refreshToken"]]
    used, session = UsedRefreshToken.objects.values().get(), Session.objects.values().get()
    stored = [used, session]
    assert [used["digest"], session["refresh_digest"]] == [
        hashlib.sha256(token.encode()).hexdigest() for token in issued
    ]
    assert not any(token in str(stored) for token in [*issued, login["token"], answer["token"]])


def test_refresh_tokens_are_random(mutate, verified):
    tokens = [sessions.start(verified).refresh_token for _ in range(20)]

    assert len(set(tokens)) == 20
    assert min(len(token) for token in tokens) >= 43


def test_revoking_ends_the_session(mutate, query, login):
    answer = mutate("revokeToken", refresh_token=login["refreshToken"])

    assert (answer["success"], answer["errors"]) == (True, None)
    assert answer["revoked"] == int(Session.objects.get().ended_at.timestamp())
    assert query(ME, login=login["token"]) == NOBODY
    assert mutate("refreshToken", refresh_token=login["refreshToken"]) == REFUSED_REFRESH
    assert mutate("verifyToken", token=login["token"])["errors"] == INVALID_TOKEN


@pytest.mark.parametrize("again", ["current", "used last"])
def test_revoking_again_answers_with_the_first_time(mutate, login, again):
    """A client whose response was lost gets no error."""
    answer = refresh(mutate, login["refreshToken"])
    token = answer["refreshToken"] if again == "current" else login["refreshToken"]
    first = mutate("revokeToken", refresh_token=answer["refreshToken"])

    with later(hours=1):
        assert mutate("revokeToken", refresh_token=token) == first
        assert refresh(mutate, token) == REFUSED_REFRESH
    assert first["success"] is True


@pytest.mark.parametrize("seconds", [0, 60])
def test_revoking_takes_the_token_that_was_used_last(mutate, query, login, mailoutbox, seconds):
    """Also after the grace: a client that lost an answer can still log out."""
    answer = refresh(mutate, login["refreshToken"])

    with later(seconds=seconds):
        revoked = mutate("revokeToken", refresh_token=login["refreshToken"])

        assert (revoked["success"], revoked["revoked"]) == (True, int(Session.objects.get().ended_at.timestamp()))
        assert query(ME, login=answer["token"]) == NOBODY
        assert refresh(mutate, answer["refreshToken"]) == REFUSED_REFRESH
    assert mailoutbox == []


@pytest.mark.parametrize(
    "end",
    [
        sessions.end_all,
        lambda user: sessions.end(Session.objects.all()),
        lambda user: get_user_model()._base_manager.update(password="changed"),
        lambda user: get_user_model().objects.update(password="changed"),
        lambda user: Session.objects.update(refreshed_at=timezone.now() - timedelta(days=8)),
        lambda user: Session.objects.update(expires_at=timezone.now()),
    ],
    ids=["all", "one", "password", "password by update", "idle", "old"],
)
def test_revoking_a_session_that_something_else_ended_is_refused(mutate, login, verified, end):
    end(verified)

    for _ in range(2):
        assert mutate("revokeToken", refresh_token=login["refreshToken"]) == REFUSED_REVOKE


def test_revoking_a_session_that_was_purged_is_refused(mutate, login):
    mutate("revokeToken", refresh_token=login["refreshToken"])
    sessions.purge()

    assert mutate("revokeToken", refresh_token=login["refreshToken"]) == REFUSED_REVOKE


def test_a_session_that_was_revoked_stays_so_when_everything_ends(mutate, login, verified):
    first = mutate("revokeToken", refresh_token=login["refreshToken"])
    sessions.end_all(verified)

    assert mutate("revokeToken", refresh_token=login["refreshToken"]) == first


def test_revoking_leaves_other_sessions_alone(mutate, query, login, verified):
    other = sessions.start(verified)

    mutate("revokeToken", refresh_token=login["refreshToken"])

    assert email_of_me(query, other.token) == verified.email


def test_revoking_depends_on_no_other_app(mutate, login):
    """D09: it did nothing, and said it did, unless an app was listed under one spelling."""
    assert not apps.is_installed("graphql_jwt.refresh_token")
    assert mutate("revokeToken", refresh_token=login["refreshToken"])["success"] is True
    assert not Session.objects.filter(ended_at=None).exists()
