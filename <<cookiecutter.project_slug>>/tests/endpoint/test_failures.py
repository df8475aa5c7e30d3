"""Errors in resolvers and in the database."""

import json

import graphene
import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, OperationalError, connection
from graphene_django.settings import graphene_settings
from graphql import GraphQLError
from graphql_jwt.exceptions import PermissionDenied as JWTPermissionDenied

from config.schema import schema
from endpoint.view import GraphQLView
from graphql_auth import sessions
from tests.endpoint.helpers import ME, codes


def test_a_view_may_have_a_schema_of_its_own(rf):
    class Query(graphene.ObjectType):
        word = graphene.String(default_value="hello")

    view = GraphQLView.as_view(schema=graphene.Schema(query=Query))
    response = view(rf.post("/", {"query": "{ word }"}, content_type="application/json"))

    assert json.loads(response.content) == {"data": {"word": "hello"}}


def test_the_middleware_of_the_settings_runs_around_each_field(api, db, monkeypatch):
    fields = []

    class Watch:
        def resolve(self, resolver, root, info, **arguments):
            fields.append(info.field_name)
            return resolver(root, info, **arguments)

    monkeypatch.setattr(graphene_settings, "MIDDLEWARE", [Watch])

    assert api.query(ME) == {"me": None}
    assert fields == ["me"]


@pytest.fixture
def fail_with(monkeypatch):
    """Return a function that makes `me` raise an exception."""

    def fail_with(exception):
        def resolve(root, info):
            raise exception

        monkeypatch.setattr(schema.graphql_schema.query_type.fields["me"], "resolve", resolve)

    return fail_with


@pytest.mark.parametrize(
    "exception",
    [
        ValueError("the secret"),
        KeyError("the secret"),
        IntegrityError("INSERT INTO the secret"),
        ObjectDoesNotExist("the secret"),
        RecursionError("the secret"),
    ],
)
def test_an_exception_is_logged_and_not_shown(api, fail_with, caplog, exception):
    """D28, G05: the client gets an id that is also logged."""
    fail_with(exception)

    response = api.post("{ me { email } __typename }")

    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] == {"me": None, "__typename": "Query"}
    assert codes(response) == ["INTERNAL_SERVER_ERROR"]
    assert "secret" not in response.content.decode()
    assert type(exception).__name__ not in response.content.decode()
    assert answer["errors"][0]["path"] == ["me"]
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert answer["errors"][0]["extensions"]["requestId"] in record.getMessage()
    assert "the secret" in caplog.text


def test_a_database_failure_is_logged_and_not_shown(api, verified, caplog):
    token = sessions.start(verified).token

    def fail(*_):
        raise OperationalError("the secret")

    with connection.execute_wrapper(fail):
        response = api.post(ME, login=token)

    (error,) = response.json()["errors"]
    assert (response.status_code, codes(response)) == (500, ["INTERNAL_SERVER_ERROR"])
    assert "secret" not in response.content.decode()
    assert error["extensions"]["requestId"] in caplog.records[0].getMessage()
    assert "the secret" in caplog.text


def test_each_failure_has_its_own_request_id(api, fail_with, caplog):
    fail_with(ValueError())

    errors = api.post("{ a: me { id } b: me { id } }").json()["errors"]

    assert len({error["extensions"]["requestId"] for error in errors}) == 2


@pytest.mark.parametrize(
    ("exception", "message", "extensions"),
    [
        (GraphQLError("Too few."), "Too few.", {"code": "BAD_REQUEST"}),
        (
            GraphQLError("Sold out.", extensions={"code": "SOLD_OUT", "left": 0}),
            "Sold out.",
            {"code": "SOLD_OUT", "left": 0},
        ),
    ],
)
def test_an_error_meant_for_the_client_keeps_its_code(api, fail_with, caplog, exception, message, extensions):
    fail_with(exception)

    response = api.post(ME)

    (error,) = response.json()["errors"]
    assert response.status_code == 200
    assert (error["message"], error["extensions"]) == (message, extensions)
    assert caplog.records == []


@pytest.mark.parametrize("exception", [PermissionDenied("the secret"), JWTPermissionDenied()], ids=["Django", "JWT"])
def test_a_field_that_is_denied_asks_to_log_in_only_who_has_not(api, fail_with, verified, caplog, exception):
    """The decorators of django-graphql-jwt, login_required among them, raise the same error for either."""
    fail_with(exception)

    (anonymous,) = api.post(ME).json()["errors"]
    (denied,) = api.post(ME, login=verified).json()["errors"]

    assert anonymous["extensions"] == {"code": "UNAUTHENTICATED"}
    assert denied["extensions"] == {"code": "FORBIDDEN"}
    assert "the secret" not in denied["message"]
    assert caplog.records == []
