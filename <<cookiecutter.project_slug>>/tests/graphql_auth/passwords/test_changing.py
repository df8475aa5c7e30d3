"""Changing the password with the old one."""

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db.models.signals import post_save
from django.utils import timezone

from graphql_auth import sessions, tokens
from graphql_auth.errors import Refusal
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.passwords.helpers import (
    BAD_PASSWORDS,
    INVALID_TOKEN,
    MISMATCH,
    NEW,
    THROTTLED,
    WEAK,
    live_sessions,
    logs_in,
)


def test_the_tokens_of_a_password_change_work_within_the_same_second(mutate, query, verified):
    """D10: the tokens from before do not, though they are not a second older."""
    with time_machine.travel(timezone.now(), tick=False):
        before = sessions.start(verified)

        answer = mutate("passwordChange", login=before.token, old_password=PASSWORD, **NEW)

        assert answer["success"] is True
        assert answer["errors"] is None
        assert query("{ me { email } }", login=answer["token"]) == {"me": {"email": verified.email}}
        assert query("{ me { email } }", login=before.token) == {"me": None}
        assert mutate("verifyToken", token=before.token)["errors"] == INVALID_TOKEN
        assert mutate("refreshToken", refresh_token=before.refresh_token)["errors"] == INVALID_TOKEN
        assert mutate("refreshToken", refresh_token=answer["refreshToken"])["success"] is True


def test_a_password_change_ends_the_other_sessions(mutate, query, verified):
    other = sessions.start(verified)

    mutate("passwordChange", login=verified, old_password=PASSWORD, **NEW)

    assert live_sessions(verified) == 1
    assert query("{ me { email } }", login=other.token) == {"me": None}


def test_a_password_change_replaces_the_password(mutate, verified):
    mutate("passwordChange", login=verified, old_password=PASSWORD, **NEW)

    assert logs_in(mutate, verified, NEW_PASSWORD)
    assert not logs_in(mutate, verified, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "errors"),
    [
        pytest.param(
            {"old_password": "wrong", **NEW},
            refused(Refusal.INVALID_PASSWORD, field="oldPassword"),
            id="old password",
        ),
        pytest.param({"old_password": PASSWORD, **BAD_PASSWORDS[0].values[0]}, WEAK, id="weak"),
        pytest.param({"old_password": PASSWORD, **BAD_PASSWORDS[1].values[0]}, MISMATCH, id="mismatch"),
    ],
)
def test_a_refused_password_change_changes_nothing(mutate, query, verified, hashes, arguments, errors):
    token = sessions.start(verified).token

    answer = mutate("passwordChange", login=token, **arguments)

    assert (answer.pop("success"), answer.pop("errors")) == (False, errors)
    assert set(answer.values()) == {None}
    assert hashes() == 1
    assert query("{ me { email } }", login=token) == {"me": {"email": verified.email}}
    assert logs_in(mutate, verified, PASSWORD)


def test_a_password_change_hashes_the_old_and_the_new_password_once(mutate, verified, hashes):
    mutate("passwordChange", login=verified, old_password=PASSWORD, **NEW)

    assert hashes() == 2


def test_guesses_at_the_old_password_are_limited(mutate, configure, verified, hashes):
    """D20: a stolen access token is no oracle for the password; what is over the limit is not even hashed."""
    configure(RATE_LIMITS={"login": "3/hour"})
    token = sessions.start(verified).token

    answers = [mutate("passwordChange", login=token, old_password="wrong", **NEW) for _ in range(4)]
    right = mutate("passwordChange", login=token, old_password=PASSWORD, **NEW)

    assert [set(answer["errors"]) for answer in answers] == [{"oldPassword"}] * 3 + [{"nonFieldErrors"}]
    assert answers[-1]["errors"] == right["errors"] == THROTTLED
    assert hashes() == 3


@pytest.mark.parametrize("name", ["passwordReset", "passwordSet", "passwordChange"])
def test_a_login_while_the_password_changes_does_not_survive(mutate, make_user, listen, name):
    """D08: sessions end after the new password is stored, in its transaction."""
    user = make_user("attacked", verified=True, password=None if name == "passwordSet" else PASSWORD)
    arguments = {
        "passwordReset": {"token": tokens.make(tokens.PASSWORD_RESET, user)},
        "passwordSet": {"token": tokens.make(tokens.PASSWORD_SET, user)},
        "passwordChange": {"login": user, "old_password": PASSWORD},
    }
    meanwhile = []
    listen(post_save, lambda instance, **_: meanwhile.append(sessions.start(instance)), sender=get_user_model())

    mutate(name, **arguments[name], **NEW)

    assert len(meanwhile) == 1
    assert mutate("refreshToken", refresh_token=meanwhile[0].refresh_token)["errors"] == INVALID_TOKEN
    assert live_sessions(user) == (1 if name == "passwordChange" else 0)


def test_a_reset_link_does_not_revive_when_the_addresses_are_swapped_back(mutate, with_secondary):
    """D03: the earlier state does not make earlier links valid."""
    token = tokens.make(tokens.PASSWORD_RESET, with_secondary)
    login = sessions.start(with_secondary).token
    for _ in range(2):
        assert mutate("swapEmails", login=login, password=PASSWORD)["success"] is True

    answer = mutate("passwordReset", token=token, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)

    assert answer["errors"] == refused(Refusal.INVALID_TOKEN)
