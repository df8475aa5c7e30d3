"""The reuse of a refresh token ends its session."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions, throttling
from graphql_auth.errors import Refusal
from graphql_auth.mails import kinds, queue
from graphql_auth.models import Session, UsedRefreshToken, UserStatus
from tests.conftest import refused
from tests.graphql_auth.login.helpers import REFUSED_REFRESH, later, refresh
from tests.texts import moment, subject

REUSED_AT = datetime(2030, 5, 6, 7, 8, tzinfo=UTC)


@pytest.fixture
def reused(mutate, login):
    """Return a function that uses the refresh token of `login` a second time, after the grace, and says when."""
    refresh(mutate, login["refreshToken"])

    def reused(times=1):
        with time_machine.travel(REUSED_AT, tick=False):
            Session.objects.update(refreshed_at=timezone.now() - timedelta(minutes=1))
            for _ in range(times):
                assert refresh(mutate, login["refreshToken"]) == REFUSED_REFRESH

    Session.objects.update(expires_at=timezone.now() + timedelta(days=9999))
    return reused


def test_the_owner_is_notified_of_reuse_once(reused, mailoutbox, verified):
    reused(times=3)

    [mail] = mailoutbox
    assert mail.to == [verified.email]
    assert mail.subject == subject(kinds.SESSION_REUSED)
    assert moment(REUSED_AT) in mail.body
    # % if cookiecutter.login_field == "username"
    assert "verified" not in mail.body.replace(verified.email, "")
    # % endif


def test_the_owner_is_notified_of_the_reuse_of_an_older_token(mutate, login, mailoutbox):
    second = refresh(mutate, login["refreshToken"])
    refresh(mutate, second["refreshToken"])

    mutate("revokeToken", refresh_token=login["refreshToken"])

    assert len(mailoutbox) == 1


def test_an_unverified_address_is_not_notified_of_reuse(reused, mailoutbox):
    """It may belong to somebody else than who registered it."""
    UserStatus.objects.update(verified=False)

    reused()

    assert Session.objects.get().ended_at is not None
    assert mailoutbox == []


def test_security_mails_can_be_turned_off(reused, mailoutbox, configure):
    configure(SECURITY_MAILS=False)

    reused()

    assert mailoutbox == []


@pytest.mark.parametrize("how", ["ended", "password"])
def test_reuse_after_the_end_of_a_session_causes_no_mail(reused, mailoutbox, verified, how):
    if how == "ended":
        sessions.end_all(verified)
    else:
        get_user_model()._base_manager.update(password="changed")

    reused()

    assert mailoutbox == []


def test_a_worker_mails_the_time_of_the_reuse(reused, mailoutbox, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    reused()
    [task] = DBTaskResult.objects.all()

    with time_machine.travel("2030-05-07T00:00Z"):
        queue.send_mail.call(*task.args_kwargs["args"])

    assert moment(REUSED_AT) in mailoutbox[0].body


def test_a_session_ends_for_reuse_where_the_mail_server_fails(reused, failing_mail):
    reused()

    assert len(failing_mail) == 1
    assert Session.objects.get().ended_at is not None


def test_new_refresh_tokens_are_limited_by_session(mutate, login, verified, configure):
    """A09: one client wrote rows without end; a repeated answer writes none, and does not count."""
    configure(RATE_LIMITS={"refresh": "2/hour"})
    other = sessions.start(verified)
    answers = [login]
    for _ in range(2):
        answers.append(refresh(mutate, answers[-1]["refreshToken"]))
        for _ in range(5):
            assert refresh(mutate, answers[-2]["refreshToken"])["refreshToken"] == answers[-1]["refreshToken"]

    throttled = refresh(mutate, answers[-1]["refreshToken"])

    assert throttled == REFUSED_REFRESH | {"errors": refused(Refusal.THROTTLED)}
    assert UsedRefreshToken.objects.count() == 2
    assert refresh(mutate, answers[-2]["refreshToken"])["success"] is True
    assert refresh(mutate, other.refresh_token)["success"] is True
    throttling.reset()
    assert refresh(mutate, answers[-1]["refreshToken"])["success"] is True


def test_used_refresh_tokens_are_bounded_where_no_limit_is_set(mutate, login, monkeypatch, configure):
    """A09: those of before are forgotten, the later ones still end the session."""
    configure(RATE_LIMITS={})
    monkeypatch.setattr(sessions, "MAX_USED", 3)
    used = [login["refreshToken"]]
    for _ in range(8):
        used.append(refresh(mutate, used[-1])["refreshToken"])

    remembered = set(UsedRefreshToken.objects.values_list("digest", flat=True))

    assert remembered == {hashlib.sha256(token.encode()).hexdigest() for token in used[-4:-1]}
    assert refresh(mutate, used[0]) == REFUSED_REFRESH
    assert Session.objects.get().ended_at is None
    assert refresh(mutate, used[-4]) == REFUSED_REFRESH
    assert Session.objects.get().ended_at is not None


def test_the_grace_is_a_setting(mutate, login, configure):
    configure(REFRESH_TOKEN_GRACE=timedelta(minutes=2))
    first = refresh(mutate, login["refreshToken"])

    with later(minutes=1):
        assert refresh(mutate, login["refreshToken"])["refreshToken"] == first["refreshToken"]


def test_reuse_is_noticed_many_uses_later(mutate, login):
    tokens = [login["refreshToken"]]
    for _ in range(3):
        tokens.append(mutate("refreshToken", refresh_token=tokens[-1])["refreshToken"])

    with time_machine.travel(timezone.now() + timedelta(days=5)):
        again = [mutate("refreshToken", refresh_token=tokens[0]) for _ in range(2)]

        assert again == [REFUSED_REFRESH] * 2
        assert mutate("refreshToken", refresh_token=tokens[-1]) == REFUSED_REFRESH
