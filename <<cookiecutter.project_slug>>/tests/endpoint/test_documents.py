"""Reading a request takes steps and memory proportional to its length, whatever it contains.

A step is a function call, in Python or C. Unlike times, the number of steps is the same on every machine.
"""

import base64
import cProfile
import gc
import json
import os
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from graphql import Source, get_location, parse
from hypothesis import HealthCheck, Phase, given, seed, settings

from config.schema import schema
from endpoint import complexity, documents
from tests.api import mutation
from tests.endpoint import documents as made_up

# The maximum number of steps for a document. A document at all limits takes less than half of it.
STEPS, STEPS_PER_TOKEN, STEPS_PER_BYTE = 50_000, 400, 5
# Rejecting a request without reading its document takes fewer.
STEPS_PER_BYTE_OF_A_BODY = 20
MOST_MEMORY = 20 * 2**20  # bytes
SHARDS = 8
# The number of generated documents. Each is read twice under a profiler: 2,000 take two minutes.
DOCUMENTS = int(os.environ.get("DOCUMENTS", "80"))
LINES = "\n" * 29_000


def read(text: str) -> list[str]:
    """Read a document, and return the messages of its errors."""
    try:
        documents._read(schema.graphql_schema, text)
    except documents.Refused as refused:
        return [error.message for error in refused.errors]
    return []


def steps(function: Callable[[], object]) -> int:
    """Return the number of function calls that a function makes."""
    profile = cProfile.Profile(subcalls=False)
    profile.enable()
    try:
        function()
    finally:
        profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


def allowed(text: str) -> int:
    """Return the maximum number of steps for a document."""
    return STEPS + STEPS_PER_TOKEN * made_up.tokens(text) + STEPS_PER_BYTE * len(text.encode())


@pytest.fixture(scope="module", autouse=True)
def little_to_collect() -> Iterator[None]:
    """Exempt existing objects from garbage collection, which would take most of the time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("shard", range(SHARDS))
def test_reading_a_document_takes_steps_and_memory_in_proportion(shard):
    read("{ me { no } }")
    hungriest = (0, "")

    @seed(shard)
    @settings(
        max_examples=DOCUMENTS // SHARDS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made_up.documents())
    def check(text):
        nonlocal hungriest
        assert steps(lambda: read(text)) <= allowed(text)
        peak = traced(lambda: read(text))[1]
        assert peak <= MOST_MEMORY
        hungriest = max(hungriest, (peak, text))

    check()
    held, _ = traced(lambda: (read(hungriest[1]), gc.collect()))
    assert held < 2**20


def traced(function: Callable[[], object]) -> tuple[int, int]:
    """Return the memory in bytes that a function leaves allocated, and its peak."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


def chain(body: str, length: int, kind: str = "UserNode", first: str = "id") -> str:
    """Return fragments, each of which spreads the one before where its body says `...P`."""
    bodies = [first, *(body.replace("...P", f"...F{number}") for number in range(length))]
    return " ".join(f"fragment F{number} on {kind} {{ {inner} }}" for number, inner in enumerate(bodies))


def many(piece: str, amount: int) -> str:
    return " ".join(piece.replace("#", str(number)) for number in range(amount))


ATTACKS = {
    "two names for each fragment": "{...F20} " + chain("a{...P} b{...P}", 20, "Q", "c"),
    "the operation last": chain("a{...P} b{...P}", 60, "Q", "c") + " {...F60}",
    "two aliases for each fragment": chain("a:me{...P} b:me{...P}", 40, "Query", "__typename") + " {...F40}",
    "the same twice": chain("...P ...P", 80) + " {me{...F80}}",
    "fragments that nothing spreads": chain("a{...P} b{...P}", 60, "Q", "c") + " {me{id}}",
    "a long chain, spread often": chain("...P", 60) + " {me{" + "...F60 " * 200 + "}}",
    "unknown fragments": "{" + many("...u#", 497) + "}",
    "unknown fragments in fragments": "{" + many("...F#", 60) + "}" + chain("...P" + many(" ...u#", 5), 50, "Query"),
    "operations": many("query a#{me{id}}", 124),
    "operations that share a fragment": many("query a#($v:Int){...F}", 38)
    + "fragment F on Query{users(first:["
    + "$v " * 240
    + "]){edges{cursor}}}",
    "one field": "{me{" + "id " * 490 + "}}",
    "one field with a selection": "{me{id}" + "users{edges{cursor}}" * 120 + "}",
    "fields of the schema": '{__type(name:"UserNode"){' + "fields{name}" * 120 + "}}",
    "one field with arguments": "{me{id}" + "... {users(first:1){edges{cursor}}} " * 9 + "}",
    "mistakes behind lines": LINES + "{me{" + many("no#", 30) + "}}",
    "mistakes at two places behind lines": LINES + "query(" + many("$a:Int", 25) + "){me{id}}",
    "variables that are not there behind lines": LINES + "query A{me{id " + many("a#:id@skip(if:$v)", 15) + "}}",
    "lines and a syntax error": LINES + "\r\n" * 17_000 + "{",
    "a comment": "{me{id}}#" + "c" * 65_000,
    "comments": "{me{id}}" + "#\n" * 32_000,
    "byte order marks": "\ufeff" * 21_000 + "{me{id}}",
    "carriage returns": "\r" * 65_000 + "{me{id}}",
    "a block string": '{users(email:"""' + "\n  line" * 9000 + '"""){edges{cursor}}}',
    "escapes": '{users(email:"' + "\\u0041" * 10_000 + '"){edges{cursor}}}',
    "a number": "{users(first:" + "9" * 65_000 + "){edges{cursor}}}",
    "a deep list": "{users(email:" + "[" * 190 + "1" + "]" * 190 + "){edges{cursor}}}",
    "a deep object": "{users(email:" + "{a:" * 190 + "1" + "}" * 190 + "){edges{cursor}}}",
    "a deep type": "query($v:" + "[" * 190 + "Int" + "]" * 190 + "){users(first:$v){edges{cursor}}}",
    "directives": "{me{id" + "@include(if:true)" * 160 + "}}",
    "variables": "query(" + many("$v#:Int", 240) + "){me{id}}",
    "a long name": "{" + f"{'n' * 65_000} " + "}",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_takes_no_more_steps_than_its_length_allows(name):
    """A01, B09: some of these took seconds, and up to 1.8 GiB."""
    text = ATTACKS[name]
    read("{ me { no } }")

    assert steps(lambda: read(text)) <= allowed(text)


@pytest.mark.parametrize("name", [name for name in ATTACKS if "fragment" in name or "operations" in name])
def test_repeated_fragments_and_operations_are_too_complex(name):
    (error,) = refused(ATTACKS[name])

    assert error.extensions["code"] == "QUERY_TOO_COMPLEX"


def refused(text):
    with pytest.raises(documents.Refused) as caught:
        documents.read(schema.graphql_schema, text)
    return caught.value.errors


def test_an_unknown_fragment_counts_as_a_field(configure_endpoint):
    text = "{ me { id ...a ...b } }"
    configure_endpoint(MAX_FIELDS=4)
    assert [error.message for error in refused(text)] == ["Unknown fragment 'a'.", "Unknown fragment 'b'."]

    configure_endpoint(MAX_FIELDS=3)

    assert refused(text)[0].extensions["code"] == "QUERY_TOO_COMPLEX"


def test_a_document_has_at_most_fifty_operations():
    operations = [f"query A{number} {{ me {{ id }} }}" for number in range(complexity.MAX_OPERATIONS + 1)]

    assert read(" ".join(operations[1:])) == []
    assert read(" ".join(operations)) == ["The document has too many operations: at most 50."]


def test_an_error_has_its_location(api):
    """The line is that of the node, although lines are not counted for each error."""
    text = "\ufeff# a comment\r\n\r{ me {\n\n  no, nor\n} }"
    nodes = parse(text).definitions[0].selection_set.selections[0].selection_set.selections

    errors = api.post(text).json()["errors"]

    places = [get_location(Source(text), node.loc.start).formatted for node in nodes]
    assert [error["locations"] for error in errors] == [[place] for place in places]
    assert places[0] == {"line": 5, "column": 3}


def test_a_conflict_has_both_locations(api):
    errors = api.post("{ me {\n id: pk\n id } }").json()["errors"]

    assert errors[0]["locations"] == [{"line": 2, "column": 2}, {"line": 3, "column": 2}]


def test_an_execution_error_has_its_location(api):
    errors = api.post("{\n\n users(first: 999) { edges { cursor } } }").json()["errors"]

    assert errors[0]["locations"] == [{"line": 3, "column": 2}]


def test_a_long_name_is_not_repeated_in_full(api):
    text = "{" + f"{'n' * 30_000} " * 2 + "}"

    assert len(api.post(text).content) < 2000


# Bodies

FILL = 60_000
BODIES = {
    "brackets": "[" * FILL,
    "brackets that are closed": '{"query": "{me{id}}", "variables": {"a": '
    + "[" * (FILL // 2)
    + "]" * (FILL // 2)
    + "}}",
    "objects": '{"query": "{me{id}}", "variables": ' + '{"a":' * 9000 + "1" + "}" * 9000 + "}",
    "numbers": '{"query": "{me{id}}", "variables": {"a": [' + "1," * (FILL // 2) + "1]}}",
    "a number": '{"query": "{me{id}}", "variables": {"a": ' + "9" * FILL + "}}",
    "a fraction": '{"query": "{me{id}}", "variables": {"a": 0.' + "9" * FILL + "}}",
    "strings": '{"query": "{me{id}}", "variables": {"a": [' + '"",' * (FILL // 3) + '""]}}',
    "escapes": '{"query": "{me{id}}", "variables": {"a": "' + "\\u00e9" * (FILL // 6) + '"}}',
    "keys": json.dumps({"query": "{me{id}}", "variables": {f"a{number}": 1 for number in range(FILL // 12)}}),
    "a key, often": '{"query": "{me{id}}", "variables": {' + '"a":1,' * (FILL // 6) + '"a":1}}',
    "an operation's name": json.dumps({"query": "query A {me{id}}", "operationName": "A" * FILL}),
    "values of another type": json.dumps(
        {"query": "query($a: Int) {users(first: $a) {edges {cursor}}}", "variables": {"a": [1] * (FILL // 4)}}
    ),
    "a text for a number behind lines": json.dumps(
        {"query": "\n" * 25_000 + "query($a: Int) {users(first: $a) {edges {cursor}}}", "variables": {"a": "1"}}
    ),
    "a long text": json.dumps(
        {"query": "query($a: String) {users(email: $a) {edges {cursor}}}", "variables": {"a": "é" * (FILL // 6)}}
    ),
    "a long cursor": json.dumps(
        {
            "query": "query($a: String) {users(first: 1, after: $a) {edges {cursor}}}",
            "variables": {"a": base64.b64encode(b"users.customuser.pk:" + b"9" * (FILL // 2)).decode()},
        }
    ),
    "a cursor of many digits": json.dumps(
        {
            "query": "query($a: String) {users(first: 1, after: $a) {edges {cursor}}}",
            "variables": {"a": base64.b64encode(b"users.customuser.pk:" + b"9" * 700).decode()},
        }
    ),
    "a long id": json.dumps(
        {
            "query": "query($a: ID!) {user(id: $a) {id}}",
            "variables": {"a": base64.b64encode(b"UserNode:" + b"9" * (FILL // 2)).decode()},
        }
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_takes_steps_in_proportion(api, name):
    """Among them variables, cursors and filters that are long, wide, deep or of another type."""
    body = BODIES[name]
    api.post("{ me { id } }")

    def send():
        return api.client.generic("POST", reverse("graphql"), body, content_type="application/json")

    assert steps(send) <= STEPS + STEPS_PER_BYTE_OF_A_BODY * len(body)


@pytest.mark.parametrize("amount", [1, 5000])
def test_an_input_with_many_mistakes_gets_a_few_errors(api, amount):
    document, _ = mutation("verifyToken", {"token": "x"})
    # % if cookiecutter.api == "relay"
    variables = {"input": {f"no{number}": 1 for number in range(amount)}}
    # % else
    document, variables = "query($a: [Int!]!) { users(first: $a) { edges { cursor } } }", {"a": ["x"] * amount}
    # % endif

    errors = api.post(document, variables).json()["errors"]

    assert 1 <= len(errors) <= 21


# Headers

HEADERS = {
    "HTTP_ACCEPT": "text/html;q=0.1,",
    "HTTP_ACCEPT_LANGUAGE": "de-x-a;q=0.1,",
    "HTTP_AUTHORIZATION": "JWT e30.e30.",
    "HTTP_COOKIE": "a=b;",
    "HTTP_ORIGIN": "http://a@b:1/",
    "HTTP_X_FORWARDED_FOR": "1.2.3.4,",
    "HTTP_REFERER": "http://a/?",
    "CONTENT_TYPE": 'application/json;a="\\";',
    "QUERY_STRING": "a=%00&",
}


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("name", HEADERS)
def test_a_header_takes_steps_in_proportion(api, configure_endpoint, name, method):
    configure_endpoint(GRAPHIQL=False)
    header = {name: HEADERS[name] * (8000 // len(HEADERS[name]))}

    def send():
        return api.client.generic(method, reverse("graphql"), '{"query": "{me{id}}"}', "application/json", **header)

    send()

    assert steps(send) <= STEPS
