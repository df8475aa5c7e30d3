"""Responses report that an access token was rejected, and why."""

from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings as project
from django.utils import timezone

from graphql_auth import sessions

ME = "{ me { email } }"
CHALLENGE = 'Bearer error="invalid_token"'


def ask(api, header, document=ME):
    extra = {} if header is None else {"HTTP_AUTHORIZATION": header}
    return api.post(document, **extra)


def verdict(response):
    """Return the report about the token in the extensions and the header."""
    return response.json().get("extensions"), response.get("WWW-Authenticate")


@pytest.fixture
def expired(verified):
    """Return an access token that has expired, of a session that lives."""
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=False):
        return sessions.start(verified).token


@pytest.fixture
def revoked(verified):
    """Return an access token whose session was ended."""
    token = sessions.start(verified).token
    sessions.end_all(verified)
    return token


@pytest.mark.parametrize("scheme", ["JWT", "Bearer", "bearer", "jwt"])
def test_an_expired_token_is_reported(api, expired, scheme):
    response = ask(api, f"{scheme} {expired}")

    assert response.json()["data"] == {"me": None}
    assert verdict(response) == ({"authentication": "expired"}, CHALLENGE)


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "undefined", "null", "é", "x" * 5000])
def test_a_foreign_token_is_invalid(api, token):
    assert verdict(ask(api, f"Bearer {token}")) == ({"authentication": "invalid"}, CHALLENGE)


def test_a_token_of_an_ended_session_is_invalid(api, revoked):
    assert verdict(ask(api, f"JWT {revoked}")) == ({"authentication": "invalid"}, CHALLENGE)


def test_a_token_signed_with_another_key_is_invalid_however_old(api, expired):
    payload = jwt.decode(expired, options={"verify_signature": False})
    forged = jwt.encode(payload, "another-key-of-thirty-two-bytes-at-least", project.GRAPHQL_JWT["JWT_ALGORITHM"])

    assert verdict(ask(api, f"JWT {forged}")) == ({"authentication": "invalid"}, CHALLENGE)


@pytest.mark.parametrize("header", [None, "", "JWT", "Bearer ", "Basic dXNlcjpwYXNzd29yZA==", "Token abc"])
def test_nothing_is_reported_without_a_token(api, db, header):
    assert verdict(ask(api, header)) == (None, None)


def test_nothing_is_reported_for_a_valid_token(api, verified):
    assert verdict(api.post(ME, login=verified)) == (None, None)


@pytest.mark.parametrize(
    "document",
    ["{", "{ nothing }", '{ user(id: "nonsense") { id } }', "{ __typename }"],
)
def test_a_rejected_token_is_reported_beside_any_response(api, expired, document):
    extensions, challenge = verdict(ask(api, f"JWT {expired}", document))

    assert extensions == {"authentication": "expired"}
    assert challenge == CHALLENGE


def test_a_protected_mutation_answers_as_without_a_token(api, expired, mutate):
    payload = mutate("updateAccount", first_name="Ada")

    assert mutate("updateAccount", login=expired, first_name="Ada") == payload
    assert payload["errors"]["nonFieldErrors"][0]["code"] == "unauthenticated"


def test_tokens_come_with_the_times_at_which_they_expire(mutate, verified, new_account):
    with time_machine.travel(timezone.now(), tick=False):
        now = int(timezone.now().timestamp())
        opened = mutate("register", **new_account)
        renewed = mutate("refreshToken", refresh_token=opened["refreshToken"])

    for payload in (opened, renewed):
        life = project.GRAPHQL_JWT["JWT_EXPIRATION_DELTA"].total_seconds()
        assert payload["tokenExpiresAt"] == now + life
        assert payload["refreshExpiresIn"] == now + project.GRAPHQL_JWT["JWT_REFRESH_EXPIRATION_DELTA"].total_seconds()
    assert jwt.decode(opened["token"], options={"verify_signature": False})["exp"] == opened["tokenExpiresAt"]


def test_a_refused_login_has_no_times(mutate, verified):
    payload = mutate("tokenAuth", email=verified.email, password="wrong")

    assert (payload["tokenExpiresAt"], payload["refreshExpiresIn"]) == (None, None)
