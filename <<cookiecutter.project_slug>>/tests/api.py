"""A client of the GraphQL endpoint."""

import json
from typing import Any

import graphene
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from graphene.utils.str_converters import to_camel_case
from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from config.schema import schema
from graphql_auth import sessions

MUTATIONS = schema.graphql_schema.mutation_type.fields


class Api:
    """A client of the endpoint. `login` is a user or an access token; None for an anonymous client."""

    def __init__(self) -> None:
        self.client = Client()

    def post(
        self, document: str, variables: dict[str, Any] | None = None, login: Any = None, **extra: Any
    ) -> HttpResponse:
        """Post a document and return the response."""
        if login is not None:
            token = login if isinstance(login, str) else sessions.start(login).token
            extra["HTTP_AUTHORIZATION"] = f"JWT {token}"
        body = json.dumps({"query": document, "variables": variables or {}})
        return self.client.post(reverse("graphql"), body, content_type="application/json", **extra)

    def query(self, document: str, /, login: Any = None, **variables: Any) -> dict[str, Any]:
        """Return the data of a document that must not fail. Skips the test if the project has not all that it names."""
        answer = self.post(document, variables, login).json()
        if "errors" in answer and (misfit := misfit_of(schema, document, variables)):
            pytest.skip(f"In this project: {misfit}")
        assert "errors" not in answer, answer
        return answer["data"]

    def mutate(self, name: str, /, login: Any = None, **arguments: Any) -> dict[str, Any]:
        """Return the payload of the mutation `name` with all outputs; arguments are in snake_case."""
        values = {to_camel_case(argument): value for argument, value in arguments.items()}
        document, variables = mutation(name, values)
        # % if cookiecutter.api == "relay"
        answer = without_waits(self.query(document, login, **variables)[name])
        if "clientMutationId" not in values:
            assert answer.pop("clientMutationId") is None
        return answer
        # % else
        return without_waits(self.query(document, login, **variables)[name])
        # % endif


def misfit_of(schema: graphene.Schema, document: str, variables: dict[str, Any]) -> str | None:
    """Return what a document, or a value of its variables, names that the schema does not have."""
    parsed = parse(document)
    errors = validate(schema.graphql_schema, parsed)
    for operation in parsed.definitions:
        if not errors and isinstance(operation, OperationDefinitionNode):
            values = get_variable_values(schema.graphql_schema, operation.variable_definitions, variables)
            errors = values if isinstance(values, list) else []
    return errors[0].message if errors else None


def without_waits(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a payload without `retryAfter`, which test_retry_after.py checks."""
    errors = payload.get("errors")
    # A project may give the errors a type of its own.
    for details in errors.values() if isinstance(errors, dict) else ():
        for detail in details:
            detail.pop("retryAfter", None)
    return payload


def verdict(payload: dict[str, Any]) -> dict[str, Any]:
    """Return only `success` and `errors` of a payload."""
    return {"success": payload["success"], "errors": payload["errors"]}


def null_outputs(name: str) -> dict[str, None]:
    """Return the outputs of the rejected mutation `name`, without `success` and `errors`."""
    outputs = get_named_type(MUTATIONS[name].type).fields
    # % if cookiecutter.api == "relay"
    return dict.fromkeys(outputs.keys() - {"success", "errors", "clientMutationId"})
    # % else
    return dict.fromkeys(outputs.keys() - {"success", "errors"})
    # % endif


def mutation(name: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a document for the mutation `name` with its variables.

    Skips the test if the project has removed the mutation or the field of an argument.
    """
    field = MUTATIONS.get(name) or pytest.skip(f"In this project, there is no mutation {name}.")
    in_one = "input" in field.args and isinstance(get_named_type(field.args["input"].type), GraphQLInputObjectType)
    taken = get_named_type(field.args["input"].type).fields if in_one else field.args
    if lacking := values.keys() - taken:
        pytest.skip(f"In this project, {name} takes no {', '.join(sorted(lacking))}.")
    if in_one:
        values = {"input": values}
    known = {argument: field.args[argument].type for argument in values}
    declared = ", ".join(f"${argument}: {kind}" for argument, kind in known.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in known)
    head = f"mutation Test({declared}) {{ {name}({passed})" if known else f"mutation Test {{ {name}"
    return f"{head} {{ {_outputs(field.type)} }} }}", values


def _outputs(kind: Any) -> str:
    outputs = []
    for name, field in get_named_type(kind).fields.items():
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            outputs.append(name)
        elif isinstance(inner, GraphQLObjectType):
            outputs.append(f"{name} {{ {_columns(inner)} }}")
    return " ".join(outputs)


def _columns(kind: GraphQLObjectType) -> str:
    """Return the fields by which a test knows an object: those of a user that tell who it is, or else all values."""
    if {"id", "email"} <= kind.fields.keys():
        return "id email"
    return " ".join(name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type)))
