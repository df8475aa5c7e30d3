"""Logging in."""

import unicodedata

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graphql_auth import sessions
from graphql_auth.conf import auth_settings
from graphql_auth.errors import Refusal
from graphql_auth.models import Session, UserStatus
from tests.api import mutation
from tests.conftest import PASSWORD, refused
from tests.graphql_auth.login.helpers import ADDRESSES, INVALID_CREDENTIALS, REFUSED_LOGIN, email_of_me

INVALID_ARGUMENTS = REFUSED_LOGIN | {"errors": refused("invalid_arguments")}


def test_logging_in_answers_with_tokens_and_the_user(mutate, query, verified):
    """J07: a warning is an error in these tests, and there is none."""
    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert (answer["success"], answer["errors"], answer["unarchiving"]) == (True, None, False)
    assert answer["user"]["email"] == verified.email
    assert email_of_me(query, answer["token"]) == verified.email
    assert mutate("refreshToken", refresh_token=answer["refreshToken"])["success"] is True


@pytest.mark.parametrize(
    "address",
    [
        "two@example.com",
        " TWO@Example.COM ",
        "ｔwo@example.com",
        "two_secondary@example.com",
        "TWO_Secondary@example.com\n",
    ],
)
def test_every_address_of_an_account_logs_in_however_it_is_spelled(mutate, with_secondary, address):
    answer = mutate("tokenAuth", email=address, password=PASSWORD)

    assert answer["user"]["email"] == with_secondary.email


def test_the_secondary_address_logs_in_only_where_the_settings_say_so(mutate, with_secondary, configure):
    configure(ALLOW_LOGIN_WITH_SECONDARY_EMAIL=False)

    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD) == INVALID_CREDENTIALS
    assert mutate("tokenAuth", email="two@example.com", password=PASSWORD)["success"] is True


# % if cookiecutter.login_field == "username"
@pytest.mark.parametrize("username", ["verified", " verified ", "ｖerified", "Verified", "VERIFIED", "ＶERIFIED"])
def test_a_username_logs_in(mutate, verified, username):
    answer = mutate("tokenAuth", username=username, password=PASSWORD)

    assert answer["user"]["email"] == verified.email


@pytest.mark.parametrize("username", ["verified1", "verified@example.com", "nobody", "\x0cverified", "vеrified"])
def test_another_username_does_not_log_in(mutate, verified, hashes, username):
    assert mutate("tokenAuth", username=username, password=PASSWORD) == INVALID_CREDENTIALS
    assert hashes() == 1


def test_a_username_cannot_be_an_address(mutate, verified, hashes):
    assert mutate("tokenAuth", email="verified", password=PASSWORD) == INVALID_CREDENTIALS
    assert hashes() == 1


# % endif
@pytest.mark.parametrize(
    "identifiers",
    [
        {},
        {"email": None},
        {"email": ""},
        {"email": " \n"},
        # % if cookiecutter.login_field == "username"
        {"username": ""},
        {"email": None, "username": None},
        {"email": "", "username": " "},
        {"email": "verified@example.com", "username": "verified"},
        # % endif
    ],
)
def test_a_login_needs_exactly_one_identifier(mutate, verified, hashes, failures, identifiers):
    assert mutate("tokenAuth", password=PASSWORD, **identifiers) == INVALID_ARGUMENTS
    assert (hashes(), failures) == (0, [])


# % if cookiecutter.login_field == "username"
@pytest.mark.parametrize(
    "identifiers",
    [{"email": "verified@example.com", "username": ""}, {"email": None, "username": "verified"}],
)
def test_an_empty_identifier_does_not_count(mutate, verified, identifiers):
    assert mutate("tokenAuth", password=PASSWORD, **identifiers)["success"] is True


# % endif
# % if cookiecutter.api == "relay"
def test_a_client_mutation_id_is_not_an_identifier(mutate, verified):
    """D29: clients that send one can log in."""
    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD, client_mutation_id="7")

    assert (answer["success"], answer["clientMutationId"]) == (True, "7")


# % endif
@pytest.mark.parametrize("field", auth_settings.LOGIN_ALLOWED_FIELDS)
def test_a_long_identifier_takes_no_longer_than_another(mutate, hashes, monkeypatch, field):
    """Sorting accents, which NFKC does, took seconds before a try was counted."""
    normalized = []
    normalize = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", lambda form, text: normalized.append(text) or normalize(form, text))

    answer = mutate("tokenAuth", password="wrong", **{field: "a" + "\u0301\u0316" * 5_000})

    assert (answer, hashes()) == (INVALID_CREDENTIALS, 1)
    assert max(map(len, normalized), default=0) <= 320


@pytest.mark.parametrize("state", ADDRESSES)
def test_a_wrong_password_is_refused_alike_for_everybody(mutate, everybody, hashes, failures, state):
    """D19, J06: one hash and one failed-login signal, for an unknown account too; and the tokens may be null."""
    hashes()

    assert mutate("tokenAuth", email=ADDRESSES[state], password="wrong") == INVALID_CREDENTIALS
    assert hashes() == 1
    assert len(failures) == 1
    assert "wrong" not in str(failures)


@pytest.mark.parametrize("state", ["inactive", "without_password", "unknown"])
def test_who_may_not_log_in_is_refused_like_a_wrong_password(mutate, everybody, hashes, failures, state):
    hashes()

    assert mutate("tokenAuth", email=ADDRESSES[state], password=PASSWORD) == INVALID_CREDENTIALS
    assert (hashes(), len(failures)) == (1, 1)


@pytest.mark.parametrize("prevent_enumeration", [True, False])
@pytest.mark.parametrize("allow_not_verified", [True, False])
def test_a_rejected_login_does_not_reveal_whether_there_is_an_account(
    api, everybody, configure, hashes, prevent_enumeration, allow_not_verified
):
    """D19, D21: neither by body, status, headers, queries nor hashes."""
    configure(PREVENT_ENUMERATION=prevent_enumeration, ALLOW_LOGIN_NOT_VERIFIED=allow_not_verified)
    hashes()
    answers, queries, hashed = [], [], []

    for address in ADDRESSES.values():
        with CaptureQueriesContext(connection) as captured:
            response = api.post(*mutation("tokenAuth", {"email": address, "password": "wrong"}))
        answers.append((response.status_code, response.content, dict(response.headers)))
        queries.append(len(captured))
        hashed.append(hashes())

    assert answers == [answers[0]] * len(ADDRESSES)
    assert max(queries) - min(queries) <= 1
    assert set(hashed) == {1}


@pytest.mark.parametrize("state", ["unverified", "verified", "with_secondary", "archived"])
def test_a_login_computes_one_hash(mutate, everybody, hashes, state):
    hashes()

    assert mutate("tokenAuth", email=ADDRESSES[state], password=PASSWORD)["success"] is True
    assert hashes() == 1


def test_an_unverified_account_logs_in_only_where_the_settings_say_so(mutate, unverified, configure, hashes):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    hashes()

    right = mutate("tokenAuth", email=unverified.email, password=PASSWORD)
    wrong = mutate("tokenAuth", email=unverified.email, password="wrong")

    assert right == REFUSED_LOGIN | {"errors": refused(Refusal.NOT_VERIFIED)}
    assert wrong == INVALID_CREDENTIALS
    assert hashes() == 2
    assert not Session.objects.exists()


def test_a_login_that_renews_the_hash_leaves_other_sessions(mutate, query, verified, settings):
    """A new hash is not a new password."""
    other = sessions.start(verified)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert get_user_model().objects.get().password.startswith("pbkdf2")
    assert email_of_me(query, other.token) == email_of_me(query, answer["token"]) == verified.email


def test_logging_in_takes_an_account_out_of_the_archive(mutate, archived):
    first = mutate("tokenAuth", email=archived.email, password=PASSWORD)
    second = mutate("tokenAuth", email=archived.email, password=PASSWORD)

    assert (first["success"], first["unarchiving"]) == (True, True)
    assert (second["success"], second["unarchiving"]) == (True, False)
    assert UserStatus.objects.get().archived is False


def test_a_wrong_password_leaves_an_account_in_the_archive(mutate, archived):
    """D01: a failed login changes nothing."""
    assert mutate("tokenAuth", email=archived.email, password="wrong") == INVALID_CREDENTIALS
    assert UserStatus.objects.get().archived is True


def test_an_account_that_may_not_log_in_stays_in_the_archive(mutate, make_user, configure):
    """D01: nor does the right password of an account that is not verified."""
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    user = make_user("both", archived=True)

    assert mutate("tokenAuth", email=user.email, password=PASSWORD)["success"] is False
    assert UserStatus.objects.get().archived is True
