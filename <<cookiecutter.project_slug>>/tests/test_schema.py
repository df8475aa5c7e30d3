"""The schema and the documents that clients are written from."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from graphene.utils.str_converters import to_camel_case
from graphql import DocumentNode, OperationDefinitionNode, parse, print_ast, print_schema, validate
from graphql_relay import to_global_id

from config.schema import schema
from graphql_auth import sessions, tokens
from tests.conftest import NEW_PASSWORD, PASSWORD

DOCUMENT = parse(Path(settings.BASE_DIR, "docs/operations.graphql").read_text(encoding="utf-8"))
OPERATIONS = {node.name.value: node for node in DOCUMENT.definitions if isinstance(node, OperationDefinitionNode)}
NEW_PASSWORDS = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


# The purposes of the one-time tokens that operations take.
PURPOSES = {
    "VerifyAccount": tokens.ACTIVATION,
    "DisownAccount": tokens.ACTIVATION,
    "PasswordReset": tokens.PASSWORD_RESET,
    "PasswordSet": tokens.PASSWORD_SET,
    "VerifySecondaryEmail": tokens.SECONDARY_EMAIL,
}
# The addresses, other than those of the account, that operations are about.
NEW_ADDRESSES = {
    "SendSecondaryEmailActivation": "third@example.com",
    "VerifySecondaryEmail": "third@example.com",
}
STATUS = {
    "verified": True,
    "secondary_email": "second@example.com",
}


@pytest.fixture
def caller(make_user: Any) -> Any:
    """Return the user who calls the operations."""
    return make_user("caller", **STATUS)


@pytest.fixture
def arguments(operation: str, make_user: Any, caller: Any, new_account: dict[str, str]) -> dict[str, Any]:
    """Return arguments with which the operation succeeds for `caller`."""
    if operation == "Register":
        return new_account
    if operation in ("VerifyAccount", "DisownAccount", "ResendActivationEmail", "PasswordSet"):
        user = make_user("another", password=None if operation == "PasswordSet" else PASSWORD)
    else:
        user = caller
    new = NEW_ADDRESSES.get(operation)
    session = sessions.start(user)
    one_time = tokens.make(PURPOSES[operation], user, email=new) if operation in PURPOSES else session.token
    return {
        "email": new or user.email,
        "password": PASSWORD,
        "old_password": PASSWORD,
        **NEW_PASSWORDS,
        "token": one_time,
        "refresh_token": session.refresh_token,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "id": to_global_id("UserNode", user.pk),
        "first": 2,
    }


def test_schema_graphql_is_the_schema():
    printed = Path(settings.BASE_DIR, "schema.graphql").read_text(encoding="utf-8")

    assert printed.strip() == print_schema(schema.graphql_schema).strip(), "run `make schema`"


def test_every_type_and_input_is_described():
    kinds = [kind for name, kind in schema.graphql_schema.type_map.items() if not name.startswith("__")]
    # graphene describes no connection that it makes for a type of your own.
    made = {kind.name for kind in kinds if kind.name.endswith("Connection")} - {"UserNodeConnection"}

    assert [kind.name for kind in kinds if not kind.description and kind.name not in made] == []


def test_descriptions_have_no_indentation():
    """A docstring has its indentation before Python 3.13, and none after."""
    kinds = schema.graphql_schema.type_map.values()
    fields = [field for kind in kinds for field in getattr(kind, "fields", {}).values()]

    assert [item.description for item in (*kinds, *fields) if re.search(r"^\s|\n +|\s$", item.description or "")] == []


def test_there_is_a_document_for_each_field_of_the_schema():
    fields = {*schema.graphql_schema.query_type.fields, *schema.graphql_schema.mutation_type.fields}

    assert fields <= {node.selection_set.selections[0].name.value for node in OPERATIONS.values()}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_document_runs(api, operation, arguments, caller):
    node = OPERATIONS[operation]
    if outdated := validate(schema.graphql_schema, DocumentNode(definitions=[node])):
        pytest.skip(f"Change {operation} in docs/operations.graphql: {outdated[0].message}")

    answer = api.query(print_ast(node), login=caller, **variables_of(node, arguments))

    payload = answer[node.selection_set.selections[0].name.value]
    assert payload.get("success", True) is True, payload
    assert payload.get("errors") is None


def variables_of(node: OperationDefinitionNode, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return those of `arguments` that the document takes, one by one or as the fields of one object."""
    given = {to_camel_case(name): value for name, value in arguments.items()}
    variables = {}
    for definition in node.variable_definitions:
        name = definition.variable.name.value
        if name in given:
            variables[name] = given[name]
        elif definition.type.kind == "non_null_type":
            fields = schema.graphql_schema.type_map[definition.type.type.name.value].fields
            variables[name] = {field: given[field] for field in fields if field in given}
    return variables
