"""A project answers every generated request, and gives a reason for each rejection.

`make fuzz` generates fifty times as many.
"""

import base64
import gzip
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
    parse,
    print_ast,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.conftest import FOLDER, RUNSERVER, Project, run, serving

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
PATIENCE = 20.0  # seconds, for an answer
ALLOWED_CODES = {"UNAUTHENTICATED", "FORBIDDEN", "BAD_REQUEST", "QUERY_TOO_COMPLEX"}
EMAIL, PASSWORD = "user4@email.com", "demo-password-123"

# The flavours, one in development mode and one in production mode, with a public users query.
FLAVOURS = {
    ("graphql", "username"): {"DEBUG": "True"},
    ("relay", "email"): {
        "DEBUG": "False",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "False",
        "USERS_QUERY": "public",
    },
}

# RATE_LIMITS, which would throttle nearly every request, has no environment variable. The endpoint must also accept a
# megabyte, the user must stay logged in for hours, and hashing must be fast.
SETTINGS = """
from datetime import timedelta

from config.settings import *

GRAPHQL_AUTH |= {"RATE_LIMITS": {}}
GRAPHQL_ENDPOINT |= {"MAX_BODY_BYTES": 2 * 1024 * 1024}
GRAPHQL_JWT |= {"JWT_EXPIRATION_DELTA": timedelta(days=1)}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "graphql_auth.hashers.Argon2PasswordHasher"]
"""

OPERATIONS = dict.fromkeys(
    f"{definition.name.value}.{field.name.value}"
    for definition in parse((FOLDER / "schema__graphql.graphql").read_text()).definitions
    if definition.name.value in {"Query", "Mutation"}
    for field in definition.fields
)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def with_header(text: str) -> str:
    """Return a token with this header, an empty payload and an invalid signature."""
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.e30.eA"


ODD_TEXTS = {
    "nothing": "",
    "blanks": " \t\u3000\u00a0",
    "nul": "a\0@example.com",
    "half of a pair": "a\ud83d@example.com",
    "the halves of a pair the wrong way round": "\udc00\ud800@example.com",
    "a megabyte": "a" * 2**20,
    "a megabyte before the @": "a" * 2**20 + "@example.com",
    "a megabyte of labels": "a@" + "é." * 2**18 + "com",
    "accents to sort": "a" + "\u0301\u0316" * 2**17 + "@example.com",
    "letters that grow": "\ufdfa" * 2**17,
    "a hundred thousand brackets": "[" * 100_000,
    "wildcards": "%_\\" * 20_000,
    "from right to left": "\u202eada@דוגמה.example",
    "Turkish i": "İıI@İstanbul.example",
    "ligatures": "ﬁﬀ@ﬁ.example",
    "sharp s": "Straße@STRAẞE.example",
    "an international domain": "ada@bücher.example",
    "a domain that only looks encoded": "ada@xn--a.example",
    "an empty encoded domain": "ada@xn--",
    "a domain that cannot be encoded": "ada@" + "é" * 300 + ".example",
    "dots": "ada@..",
    "ats": "@@@",
    "a line break": "ada\r\n@example.com",
    "a header": "ada@example.com\r\nBcc: eve@example.com",
    "two addresses": "ada@example.com,eve@example.com",
    "quotes": '"a b"@example.com',
    "an address of numbers": "ada@[127.0.0.1]",
    "emoji": "👩‍👩‍👧‍👦@👩‍👩‍👧‍👦.example",
    "64 before the @": "a" * 64 + "@example.com",
    "255 before the @": "a" * 255 + "@example.com",
    "no characters": "\uffff\ufffe\U0010ffff",
    "control characters": "\x1b[31m\x7f\x85\u2028\u2029\ufeff",
    "placeholders": "%(fields)s %s %n {0} {{ x }} {% if %} ${x} <script>'\"--;",
    "5000 digits": "9" * 5000,
    "Arabic digits": "٣",
    "the id of a large number": encoded("UserNode:" + "9" * 30),
    "the id of a larger number": encoded("UserNode:" + "9" * 5000),
    "the id of nul": encoded("UserNode:\0"),
    "the cursor of a large number": encoded("arrayconnection:" + "9" * 30),
    "bytes": base64.b64encode(b"\xff\xfe:").decode(),
    "a token of brackets": with_header("[" * 5000),
    "a token without algorithm": with_header('{"alg": "none"}'),
    "a token with a list of algorithms": with_header('{"alg": ["HS256"]}'),
    "a token with critical claims": with_header('{"alg": "HS256", "b64": false, "crit": [{}]}'),
    "a token of digits": with_header("9" * 5000),
    "a signature of dots": ".::é:",
}

ODD_NUMBERS: dict[str, Any] = {
    "the largest": 2**31 - 1,
    "the smallest": -(2**31),
    "too large": 2**63,
    "300 digits": int("9" * 300),
    "a fraction": 0.5,
    "a large fraction": 1e308,
    "a text": "1",
    "a truth": True,
    "a list": [[1]],
    "a mapping": {"a": 1},
}

ME = b'{"query": "{ me { email } }"}'


def with_variables(text: str) -> bytes:
    return b'{"query": "query($a: String) { users(email: $a) { edges { cursor } } }", "variables": %s}' % text.encode()


ODD_BODIES = {
    "nothing": b"",
    "nul": ME.replace(b"me", b"\0"),
    "bad UTF-8": ME.replace(b"me", b"\xff\xfe"),
    "a long form of a slash": ME.replace(b"me", b"\xc0\xaf"),
    "half of a pair as UTF-8": ME.replace(b"me", b"\xed\xa0\x80"),
    "UTF-16": ME.decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + ME,
    "gzip": gzip.compress(ME, mtime=0),
    "a key twice": b'{"query": "{ x }", "query": "{ me { email } }", "variables": 1, "variables": {}}',
    "a key that is text of another kind": b'{"query": "{ me { email } }", "__proto__": {"a": 1}, "": null}',
    "not a number": with_variables('{"a": NaN}'),
    "infinity": with_variables('{"a": -Infinity}'),
    "a large number": with_variables('{"a": 1e999}'),
    "5000 digits": with_variables('{"a": %s}' % ("9" * 5000)),
    "100,000 brackets": b"[" * 100_000 + b"]" * 100_000,
    "100,000 brackets in a variable": with_variables('{"a": %s}' % ("[" * 100_000 + "]" * 100_000)),
    "900 brackets in a variable": with_variables('{"a": %s}' % ("[" * 900 + "]" * 900)),
    "900 braces in a variable": with_variables('{"a": ' * 900 + "1" + "}" * 900),
    "100,000 variables": with_variables(json.dumps({f"a{number}": 1 for number in range(100_000)})),
    "100,000 braces in the document": b'{"query": "%s"}' % (b"{ me " * 100_000),
    "a document of a megabyte": b'{"query": "{ me { email } } #%s"}' % (b"a" * 2**20),
    "a document of emoji": '{"query": "{ 👩‍👩‍👧‍👦 }"}'.encode(),
    "three megabytes": b'{"query": "%s"}' % (b" " * 3 * 2**20),
    "a batch": b"[" + b", ".join([ME] * 100) + b"]",
    "a name as the operation": b'{"query": "{ me { email } }", "operationName": "\\u202e\\r\\n"}',
}


@dataclass(frozen=True)
class Site:
    """A served project, and a user's access token for it."""

    url: str
    log: Path
    schema: GraphQLSchema
    generated: schemathesis.schemas.BaseSchema
    token: str

    def post(self, body: bytes, authorization: bytes | str = "") -> dict[str, Any]:
        """Post a body, check the response and return it."""
        headers = {"Content-Type": "application/json", "Authorization": authorization or f"JWT {self.token}"}
        # A new connection for each request, because the development server is slow to reuse one.
        return judged(requests.post(self.url, data=body, headers=headers, timeout=PATIENCE))

    def ask(self, operation: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation with variables and return the response."""
        document, variables = called(self.schema, operation, values)
        return self.post(json.dumps({"query": document, "variables": variables}).encode())


def called(schema: GraphQLSchema, operation: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a document that calls an operation, and its variables."""
    kind, _, name = operation.partition(".")
    field = getattr(schema, f"{kind.lower()}_type").fields[name]
    variables = {"input": values} if "input" in field.args else dict(values)
    declared = ", ".join(f"${key}: {field.args[key].type}" for key in variables)
    passed = ", ".join(f"{key}: ${key}" for key in variables)
    head = f"{kind.lower()} Fuzz({declared}) {{ {name}({passed})" if variables else f"{kind.lower()} {{ {name}"
    return f"{head} {selection(field.type)} }}", variables


def selection(kind: Any) -> str:
    """Return a selection of all fields."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType)
    return f"{{ {' '.join(f'{name} {selection(field.type)}' for name, field in named.fields.items())} }}"


def arguments(schema: GraphQLSchema, operation: str) -> dict[str, GraphQLArgument | GraphQLInputField]:
    """Return the arguments of an operation, including those in Relay's input object."""
    kind, _, name = operation.partition(".")
    args = getattr(schema, f"{kind.lower()}_type").fields[name].args
    if "input" not in args:
        return args
    given = get_named_type(args["input"].type)
    assert isinstance(given, GraphQLInputObjectType)
    return given.fields


def judged(response: requests.Response | schemathesis.Response) -> dict[str, Any]:
    """Check that the response is valid for clients, and return its content."""
    assert response.status_code in {200, 400, 413}, response.status_code
    answer = response.json()
    for error in answer.get("errors", []):
        assert error["message"]
        assert error["extensions"]["code"] in ALLOWED_CODES, error
    assert "errors" in answer or response.status_code == 200, answer
    for payload in (answer.get("data") or {}).values():
        if payload and "success" in payload:
            assert is_outcome(payload["success"], payload["errors"]), payload
    return answer


def is_outcome(success: object, errors: Any) -> bool:
    """Return whether a mutation reports success, or errors with their fields, messages and codes."""
    if success is True:
        return errors is None
    return (
        success is False
        and bool(errors)
        and all(isinstance(field, str) and field and details for field, details in errors.items())
        and all(
            detail.keys() == {"message", "code"} and all(isinstance(text, str) and text for text in detail.values())
            for details in errors.values()
            for detail in details
        )
    )


def answers_well(context: object, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """Check a response; called by schemathesis."""
    judged(response)


def with_outcome(document: str) -> str:
    """Return the document with `success` and `errors` selected in each mutation."""
    node = parse(document)
    (operation,) = node.definitions
    if operation.operation is OperationType.MUTATION:
        (outcome,) = parse("{ success errors }").definitions
        for field in operation.selection_set.selections:
            assert isinstance(field, FieldNode)
            field.selection_set.selections += outcome.selection_set.selections
    return print_ast(node)


@pytest.fixture(scope="module", params=FLAVOURS, ids="-".join)
def served(
    request: pytest.FixtureRequest,
    rendered: Callable[[str, str], Project],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Serve a flavour with its four demo users, with one of them logged in."""
    project = rendered(*request.param).path
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "fuzz_settings.py").write_text(SETTINGS)
    environment = FLAVOURS[request.param] | {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "fuzz_settings",
        "EMAIL_URL": "dummymail://",
        "PYTHONPATH": str(folder),
    }
    run(sys.executable, "manage.py", "migrate", "--verbosity", "0", cwd=project, **environment)
    run(sys.executable, "manage.py", "loaddata", "users", cwd=project, **environment)
    schema = build_schema((project / "schema.graphql").read_text())
    generated = schemathesis.graphql.from_path(project / "schema.graphql")
    with serving(*RUNSERVER, cwd=project, log=folder / "log", **environment) as url:
        site = Site(url, folder / "log", schema, generated, token="")
        answer = site.ask("Mutation.tokenAuth", {"email": EMAIL, "password": PASSWORD})
        yield Site(url, folder / "log", schema, generated, answer["data"]["tokenAuth"]["token"])


@pytest.fixture
def site(served: Site) -> Iterator[Site]:
    """Check that no exception was reported, and that the user is still logged in for the next test."""
    before = served.log.stat().st_size
    yield served
    assert "Traceback" not in served.log.read_bytes()[before:].decode(errors="replace")
    assert served.post(ME) == {"data": {"me": {"email": EMAIL}}}


@pytest.mark.parametrize("who", ["nobody", "somebody"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_the_schema_allows_and_what_it_does_not_are_answered(site: Site, operation: str, who: str) -> None:
    generated = site.generated.find_operation_by_label(operation)
    headers = {"Authorization": f"JWT {site.token}"} if who == "somebody" else {}

    @settings(
        max_examples=EXAMPLES,
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(generated.as_strategy(GenerationMode.POSITIVE), generated.as_strategy(GenerationMode.NEGATIVE)))
    def check(case: schemathesis.Case) -> None:
        case.body = with_outcome(case.body)
        case.call_and_validate(base_url=site.url, headers=headers, timeout=PATIENCE, checks=[answers_well])

    check()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_odd_values_of_each_argument_are_answered(site: Site, operation: str) -> None:
    declared = arguments(site.schema, operation)
    for name, argument in declared.items():
        odd_values = ODD_TEXTS if get_named_type(argument.type).name in {"String", "ID"} else ODD_NUMBERS
        for what, odd in odd_values.items():
            others = {key: plausible(operation, key) for key in declared if is_non_null_type(declared[key].type)}
            try:
                site.ask(operation, others | {name: odd})
            except Exception as error:
                error.add_note(f"{name}: {what}")
                raise


numbers = itertools.count()


def plausible(operation: str, argument: str) -> str:
    """Return a value with which an operation checks its other arguments but does not log the user out."""
    if argument == "email" or argument == "username":
        return f"ada{next(numbers)}" + "@example.com" * (argument == "email")
    if argument.startswith(("password", "newPassword", "oldPassword")):
        right = operation in {"Mutation.sendSecondaryEmailActivation", "Mutation.register"}
        return PASSWORD if right or argument.startswith("newPassword") else "wrong"
    return "x"


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_an_odd_password_is_refused_or_logs_in(site: Site, name: str) -> None:
    account = {key: plausible("Mutation.register", key) for key in arguments(site.schema, "Mutation.register")}
    account |= dict.fromkeys(["password1", "password2"], ODD_TEXTS[name])
    account.pop("clientMutationId", None)
    registered = site.ask("Mutation.register", account).get("data")
    if registered and registered["register"]["success"]:
        login = {"email": account["email"], "password": ODD_TEXTS[name]}
        assert site.ask("Mutation.tokenAuth", login)["data"]["tokenAuth"]["success"]


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_is_answered(site: Site, name: str) -> None:
    site.post(ODD_BODIES[name])


def test_odd_headers_are_anonymous(site: Site) -> None:
    for text in ODD_TEXTS.values():
        sent = text.encode(errors="surrogatepass")[:8000]
        if not set(sent) & set(b"\0\r\n"):
            answer = site.post(ME, b"JWT " + sent)
            assert answer["data"] == {"me": None}
            # Only spaces do not count as a token.
            assert answer.get("extensions") == ({"authentication": "invalid"} if sent.strip() else None), text
