"""Access tokens, and what makes them invalid."""

from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.errors import Refusal
from graphql_auth.models import Session, UserStatus
from graphql_auth.tokens import PASSWORD_RESET, make
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.login.helpers import INVALID_TOKEN, KEY, ME, NOBODY, ODD_TEXTS, REFUSED_REFRESH, email_of_me

EXPIRED_TOKEN = refused(Refusal.EXPIRED_TOKEN)
CLAIMS = ["exp", "iat", "sub", "sid", "typ", "origIat"]


def is_over(mutate, query, tokens):
    """Return whether neither token of a session works any more."""
    refresh = mutate("refreshToken", refresh_token=tokens.refresh_token)
    verify = mutate("verifyToken", token=tokens.token)
    return query(ME, login=tokens.token) == NOBODY and refresh == REFUSED_REFRESH and not verify["success"]


@pytest.mark.parametrize("header", ["JWT {}", "Bearer {}", "jwt {}", "bearer {}", "  JWT   {}  "])
def test_a_token_is_read_from_the_header(api, login, header):
    response = api.post(ME, HTTP_AUTHORIZATION=header.format(login["token"]))

    assert response.json() == {"data": {"me": {"email": "verified@example.com"}}}


@pytest.mark.parametrize(
    "header", ["{}", "", "JWT", "JWT ", "Token {}", "Basic {}", "JWT {} x", "JWT x {}", "JWT JWT {}", "JWT é", "é {}"]
)
def test_any_other_header_is_anonymous(api, login, header):
    response = api.post(ME, HTTP_AUTHORIZATION=header.format(login["token"]))

    assert (response.status_code, response.json()["data"]) == (200, NOBODY)


def test_a_session_cookie_logs_nobody_in(api, verified):
    """D23, J03: the header alone counts."""
    api.client.force_login(verified)

    assert api.query(ME) == NOBODY
    assert api.mutate("archiveAccount", password=PASSWORD)["errors"] == refused(Refusal.UNAUTHENTICATED)


def test_verifying_a_token_returns_its_payload(mutate, login):
    answer = mutate("verifyToken", token=login["token"])

    payload = answer["payload"]
    assert (answer["success"], answer["errors"]) == (True, None)
    assert payload[get_user_model().USERNAME_FIELD] == get_user_model().objects.get().get_username()
    assert payload["exp"] - payload["origIat"] == 300
    assert abs(payload["origIat"] - timezone.now().timestamp()) < 60
    assert set(payload) == {get_user_model().USERNAME_FIELD, *CLAIMS}


@pytest.mark.parametrize("token", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_an_odd_access_token_is_invalid(mutate, token):
    assert mutate("verifyToken", token=token) == {"success": False, "errors": INVALID_TOKEN, "payload": None}


def test_an_access_token_expires(mutate, query, login):
    """J05: without anything being set for it."""
    with time_machine.travel(timezone.now() + timedelta(minutes=4, seconds=50)):
        assert mutate("verifyToken", token=login["token"])["success"] is True
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=11)):
        late = mutate("verifyToken", token=login["token"])
        assert query(ME, login=login["token"]) == NOBODY

    assert late == {"success": False, "errors": EXPIRED_TOKEN, "payload": None}


@pytest.mark.parametrize(("seconds", "counts"), [(-12, False), (-8, True), (-2, True), (308, True), (312, False)])
def test_the_clocks_of_servers_may_be_some_seconds_apart(query, login, seconds, counts):
    """A07: of a token that another server issued, two seconds ahead, this one knew nobody."""
    issued = jwt.decode(login["token"], options={"verify_signature": False})["iat"]

    with time_machine.travel(issued + seconds, tick=False):
        assert email_of_me(query, login["token"]) == ("verified@example.com" if counts else None)


def test_a_token_may_be_late_by_the_leeway(query, verified, settings):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_LEEWAY": 30}
    opened = sessions.start(verified)

    for late, who in [(25, verified.email), (35, None)]:
        with time_machine.travel(opened.payload["exp"] + late, tick=False):
            assert email_of_me(query, opened.token) == who


def test_the_request_of_a_login_says_where_it_leads(mutate, verified, listen):
    places = []
    listen(user_logged_in, lambda request, **_: places.append(request.resolver_match.view_name))

    mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert places == ["graphql"]


def test_the_lifetime_of_an_access_token_is_a_setting(mutate, verified, settings):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_EXPIRATION_DELTA": timedelta(hours=1)}
    token = mutate("tokenAuth", email=verified.email, password=PASSWORD)["token"]

    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert mutate("verifyToken", token=token)["success"] is True


@pytest.fixture
def forge(verified, settings):
    """Return `forge(**changes)`: an access token signed by hand, a claim left out where it is changed to `...`."""
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_SECRET_KEY": KEY}
    payload = sessions.start(verified).payload

    def forge(key=KEY, algorithm="HS256", **changes):
        changed = {name: value for name, value in (payload | changes).items() if value is not ...}
        return jwt.encode(changed, settings.SECRET_KEY if key == "SECRET_KEY" else key, algorithm)

    return forge


def test_a_token_forged_without_a_change_is_good(query, forge):
    """Otherwise the next test would prove nothing."""
    assert email_of_me(query, forge()) == "verified@example.com"


@pytest.mark.parametrize(
    "changes",
    [
        *({claim: ...} for claim in CLAIMS),
        {"key": None, "algorithm": "none"},
        {"key": "somebody-elses-key-that-is-as-long-as-it-has-to-be"},
        {"key": "SECRET_KEY"},
        {"algorithm": "HS384"},
        {"algorithm": "HS512"},
        {"typ": "refresh"},
        {"typ": None},
        {"sub": "0"},
        {"sub": ""},
        {"sub": "x"},
        {"sid": "x"},
        {"sid": 1},
        {"sid": None},
        {"sid": ["x"]},
        {"sid": {"x": 1}},
        {"sid": "00000000-0000-0000-0000-000000000000"},
        {"exp": "soon"},
        {"exp": None},
        {"iat": 99999999999},
        {"iat": "x"},
        {"nbf": 99999999999},
    ],
    ids=str,
)
def test_a_forged_token_is_invalid(mutate, query, forge, changes):
    """J05: one algorithm, one key, and every claim of ours."""
    token = forge(**changes)

    assert mutate("verifyToken", token=token) == {"success": False, "errors": INVALID_TOKEN, "payload": None}
    assert query(ME, login=token) == NOBODY


def test_a_token_names_the_user_of_its_session(query, forge, unverified):
    """D12: a claim about one account does not go with the session of another."""
    assert query(ME, login=forge(sub=str(unverified.pk))) == NOBODY
    assert query(ME, login=forge(sid=sessions.start(unverified).payload["sid"])) == NOBODY


@pytest.mark.parametrize("kept", [True, False])
def test_a_key_can_be_changed_while_the_old_one_is_kept(query, settings, login, verified, kept):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_SECRET_KEY": KEY}
    settings.JWT_SIGNING_KEY_FALLBACKS = [django_settings.JWT_SIGNING_KEY] if kept else []

    assert email_of_me(query, login["token"]) == (verified.email if kept else None)
    assert email_of_me(query, sessions.start(verified).token) == verified.email


def test_a_token_of_an_old_key_expires_too(mutate, settings, login):
    settings.JWT_SIGNING_KEY_FALLBACKS = [django_settings.JWT_SIGNING_KEY]
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_SECRET_KEY": KEY}

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert mutate("verifyToken", token=login["token"])["errors"] == EXPIRED_TOKEN


@pytest.mark.parametrize("name", ["JWT_AUDIENCE", "JWT_ISSUER"])
def test_a_token_is_for_the_audience_and_of_the_issuer_that_are_set(query, settings, login, verified, name):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, name: "https://here.example"}
    here = sessions.start(verified).token
    accepted = email_of_me(query, here)
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, name: "https://elsewhere.example"}

    assert accepted == verified.email
    assert query(ME, login=here) == NOBODY
    assert query(ME, login=login["token"]) == NOBODY


def test_the_key_of_the_tokens_is_their_own():
    """J05: it was SECRET_KEY."""
    assert django_settings.GRAPHQL_JWT["JWT_SECRET_KEY"] != django_settings.SECRET_KEY
    assert len(django_settings.GRAPHQL_JWT["JWT_SECRET_KEY"].encode()) >= 32


def change_password(mutate, user):
    answer = mutate(
        "passwordChange", login=user, old_password=PASSWORD, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD
    )
    assert answer["success"] is True


def reset_password(mutate, user):
    answer = mutate(
        "passwordReset", token=make(PASSWORD_RESET, user), new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD
    )
    assert answer["success"] is True


def archive(mutate, user):
    assert mutate("archiveAccount", login=user, password=PASSWORD)["success"] is True


def delete(mutate, user):
    assert mutate("deleteAccount", login=user, password=PASSWORD)["success"] is True


def ban(mutate, user):
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)


def put_in_the_archive(mutate, user):
    UserStatus.objects.filter(user=user).update(archived=True)


def remove(mutate, user):
    user.delete()


def pass_a_month(mutate, user):
    Session.objects.update(expires_at=timezone.now())


@pytest.mark.parametrize(
    "event", [change_password, reset_password, archive, delete, ban, put_in_the_archive, remove, pass_a_month]
)
def test_no_token_outlives_what_ends_a_session(mutate, query, verified, event):
    """D10, D11, D30: access, refresh and verification are all refused on the next request."""
    tokens = sessions.start(verified)

    event(mutate, verified)

    assert is_over(mutate, query, tokens)


@pytest.mark.parametrize("allowed", [True, False])
def test_refreshing_needs_a_verified_account_where_logging_in_does(mutate, unverified, configure, allowed):
    """D11: a session does not bypass the setting."""
    tokens = sessions.start(unverified)
    configure(ALLOW_LOGIN_NOT_VERIFIED=allowed)

    assert mutate("refreshToken", refresh_token=tokens.refresh_token)["success"] is allowed


def test_a_token_does_not_speak_for_the_next_account_of_that_name(mutate, query, make_user):
    """D12: it names the account, not what the account is called."""
    former = make_user("someone", verified=True)
    tokens = sessions.start(former)
    former.delete()
    make_user("someone", verified=True)

    assert is_over(mutate, query, tokens)


def test_a_token_follows_its_account_to_another_address(query, make_user):
    """D12: and does not pass to who has the former one now."""
    former = make_user("someone", verified=True)
    token = sessions.start(former).token
    changes = {"email": "moved@example.com", get_user_model().USERNAME_FIELD: "moved@example.com"}
    get_user_model().objects.filter(pk=former.pk).update(**changes)
    make_user("someone", verified=True)

    assert email_of_me(query, token) == "moved@example.com"
