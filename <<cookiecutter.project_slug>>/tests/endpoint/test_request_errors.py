"""Errors name the place and the expected type, and never repeat a value from the client."""

import json
import logging
from typing import Any

import pytest
from django.urls import reverse
from graphql import (
    GraphQLInputObjectType,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_scalar_type,
)

from config.schema import schema
from endpoint import documents
from endpoint.request_errors import MAX_MESSAGE_LENGTH
# % if cookiecutter.api == "relay"
from tests.api import mutation
# % endif
from tests.leaks import lines

CANARY = "hunter2canary"
MUTATIONS = schema.graphql_schema.mutation_type.fields
QUERIES = schema.graphql_schema.query_type.fields
# Values that no argument accepts.
LITERALS = [
    f'"{CANARY}"',
    f'"""{CANARY}"""',
    f'["{CANARY}"]',
    f'[["{CANARY}"]]',
    f'{{a: "{CANARY}"}}',
    f'{{email: "{CANARY}", a: {{b: ["{CANARY}"]}}}}',
    CANARY,
    f"[{CANARY}]",
    f"{{a: {CANARY}}}",
]
VALUES = [CANARY, [CANARY], [[CANARY]], {"a": CANARY}, {"email": CANARY, "a": {"b": [CANARY]}}, {"a": [{"b": CANARY}]}]


@pytest.fixture
def says_nothing(api, caplog, monkeypatch):
    """Return a function that posts a body, checks that responses and logs lack the canary, and returns the errors."""
    for name in ["root", *logging.root.manager.loggerDict]:
        if not name.startswith("django.db.backends"):
            caplog.set_level(logging.DEBUG, logger=name)
            monkeypatch.setattr(logging.getLogger(name), "propagate", True)

    def post(body: Any) -> list[dict[str, Any]]:
        text = body if isinstance(body, str) else json.dumps(body)
        response = api.client.post(reverse("graphql"), text, content_type="application/json")
        answer = response.json()
        errors = answer.get("errors", [])
        assert CANARY not in json.dumps(errors), (body, errors)
        assert CANARY not in response.content.decode(), (body, answer)
        assert CANARY not in str(response.headers)
        return errors

    yield post
    assert [line for line in lines(caplog) if CANARY in line] == []


def arguments():
    """Return each argument of each operation: the operation's kind and name, and the argument's name."""
    return [
        (kind, name, argument)
        for kind, fields in (("mutation", MUTATIONS), ("query", QUERIES))
        for name, field in fields.items()
        for argument in field.args
    ]


def selection(kind, name):
    field = {"mutation": MUTATIONS, "query": QUERIES}[kind][name]
    return {"users": "{ edges { cursor } }"}.get(name, "{ __typename }") if get_named_type(field.type) else ""


@pytest.mark.parametrize(("kind", "name", "argument"), arguments())
def test_a_literal_of_another_type_is_not_repeated(says_nothing, kind, name, argument):
    for literal in LITERALS:
        errors = says_nothing({"query": f"{kind} {{ {name}({argument}: {literal}) {selection(kind, name)} }}"})

        assert literal.startswith('"') or errors


@pytest.mark.parametrize(("kind", "name", "argument"), arguments())
def test_a_variable_of_another_type_is_not_repeated(says_nothing, kind, name, argument):
    declared = {"mutation": MUTATIONS, "query": QUERIES}[kind][name].args[argument].type
    document = f"{kind}($v: {declared}) {{ {name}({argument}: $v) {selection(kind, name)} }}"
    for value in [*VALUES, *wrong(declared)]:
        says_nothing({"query": document, "variables": {"v": value}})
    for literal in LITERALS:
        document = f"{kind}($v: {declared} = {literal}) {{ {name}({argument}: $v) {selection(kind, name)} }}"
        says_nothing({"query": document})


def wrong(declared):
    """Yield values that are of a type but for one part, and have the canary in another."""
    kind = declared.of_type if is_non_null_type(declared) else declared
    if is_list_type(kind):
        for value in wrong(kind.of_type):
            yield [value, CANARY]
    elif is_input_object_type(kind):
        whole = {name: CANARY for name, field in kind.fields.items() if is_scalar_type(get_named_type(field.type))}
        yield whole | {"misspelt": CANARY}
        for name, field in kind.fields.items():
            yield whole | {name: [CANARY]}
            yield whole | {name: {"a": CANARY}}
            if is_non_null_type(field.type):
                yield {key: value for key, value in whole.items() if key != name}
                yield whole | {name: None}
    elif is_enum_type(kind):
        yield CANARY


@pytest.mark.parametrize(
    "document",
    [
        'mutation { tokenAuth(password "CANARY") { success } }',
        'mutation { tokenAuth(password: "CANARY" { success } }',
        'mutation { tokenAuth(password: "CANARY) { success } }',
        'mutation { tokenAuth(password: """CANARY) { success } }',
        'mutation { tokenAuth(password: "\\CANARY") { success } }',
        'mutation { tokenAuth(password: "\\u{CANARY}") { success } }',
        'mutation { tokenAuth(password: "\\uCANARY") { success } }',
        "mutation { tokenAuth(password: 'CANARY') { success } }",
        "mutation { tokenAuth(password: correct CANARY) { success } }",
        "mutation { tokenAuth(password: CANARY {",
        "mutation { tokenAuth(password: 1CANARY) { success } }",
        "mutation { tokenAuth(password: $a.CANARY) { success } }",
        '"CANARY"',
        'query "CANARY" { me { id } }',
        '{ me { "CANARY" } }',
        '{ me @include(if: "CANARY") { id } }',
        "{ me @include(if: CANARY) { id } }",
        '{ me @include(unless: "CANARY") { id } }',
        '{ me @no(if: "CANARY") { id } }',
        '{ me(no: "CANARY") { id } }',
        '{ me { id: pk(no: "CANARY") id } }',
        '{ users(email: "CANARY") { edges { cursor } } users(email: "CANARY2") { edges { cursor } } }',
        'query($a: [String] = "CANARY", $a: Int = "CANARY") { me { id } }',
        'query($a: No = "CANARY") { me { id } }',
        'query($a: Int = "CANARY" @no(b: "CANARY")) { me { id } }',
        "# CANARY\n{ no }",
        '"""CANARY""" { no }',
        '"""CANARY""" query { no }',
        'type A { b(c: String = "CANARY"): Int }',
        '"""CANARY""" type A { b: Int }',
        'scalar A @specifiedBy(url: "CANARY")',
    ],
)
def test_a_document_with_a_mistake_is_not_repeated(says_nothing, document):
    errors = says_nothing({"query": document.replace("CANARY", CANARY)})

    assert errors
    assert all(error["message"] and error["extensions"]["code"] == "BAD_REQUEST" for error in errors)


@pytest.mark.parametrize(
    "document",
    [
        '{ me(no: "CANARY") { no } }',
        '{ user(id: ["CANARY"]) { id } }',
        'mutation { tokenAuth(password "CANARY") { success } }',
        'mutation { tokenAuth(password: "CANARY) { success } }',
    ],
)
def test_an_error_that_is_printed_shows_no_line_of_the_document(document):
    """Error reports print errors; graphql-core adds the lines that they are about."""
    with pytest.raises(documents.Refused) as refused:
        documents.read(schema.graphql_schema, document.replace("CANARY", CANARY))

    assert refused.value.errors
    assert [text for error in refused.value.errors for text in (str(error), repr(error)) if CANARY in text] == []


@pytest.mark.parametrize(
    "body",
    [
        '"CANARY"',
        '{"query": "CANARY',
        '{"query": "\\CANARY"}',
        '{"query": CANARY}',
        '{"query": ["CANARY"]}',
        '{"query": "{me{id}}", "variables": "CANARY"}',
        '{"query": "{me{id}}", "variables": {"CANARY": "CANARY\\u0000"}}',
        '{"query": "{me{id}}", "operationName": ["CANARY"]}',
        '{"query": "query A {me{id}} query B {me{id}}", "operationName": "CANARY"}',
        '{"query": "{users(first: 1, after: \\"CANARY\\") {edges {cursor}}}"}',
        '{"query": "{user(id: \\"CANARY\\") {id}}"}',
        '{"query": "{users(first: 1, after: \\"CANARY\\\\u0000\\") {edges {cursor}}}"}',
    ],
)
def test_a_body_with_a_mistake_is_not_repeated(says_nothing, body):
    assert says_nothing(body.replace("CANARY", CANARY))


def test_an_argument_that_turns_null_is_not_repeated(says_nothing):
    """The variable may be null until its default fills it in, and is null all the same."""
    # % if cookiecutter.api == "relay"
    document = f'mutation($p: String = "x") {{ tokenAuth(input: {{email: "{CANARY}", password: $p}}) {{ success }} }}'
    # % else
    document = f'mutation($p: String = "x") {{ tokenAuth(email: "{CANARY}", password: $p) {{ success }} }}'
    # % endif

    (error,) = says_nothing({"query": document, "variables": {"p": None}})

    assert error["path"] == ["tokenAuth"]
    assert error["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("document", "variables", "message"),
    [
        ("{ users(first: CANARY) { edges { cursor } } }", {}, "first: expected a value of type Int."),
        ('{ users(first: ["a"]) { edges { cursor } } }', {}, "first: expected a value of type Int."),
        ("{ user(id: null) { id } }", {}, "id: expected a value of type ID!."),
        ('query($a: Int = "a") { users(first: $a) { edges { cursor } } }', {}, "$a: expected a value of type Int."),
        ("{ me @include(if: 1) { id } }", {}, "if: expected a value of type Boolean!."),
        ("query($a: Int) { users(first: $a) { edges { cursor } } }", {"a": "1"}, "$a: expected a value of type Int."),
        ("query($a: Int) { users(first: $a) { edges { cursor } } }", {"a": [1]}, "$a: expected a value of type Int."),
        ("{ me { id", {}, "Syntax Error: Expected Name, found <EOF>."),
        ("{ me { id 12 } }", {}, "Syntax Error: Expected Name, found Int."),
        ("{ me { id ? } }", {}, "Syntax Error: this character, number or string cannot be read."),
        # % if cookiecutter.api == "relay"
        (
            "mutation { verifyToken(input: {token: 1}) { success } }",
            {},
            "input.token: expected a value of type String!.",
        ),
        (
            "mutation($i: VerifyTokenInput!) { verifyToken(input: $i) { success } }",
            {"i": {"token": ["x"]}},
            "$i.token: expected a value of type String!.",
        ),
        (
            "mutation($i: VerifyTokenInput!) { verifyToken(input: $i) { success } }",
            {"i": {}},
            "$i.token: expected a value of type String!.",
        ),
        (
            "mutation($i: VerifyTokenInput!) { verifyToken(input: $i) { success } }",
            {"i": {"token": "x", "tokne": "x"}},
            "$i.tokne: there is no such field in VerifyTokenInput.",
        ),
        (
            "mutation($i: VerifyTokenInput!) { verifyToken(input: $i) { success } }",
            {"i": "x"},
            "$i: expected a value of type VerifyTokenInput!.",
        ),
        # % endif
    ],
)
def test_an_error_names_the_place_and_the_type(api, configure_endpoint, document, variables, message):
    configure_endpoint(INTROSPECTION=False)

    (error,) = api.post(document, variables).json()["errors"]

    assert error["message"] == message
    assert error["locations"]


# % if cookiecutter.api == "relay"
@pytest.mark.parametrize("introspection", [True, False])
def test_names_are_suggested_for_a_misspelt_field_only_with_introspection(api, configure_endpoint, introspection):
    configure_endpoint(INTROSPECTION=introspection)
    document, variables = mutation("verifyToken", {"token": "x"})
    variables["input"]["tokne"] = "x"

    (error,) = api.post(document, variables).json()["errors"]

    assert error["message"].startswith("$input.tokne: there is no such field in VerifyTokenInput.")
    assert error["message"].endswith("Did you mean 'token'?") is introspection


def test_a_key_that_is_not_a_name_is_not_repeated(says_nothing):
    document, _ = mutation("verifyToken", {"token": "x"})

    (error,) = says_nothing({"query": document, "variables": {"input": {"token": "x", f"{CANARY} or so": 1}}})

    assert error["message"] == "$input: there is no such field in VerifyTokenInput."


# % endif
@pytest.mark.parametrize("name", ["n" * 60_000, "é" * 600])
def test_a_long_name_is_cut(api, name):
    errors = api.post(f"{{ {name} }}").json()["errors"]

    assert all(len(error["message"]) <= MAX_MESSAGE_LENGTH for error in errors)


def test_every_input_object_is_tried():
    """So that the tests above see each field of each one."""
    objects = [kind for kind in schema.graphql_schema.type_map.values() if isinstance(kind, GraphQLInputObjectType)]

    tried = {
        get_named_type(MUTATIONS[name].args[argument].type) for kind, name, argument in arguments() if name in MUTATIONS
    }
    assert [kind.name for kind in objects if kind not in tried] == []
