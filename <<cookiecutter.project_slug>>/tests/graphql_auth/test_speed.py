"""Requests are fast: documents are cached, and there are few SQL statements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.schema import schema
from endpoint import documents
from graphql_auth import sessions
from tests.api import mutation
from tests.conftest import PASSWORD

SECONDARY = "two_secondary@example.com"
ME = "{ me { email verified } }"
# What wraps statements, or waits, and reads or writes nothing.
WRAPPERS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SELECT pg_advisory")


def read(text):
    return documents.read(schema.graphql_schema, text)


# Documents


def test_a_document_is_read_once():
    assert read(ME) is read(ME)
    assert read(ME) is not read(f"{ME} ")


def test_a_document_is_asked_with_other_variables_the_second_time(api, verified, unverified):
    tokens = [sessions.start(user).token for user in (verified, unverified)]

    answers = [api.mutate("verifyToken", token=token) for token in [*tokens, "x"]]

    assert [answer["payload"] and answer["payload"]["sub"] for answer in answers] == [
        str(verified.pk),
        str(unverified.pk),
        None,
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{ users(email: "v@example.com") { edges { node { email } } } }',
        '{ users(email: """v@example.com""") { edges { node { email } } } }',
        'query Of($email: String = "v@example.com") { users(email: $email) { edges { node { email } } } }',
    ],
    ids=["argument", "block", "default"],
)
def test_a_string_in_a_document_does_not_stay_in_memory(text):
    """It may be a password."""
    assert read(text) is not read(text)


def test_a_long_document_is_not_cached():
    text = ME + " " * documents.MAX_CACHED_LENGTH

    assert read(text) is not read(text)


def test_the_cache_is_limited():
    first = read(ME)

    for number in range(documents.CACHED_DOCUMENTS):
        read(f"query Number{number} {ME}")

    assert read(ME) is not first


def test_a_document_in_use_outlasts_a_flood_of_others():
    first = read(ME)

    for number in range(documents.CACHED_DOCUMENTS * 2):
        read(f"query Number{number} {ME}")
        assert read(ME) is first


def test_a_refused_document_is_refused_again():
    for _ in range(2):
        with pytest.raises(documents.Refused, match="Cannot query field 'no'"):
            read("{ me { no } }")


@pytest.mark.parametrize("limit", ["MAX_TOKENS", "MAX_DEPTH", "MAX_FIELDS", "MAX_ROOT_FIELDS"])
def test_a_limit_holds_for_a_cached_document(api, configure_endpoint, limit):
    assert api.post(ME).status_code == 200

    configure_endpoint(**{limit: 0})

    response = api.post(ME)
    assert response.status_code == 200
    assert response.json()["errors"][0]["extensions"]["code"] == "QUERY_TOO_COMPLEX"


def test_a_cached_document_does_not_bypass_introspection_limits(api, configure_endpoint):
    question = "{ __schema { queryType { name } } }"
    configure_endpoint(INTROSPECTION=True)
    assert "errors" not in api.post(question).json()

    configure_endpoint(INTROSPECTION=False)

    assert "data" not in api.post(question).json()


# Statements


@pytest.fixture(params=[True, False], ids=["composed", "orm"])
def statements(request, api, configure):
    """Return `statements(document, variables, login=token)`: the first word of each statement a request takes."""
    configure(COMPOSE_LOOKUPS_ONCE=request.param)

    def statements(document, variables=None, login=None):
        with CaptureQueriesContext(connection) as captured:
            response = api.post(document, variables, login)
        assert "errors" not in response.json()
        return [query["sql"].split()[0] for query in captured if not query["sql"].startswith(WRAPPERS)]

    return statements


def test_me_takes_one_statement(statements, verified):
    assert statements(ME, login=sessions.start(verified).token) == ["SELECT"]
    assert statements(ME) == []


def test_verifying_a_token_takes_one_statement(statements, verified):
    assert statements(*mutation("verifyToken", {"token": sessions.start(verified).token})) == ["SELECT"]


@pytest.mark.parametrize("address", ["two@example.com", SECONDARY])
def test_logging_in_takes_two_looks_and_two_writes(statements, with_secondary, address):
    login = mutation("tokenAuth", {"email": address, "password": PASSWORD})

    assert statements(*login) == ["SELECT", "UPDATE", "SELECT", "INSERT"]


@pytest.mark.parametrize("address", ["two@example.com", SECONDARY, "unknown@example.com"])
def test_a_refused_login_takes_one_look(statements, with_secondary, address):
    assert statements(*mutation("tokenAuth", {"email": address, "password": "wrong"})) == ["SELECT"]


def test_refreshing_takes_one_look_and_two_writes(statements, verified):
    refresh = mutation("refreshToken", {"refreshToken": sessions.start(verified).refresh_token})

    assert statements(*refresh) == ["SELECT", "INSERT", "UPDATE"]


def test_refreshing_again_takes_one_look_and_no_write(statements, verified):
    """A06."""
    refresh = mutation("refreshToken", {"refreshToken": sessions.start(verified).refresh_token})
    statements(*refresh)

    assert statements(*refresh) == ["SELECT"]


def test_revoking_takes_one_look_and_one_write(statements, verified):
    revoke = mutation("revokeToken", {"refreshToken": sessions.start(verified).refresh_token})

    assert statements(*revoke) == ["SELECT", "UPDATE"]
    assert statements(*revoke) == ["SELECT"]


@pytest.mark.parametrize("name", ["refreshToken", "revokeToken"])
def test_an_unknown_refresh_token_takes_two_looks(statements, verified, name):
    assert statements(*mutation(name, {"refreshToken": "unknown"})) == ["SELECT"] * 2


def test_a_login_that_renews_the_hash_takes_two_writes_more(statements, verified, settings):
    """B02: the hash itself, and the fingerprint of the sessions that go on."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    login = mutation("tokenAuth", {"email": verified.email, "password": PASSWORD})

    assert statements(*login) == ["SELECT", "UPDATE", "UPDATE", "UPDATE", "SELECT", "INSERT"]
    assert statements(*login) == ["SELECT", "UPDATE", "SELECT", "INSERT"]


def test_closing_an_account_takes_three_looks_and_four_writes(statements, verified):
    delete = mutation("deleteAccount", {"password": PASSWORD})

    assert statements(*delete, login=sessions.start(verified).token) == ["SELECT"] * 3 + ["UPDATE"] * 4


def test_registering_takes_a_look_for_each_name_and_three_writes(statements, new_account, configure):
    configure(SEND_ACTIVATION_EMAIL=False)

    # % if cookiecutter.login_field == "username"
    looks = ["SELECT"] * 2
    # % else
    looks = ["SELECT"]
    # % endif
    assert statements(*mutation("register", new_account)) == [*looks, "INSERT", "INSERT", "INSERT"]
