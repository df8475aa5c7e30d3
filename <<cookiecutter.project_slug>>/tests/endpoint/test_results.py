"""Invalid results and async results."""

import asyncio
import datetime
import json
import logging

import graphene
import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from graphene.types.generic import GenericScalar
from graphql import GraphQLError

from endpoint.view import GraphQLView


class Status(graphene.Enum):
    """An enum of the schema."""

    OPEN = 1


class Item(graphene.ObjectType):
    """An object of the schema."""

    number = graphene.Int()


class Query(graphene.ObjectType):
    """Fields whose resolvers return given values."""

    number = graphene.Int()
    required = graphene.Int(required=True)
    status = Status()
    items = graphene.List(Item)
    when = graphene.DateTime()
    anything = GenericScalar()
    later = graphene.Int()
    users = graphene.Int()
    refused_later = graphene.Int()
    echo = GenericScalar(number=graphene.Float(), anything=GenericScalar())

    def resolve_echo(self, info, number=None, anything=None):
        return number or anything

    async def resolve_later(self, info):
        await asyncio.sleep(0)
        return 1

    async def resolve_users(self, info):
        return await sync_to_async(get_user_model().objects.count)()

    async def resolve_refused_later(self, info):
        await asyncio.sleep(0)
        raise GraphQLError("Not today.")


schema = graphene.Schema(query=Query)
SECRET = "correct-horse-battery"


def ask(document, **returned):
    """Return the status and the JSON of a document whose fields resolve to `returned`."""
    for name, value in returned.items():
        schema.graphql_schema.query_type.fields[name].resolve = lambda root, info, value=value: value
    request = RequestFactory().post("/", {"query": document}, content_type="application/json")
    response = GraphQLView.as_view(schema=schema)(request)
    return response.status_code, json.loads(response.content)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", 2**31),
        ("number", SECRET),
        ("number", object()),
        ("status", SECRET),
        ("required", None),
        ("when", SECRET),
        ("items", SECRET),
        ("items", 1),
    ],
)
def test_a_result_that_its_type_cannot_serialize_is_a_server_error(db, caplog, field, value):
    document = f"{{ {field} {{ number }} }}" if field == "items" else f"{{ {field} }}"

    status, body = ask(document, **{field: value})

    (error,) = body["errors"]
    assert status == 200
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["requestId"] in caplog.text
    assert SECRET not in str(body)
    assert str(2**31) not in str(body)


@pytest.mark.parametrize("value", [object(), float("nan"), float("inf"), {1: object()}, {1, 2}])
def test_a_result_that_json_cannot_represent_is_a_server_error(db, caplog, value):
    status, body = ask("{ anything }", anything=value)

    (error,) = body["errors"]
    assert status == 500
    assert error["extensions"]["requestId"] in caplog.text


def test_a_date_in_a_generic_scalar_is_shown(db):
    assert ask("{ anything }", anything=datetime.date(2026, 1, 2)) == (200, {"data": {"anything": "2026-01-02"}})


def test_an_async_resolver_is_awaited(db):
    assert ask("{ later number }", number=2) == (200, {"data": {"later": 1, "number": 2}})


@pytest.mark.django_db(transaction=True)
def test_an_async_resolver_reads_the_database():
    assert ask("{ users }") == (200, {"data": {"users": 0}})


def test_the_error_of_an_async_resolver_is_returned(db, caplog):
    status, body = ask("{ refusedLater later }")

    (error,) = body["errors"]
    assert (status, body["data"]) == (200, {"refusedLater": None, "later": 1})
    assert (error["message"], error["extensions"]["code"]) == ("Not today.", "BAD_REQUEST")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_coroutine_where_a_list_is_due_is_logged(db, caplog):
    async def late():
        return [{"number": 1}]

    assert ask("{ items { number } }", items=late()) == (200, {"data": {"items": [{"number": 1}]}})


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400 + ".0"])
@pytest.mark.parametrize(("argument", "kind"), [("number", "Float"), ("anything", "GenericScalar")])
@pytest.mark.parametrize(
    "body",
    [
        '{"query": "{ echo(ARGUMENT: NUMBER) }"}',
        '{"query": "query($n: KIND = NUMBER) { echo(ARGUMENT: $n) }"}',
        '{"query": "query($n: KIND) { echo(ARGUMENT: $n) }", "variables": {"n": NUMBER}}',
    ],
)
def test_a_number_that_is_too_large_is_a_fault_of_the_client(db, caplog, body, argument, kind, number):
    """Python reads it as infinity, which no response can contain."""
    for word, value in {"ARGUMENT": argument, "KIND": kind, "NUMBER": number}.items():
        body = body.replace(word, value)
    request = RequestFactory().post("/", body, content_type="application/json")

    response = GraphQLView.as_view(schema=schema)(request)

    (error,) = json.loads(response.content)["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert number not in error["message"]
    assert caplog.records == []
