"""Refresh tokens, and their second use within the grace period."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.models import Session, UsedRefreshToken, UserStatus
from tests.graphql_auth.login.helpers import (
    INVALID_TOKEN,
    KEY,
    ME,
    NOBODY,
    ODD_TEXTS,
    REFUSED_REFRESH,
    REFUSED_REVOKE,
    email_of_me,
    later,
    refresh,
)


def test_a_refresh_token_is_exchanged_for_new_tokens(mutate, query, login):
    """D11: each is used once."""
    answer = mutate("refreshToken", refresh_token=login["refreshToken"])

    in_a_week = (timezone.now() + timedelta(days=7)).timestamp()
    assert (answer["success"], answer["errors"]) == (True, None)
    assert answer["refreshToken"] not in (None, login["refreshToken"])
    assert answer["payload"] == mutate("verifyToken", token=answer["token"])["payload"]
    assert abs(answer["refreshExpiresIn"] - in_a_week) < 60
    assert email_of_me(query, answer["token"]) == "verified@example.com"
    assert Session.objects.count() == 1


@pytest.mark.parametrize("token", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_an_odd_refresh_token_is_invalid(mutate, login, token):
    assert mutate("refreshToken", refresh_token=token) == REFUSED_REFRESH
    assert mutate("revokeToken", refresh_token=token) == REFUSED_REVOKE


def test_tokens_are_not_mixed_up(mutate, query, login):
    assert mutate("refreshToken", refresh_token=login["token"]) == REFUSED_REFRESH
    assert mutate("verifyToken", token=login["refreshToken"])["errors"] == INVALID_TOKEN
    assert query(ME, login=login["refreshToken"]) == NOBODY


def contents():
    """Return every session and every used refresh token as it is stored."""
    return [*Session.objects.order_by("pk").values(), *UsedRefreshToken.objects.order_by("pk").values()]


@pytest.mark.parametrize("seconds", [0, 5, 9])
def test_a_second_use_within_the_grace_gives_the_same_refresh_token(mutate, query, login, mailoutbox, seconds):
    """A06: the response may have been lost, or two tabs sent the token at once."""
    first = refresh(mutate, login["refreshToken"])
    stored = contents()

    with later(seconds=seconds):
        second = refresh(mutate, login["refreshToken"])

        assert (second["success"], second["refreshToken"]) == (True, first["refreshToken"])
        assert second["refreshExpiresIn"] == first["refreshExpiresIn"]
        assert email_of_me(query, second["token"]) == email_of_me(query, first["token"]) == "verified@example.com"
        assert contents() == stored
        assert refresh(mutate, second["refreshToken"])["success"] is True
    assert mailoutbox == []


def test_the_access_token_of_a_repeated_answer_is_new(mutate, login):
    refresh(mutate, login["refreshToken"])

    with later(seconds=5):
        payload = refresh(mutate, login["refreshToken"])["payload"]
        assert abs(payload["iat"] - timezone.now().timestamp()) < 2


def test_eight_tabs_stay_logged_in(mutate, query, login):
    """A06: repeatedly, with a shared token."""
    shared = login["refreshToken"]
    for round in range(3):
        with later(minutes=5 * round):
            answers = [refresh(mutate, shared) for _ in range(8)]
            [shared] = {answer["refreshToken"] for answer in answers}
            assert [email_of_me(query, answer["token"]) for answer in answers] == ["verified@example.com"] * 8


def test_a_second_use_does_not_make_the_grace_longer(mutate, login):
    refresh(mutate, login["refreshToken"])
    for seconds in (4, 8):
        with later(seconds=seconds):
            assert refresh(mutate, login["refreshToken"])["success"] is True

    with later(seconds=12):
        assert refresh(mutate, login["refreshToken"]) == REFUSED_REFRESH


@pytest.mark.parametrize("thief_first", [True, False])
def test_a_stolen_refresh_token_is_noticed_when_both_have_used_it(mutate, query, login, thief_first):
    """A06: within the grace they get the same token; from the next use on they part, and the session ends."""
    answers = [refresh(mutate, login["refreshToken"]) for _ in range(2)]
    owner, thief = reversed(answers) if thief_first else answers

    with later(minutes=5):
        next_of_owner = refresh(mutate, owner["refreshToken"])
        assert next_of_owner["success"] is True
    with later(minutes=6):
        assert refresh(mutate, thief["refreshToken"]) == REFUSED_REFRESH
        assert query(ME, login=next_of_owner["token"]) == NOBODY
        assert refresh(mutate, next_of_owner["refreshToken"]) == REFUSED_REFRESH


def test_a_second_use_after_the_grace_ends_the_session(mutate, query, login, verified):
    """D11: one of the two who have the token has stolen it."""
    other = sessions.start(verified)
    first = refresh(mutate, login["refreshToken"])

    with later(seconds=12):
        assert refresh(mutate, login["refreshToken"]) == REFUSED_REFRESH
        assert query(ME, login=first["token"]) == NOBODY
        assert refresh(mutate, first["refreshToken"]) == REFUSED_REFRESH
        assert email_of_me(query, other.token) == verified.email


@pytest.mark.parametrize(("name", "refusal"), [("refreshToken", REFUSED_REFRESH), ("revokeToken", REFUSED_REVOKE)])
@pytest.mark.parametrize("age", [2, 3])
def test_an_older_token_ends_the_session_within_the_grace_too(mutate, query, login, name, refusal, age):
    """A06: only the token used last can belong to a lost response."""
    answers = [login]
    for _ in range(age):
        answers.append(refresh(mutate, answers[-1]["refreshToken"]))

    assert mutate(name, refresh_token=login["refreshToken"]) == refusal
    assert query(ME, login=answers[-1]["token"]) == NOBODY
    assert refresh(mutate, answers[-1]["refreshToken"]) == REFUSED_REFRESH


@pytest.mark.parametrize("kept", [True, False])
def test_a_secret_key_can_be_changed_between_two_uses(mutate, query, settings, login, kept):
    """A06: the second use returns the token derived with the former key."""
    first = refresh(mutate, login["refreshToken"])
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if kept else []
    settings.SECRET_KEY = KEY

    second = refresh(mutate, login["refreshToken"])

    assert second["refreshToken"] == (first["refreshToken"] if kept else None)
    assert email_of_me(query, first["token"]) == ("verified@example.com" if kept else None)


def test_a_former_secret_key_can_go_once_a_session_was_refreshed(mutate, query, settings, login):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = KEY
    answer = refresh(mutate, login["refreshToken"])
    settings.SECRET_KEY_FALLBACKS = []

    assert email_of_me(query, answer["token"]) == "verified@example.com"
    with later(minutes=5):
        assert refresh(mutate, answer["refreshToken"])["success"] is True


def test_a_refresh_token_is_derived_by_the_secret_key_alone(mutate, settings, login):
    """Who has a token, and even the database, cannot tell the next."""
    derived = set()
    for key in (settings.SECRET_KEY, KEY):
        settings.SECRET_KEY = key
        derived.add(sessions._successor(login["refreshToken"], key))

    assert len(derived) == 2
    assert {len(token) for token in derived} == {43}


@pytest.mark.parametrize(
    "close",
    [
        lambda user: sessions.end_all(user),
        lambda user: UserStatus.objects.update(archived=True),
        lambda user: get_user_model()._base_manager.update(is_active=False),
        lambda user: get_user_model()._base_manager.update(password="changed"),
    ],
    ids=["ended", "archived", "inactive", "password"],
)
def test_a_closed_account_is_not_answered_within_the_grace_either(mutate, login, verified, close):
    refresh(mutate, login["refreshToken"])

    close(verified)

    assert refresh(mutate, login["refreshToken"]) == REFUSED_REFRESH
