"""Which requests the endpoint answers, and how it rejects others."""

import gzip
import io
import json
from datetime import timedelta

import graphene
import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, OperationalError, connection
from django.test import AsyncClient
from django.test.utils import override_script_prefix
from django.urls import reverse
from django.utils import timezone
from graphene_django.settings import graphene_settings
from graphql import GraphQLError, get_introspection_query
from graphql_jwt.exceptions import PermissionDenied as JWTPermissionDenied

from config.schema import schema
from endpoint.view import GraphQLView
from graphql_auth import sessions
from graphql_auth.models import Session
from tests.api import mutation
from users.models import CustomUser

COOKIE = "django.contrib.auth.backends.ModelBackend"
ME = "{ me { email } }"
QUESTION = json.dumps({"query": ME})


def send(api, body, method="POST", content_type="application/json", **extra):
    return api.client.generic(method, reverse("graphql"), body, content_type=content_type, **extra)


def codes(response):
    assert response["Content-Type"] == "application/json"
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def is_rejected(response, status=400):
    """Return whether the request was rejected as an invalid GraphQL request."""
    return (response.status_code, codes(response), "data" in response.json()) == (status, ["BAD_REQUEST"], False)


def is_refused(response, code="BAD_REQUEST"):
    """Return whether a valid GraphQL request was rejected without being executed."""
    return (response.status_code, codes(response), "data" in response.json()) == (200, [code], False)


def root_selection(name, **values):
    """Return the head of a document that calls the mutation `name`, its selection, and its variables."""
    document, variables = mutation(name, values)
    head, _, rest = document.partition("{")
    return head, rest.rpartition("}")[0], variables


def test_a_post_of_json_is_answered(api):
    response = send(api, QUESTION)

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"data": {"me": None}}


def test_the_type_of_a_body_may_name_its_charset(api):
    assert send(api, QUESTION, content_type="application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/graphql", "application/x-www-form-urlencoded", "text/json", ""]
)
def test_a_body_of_another_type_executes_nothing(api, new_account, content_type):
    """D23: a page elsewhere can post these without asking first."""
    document, variables = mutation("register", new_account)
    body = json.dumps({"query": document, "variables": variables})

    assert is_rejected(send(api, body, content_type=content_type), status=415)
    assert not CustomUser.objects.exists()


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_executes_nothing(api, new_account, content_type):
    """D23, G04: a form needs no script, and brings the cookies along."""
    document, variables = mutation("register", new_account)
    form = {"query": document, "variables": json.dumps(variables)}

    if content_type == "multipart/form-data":
        response = api.client.post(reverse("graphql"), form)
    else:
        response = send(api, "&".join(f"{key}={value}" for key, value in form.items()), content_type=content_type)

    assert is_rejected(response, status=415)
    assert not CustomUser.objects.exists()


def test_a_query_in_the_url_is_ignored(api):
    response = api.client.post(f"{reverse('graphql')}?query={{me{{email}}}}", "", content_type="text/plain")

    assert is_rejected(response, status=415)
    assert is_rejected(api.client.post(f"{reverse('graphql')}?query={{me{{email}}}}", {}, "application/json"))


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_only_post_is_answered(api, method):
    response = send(api, QUESTION, method)

    assert is_rejected(response, status=405)
    assert response["Allow"] == "POST"


def test_head_is_refused_without_a_body(api):
    response = api.client.head(reverse("graphql"), {"query": ME})

    assert (response.status_code, response["Allow"], response.content) == (405, "POST", b"")


@pytest.mark.parametrize("graphiql", [True, False])
def test_a_get_executes_nothing(api, configure_endpoint, verified, graphiql):
    """G04: not even where a browser gets GraphiQL."""
    configure_endpoint(GRAPHIQL=graphiql)

    response = api.client.get(reverse("graphql") + "?query={users{edges{node{email}}}}")

    assert is_rejected(response, status=405)


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"1",
        b"null",
        b'"{ me { email } }"',
        b"[1]",
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ me { email } }"]}',
        b'{"query": "{ me { email } }", "variables": [1]}',
        b'{"query": "{ me { email } }", "variables": "{}"}',
        b'{"query": "{ me { email } }", "variables": 1}',
        b'{"query": "{ me { email } }", "operationName": 1}',
        b'{"query": "{ me { email } }", "variables": {"a": NaN}}',
        b'{"query": "{ me { email } }", "variables": {"a": -Infinity}}',
        b'{"query": "{ me { email } } \xff"}',
        b'\xef\xbb\xbf{"query": "{ me { email } }"}',
        QUESTION.encode("utf-16"),
        gzip.compress(QUESTION.encode(), mtime=0),
    ],
)
def test_a_body_without_a_query_is_rejected(api, body):
    """G04: each of these caused an exception."""
    assert is_rejected(send(api, body))


@pytest.mark.parametrize("odd", ["\\u0000", "\\ud800", "\\udc00 \\ud800", "\x00"])
@pytest.mark.parametrize(
    "body",
    [
        '{"query": "{ me { email } } # ODD"}',
        '{"query": "{ me { email } }", "operationName": "ODD"}',
        '{"query": "{ me { email } }", "variables": {"a": "ODD"}}',
        '{"query": "{ me { email } }", "variables": {"ODD": 1}}',
        '{"query": "{ me { email } }", "variables": {"a": [[{"b": "ODD"}]]}}',
    ],
)
def test_a_body_with_half_a_character_or_nul_is_rejected(api, body, odd):
    """D28: the database and the hashers do not accept them."""
    response = send(api, body.replace("ODD", odd))

    assert is_rejected(response)
    assert response.json()["errors"][0]["message"].startswith(("The body contains a character", "The body is not JSON"))


@pytest.mark.parametrize("odd", ["\\u0000", "\\u{0}", "\\u{000000}", "\\uD800", "\\u{DEAD}", "\\uDC00\\uD800"])
@pytest.mark.parametrize(
    "document",
    [
        '{ users(email: "ODD") { edges { node { id } } } }',
        '{ user(id: "ODD") { id } }',
        'query($email: String = "ODD") { users(email: $email) { edges { node { id } } } }',
    ],
)
def test_a_document_that_escapes_half_a_character_or_nul_is_refused(api, document, odd):
    """D28: an escape is resolved after the body was looked at."""
    assert is_refused(api.post(document.replace("ODD", odd)))


def test_a_whole_surrogate_pair_is_a_character(api):
    body = '{"query": "query($e: String) { users(email: $e) { edges { node { id } } } }", "variables": {"e": "%s"}}'

    assert send(api, body % "\\ud83d\\ude00").json() == {"data": {"users": {"edges": []}}}


def test_a_body_of_the_longest_length_is_read(api, configure_endpoint):
    configure_endpoint(MAX_BODY_BYTES=len(QUESTION))

    assert send(api, QUESTION).status_code == 200
    assert is_rejected(send(api, QUESTION + " "), status=413)


@pytest.mark.parametrize("length", ["abc", "1e3", "9" * 5000])
def test_a_content_length_that_is_not_a_number_is_rejected(api, length):
    assert is_rejected(send(api, QUESTION, CONTENT_LENGTH=length))


def test_a_body_that_breaks_off_is_rejected(api):
    class Broken(io.BytesIO):
        def read(self, *size):
            raise OSError

    assert is_rejected(send(api, QUESTION, **{"wsgi.input": Broken()}))


def test_a_body_longer_than_django_reads_is_refused(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    assert is_rejected(send(api, QUESTION), status=413)


@pytest.mark.parametrize(("longest", "status"), [(64 * 1024, 413), (1024 * 1024, 400)])
def test_a_hundred_thousand_brackets_are_refused(api, configure_endpoint, longest, status):
    """G04: nested deeper than Python can call."""
    configure_endpoint(MAX_BODY_BYTES=longest)
    brackets = "[" * 100_000 + "]" * 100_000

    assert is_rejected(send(api, brackets), status=status)
    assert is_rejected(send(api, QUESTION[:-1] + f', "variables": {{"a": {brackets}}}}}'), status=status)


def test_a_batch_of_queries_is_rejected(api):
    assert is_rejected(send(api, f"[{QUESTION}, {QUESTION}]"))


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "me",
        "{ nothing }",
        "{ me }",
        "{ me { email { id } } }",
        "{ me(id: 1) { email } }",
        '{ users(first: "1") { edges { node { id } } } }',
        "{ users(first: 99999999999) { edges { node { id } } } }",
        f"{{ users(first: {'9' * 5000}) {{ edges {{ node {{ id }} }} }} }}",
        "query($unused: Int) { me { email } }",
        "query { me { email } } query { me { email } }",
        "query A { me { email } } query B { me { email } }",
        "fragment unused on UserNode { id } { me { email } }",
        "{ me { ...missing } }",
        "{ me { email @nothing } }",
        "subscription { me { email } }",
        "type A { b: Int }",
    ],
)
def test_a_document_that_is_not_valid_is_not_executed(api, document):
    """G01: the standard rules of GraphQL hold, whatever rules of our own come on top."""
    response = api.post(document)

    assert response.status_code == 200
    assert set(codes(response)) == {"BAD_REQUEST"}
    assert "data" not in response.json()


@pytest.mark.parametrize("variables", [{}, {"first": "1"}, {"first": None}, {"first": [1]}, {"first": {"a": 1}}])
def test_a_variable_of_the_wrong_type_is_refused(api, variables):
    document = "query($first: Int!) { users(first: $first) { edges { node { id } } } }"

    assert is_refused(api.post(document, variables))


def test_an_operation_that_is_not_there_is_refused(api):
    assert is_refused(send(api, json.dumps({"query": "query A { me { email } }", "operationName": "B"})))


@pytest.mark.parametrize(
    ("setting", "amount", "document"),
    [
        ("MAX_TOKENS", 6, "{ me { email } }"),
        ("MAX_DEPTH", 4, "{ users { edges { node { email } } } }"),
        ("MAX_DEPTH", 4, "{ users { edges { ...e } } } fragment e on UserNodeEdge { ... { node { ... { id } } } }"),
        ("MAX_FIELDS", 5, "{ users { edges { node { id email } } } }"),
        ("MAX_FIELDS", 7, "{ a: me { ...f } b: me { ...f } c: __typename } fragment f on UserNode { id email }"),
        ("MAX_ROOT_FIELDS", 3, "{ me { email } __typename ... { user(id: 1) { email } } }"),
        ("MAX_ROOT_FIELDS", 4, "{ ...f ...f } fragment f on Query { me { email } a: me { email } }"),
        ("MAX_ALIASES", 2, "{ me { a: email b: email } }"),
        ("MAX_ALIASES", 3, "{ a: me { ...f } me { ...f } } fragment f on UserNode { b: email }"),
    ],
)
def test_a_document_may_be_as_large_as_the_settings_say(api, configure_endpoint, setting, amount, document):
    configure_endpoint(**{setting: amount})

    assert "QUERY_TOO_COMPLEX" not in api.post(document).content.decode()

    configure_endpoint(**{setting: amount - 1})

    assert is_refused(api.post(document), "QUERY_TOO_COMPLEX")


def test_an_operation_is_measured_even_when_it_is_not_the_one_to_run(api, configure_endpoint):
    configure_endpoint(MAX_DEPTH=2)
    document = "query A { me { email } } query B { users { edges { node { email } } } }"

    response = send(api, json.dumps({"query": document, "operationName": "A"}))

    assert is_refused(response, "QUERY_TOO_COMPLEX")


def test_fragments_that_double_eighty_times_are_refused(api):
    """G02: two to the power of eighty fields, in a thousand tokens."""
    bomb = "".join(f"fragment f{level} on UserNode {{ ...f{level + 1} ...f{level + 1} }} " for level in range(80))

    response = api.post(f"{{ me {{ ...f0 }} }} {bomb} fragment f80 on UserNode {{ id }}")

    assert is_refused(response, "QUERY_TOO_COMPLEX")


@pytest.mark.parametrize(
    "fragments",
    [
        "fragment a on UserNode { ...a }",
        "fragment a on UserNode { id ...b } fragment b on UserNode { ... { ...a } }",
        "fragment a on UserNode { ...b } fragment b on UserNode { ...c } fragment c on UserNode { ...b }",
    ],
)
def test_a_fragment_that_spreads_itself_is_refused(api, fragments):
    """G02: it was measured forever."""
    response = api.post(f"{{ me {{ ...a }} }} {fragments}")

    assert is_refused(response, "QUERY_TOO_COMPLEX")
    assert "spreads itself" in response.json()["errors"][0]["message"]
    assert is_refused(api.post(f"{{ me {{ id }} }} {fragments}"), "QUERY_TOO_COMPLEX")


@pytest.mark.parametrize(
    "document",
    [
        "{ me {" + " email" * 3000 + " } }",
        "{ me { email" + " @include(if: true)" * 1000 + " } }",
        "{ me " * 50 + "{ id }" + " }" * 50,
        "{ me { " + "... { " * 300 + "id" + " }" * 300 + " } }",
        "{ users(email: " + "[" * 490 + "]" * 490 + ") { edges { node { id } } } }",
    ],
)
def test_a_large_document_is_refused(api, document):
    assert is_refused(api.post(document), "QUERY_TOO_COMPLEX")


@pytest.mark.parametrize(
    "document",
    [
        "{ me {" + " email" * 3000 + " } }",
        "{ me { ...f0 } } "
        + "".join(f"fragment f{level} on UserNode {{ ...f{level + 1} }} " for level in range(1500))
        + "fragment f1500 on UserNode { id }",
        "{ me " * 10_000 + "{ id }" + " }" * 10_000,
        "{ " + "... { " * 10_000 + "me { id }" + " }" * 10_000 + " }",
    ],
)
def test_a_large_document_is_refused_though_many_tokens_are_allowed(api, configure_endpoint, document):
    """G02: nested deeper than Python can call, whichever part of the document nests."""
    configure_endpoint(MAX_TOKENS=100_000, MAX_BODY_BYTES=1024 * 1024)

    assert is_refused(api.post(document), "QUERY_TOO_COMPLEX")


@pytest.mark.parametrize(
    "shape",
    [
        "{{ me {{ {fields} }} }}",
        "{{ me {{ {spread} }} }}",
        "{{ me {{ ...f ...g }} }} fragment f on UserNode {{ {fields} }} fragment g on UserNode {{ pk }}",
        "{{ me {{ pk }} ... {{ me {{ {fields} }} }} }}",
    ],
)
def test_a_field_may_be_repeated_a_few_times_at_one_place(api, shape):
    """Each is compared with each other: half a request of 3 KB took a quarter of a second."""
    few, many = (shape.format(fields="pk " * times, spread="... { pk } " * times) for times in (50, 150))

    assert api.post(few).status_code == 200
    assert is_refused(api.post(many), "QUERY_TOO_COMPLEX")


def test_a_field_may_be_asked_for_at_many_places(api):
    document = " ".join(f"a{n}: me {{ {'id ' * 20} }}" for n in range(10))

    assert api.post(f"{{ {document} }}").json()["data"]["a9"] is None


def test_a_document_with_many_mistakes_gets_a_few_errors(api, configure_endpoint):
    configure_endpoint(MAX_TOKENS=100_000)

    response = api.post("{ me { email" + " @include(if: true)" * 1000 + " } }")

    assert set(codes(response)) == {"BAD_REQUEST"}
    assert len(response.json()["errors"]) < 30


@pytest.mark.parametrize(
    "shape",
    [
        "{head} {{ a: {selection} b: {selection} }}",
        "{head} {{ {selection} b: {selection} }}",
        "{head} {{ {selection} ... {{ b: {selection} }} }}",
        "{head} {{ ...a ...b }} fragment a on Mutation {{ {selection} }} fragment b on Mutation {{ b: {selection} }}",
        "{head} {{ ...a {selection} }} fragment a on Mutation {{ ... on Mutation {{ a: {selection} }} }}",
    ],
)
@pytest.mark.parametrize("name", ["tokenAuth", "sendPasswordResetEmail"])
def test_an_operation_tries_one_credential(api, verified, mailoutbox, name, shape):
    """D18: neither aliases nor fragments bypass the limits."""
    values = {"email": verified.email} | ({"password": "wrong"} if name == "tokenAuth" else {})
    head, selection, variables = root_selection(name, **values)

    response = api.post(shape.format(head=head, selection=selection), variables)

    assert is_refused(response, "QUERY_TOO_COMPLEX")
    assert mailoutbox == []


@pytest.mark.parametrize("name", sorted({*schema.graphql_schema.mutation_type.fields} - {"updateAccount"}))
def test_every_other_mutation_counts_as_a_credential(api, name):
    values = {"email": "a@example.com", "token": "a", "refreshToken": "a", "password": "a", "oldPassword": "a"}
    values |= {"newPassword1": "a", "newPassword2": "a", "password1": "a", "password2": "a"}
    # % if cookiecutter.login_field == "username"
    values["username"] = "a"
    # % endif
    field = schema.graphql_schema.mutation_type.fields[name]
    declared = {*field.args} | {inner for argument in field.args.values() for inner in inner_names(argument.type)}
    given = {key: value for key, value in values.items() if key in declared}
    head, selection, variables = root_selection(name, **given)

    response = api.post(f"{head} {{ a: {selection} b: {selection} }}", variables)

    assert is_refused(response, "QUERY_TOO_COMPLEX")


def inner_names(kind):
    return getattr(getattr(kind, "of_type", kind), "fields", {})


def test_an_account_may_be_updated_twice_in_one_operation(api, verified):
    head, selection, variables = root_selection("updateAccount", firstName="Ada")

    response = api.post(f"{head} {{ a: {selection} b: {selection} }}", variables, login=verified)

    assert [answer["success"] for answer in response.json()["data"].values()] == [True, True]


def test_a_request_for_five_hundred_mails_sends_none(api, verified, mailoutbox):
    """D18: refused as a whole, before anything is done."""
    head, selection, variables = root_selection("sendPasswordResetEmail", email=verified.email)
    many = " ".join(f"a{number}: {selection}" for number in range(500))

    assert is_refused(api.post(f"{head} {{ {many} }}", variables), "QUERY_TOO_COMPLEX")
    assert mailoutbox == []


def test_graphiql_can_read_the_schema_with_introspection(api, configure_endpoint):
    configure_endpoint(INTROSPECTION=True)
    question = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    answer = api.post(question).json()

    assert "errors" not in answer
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"


def test_introspection_is_limited_too(api, configure_endpoint):
    configure_endpoint(INTROSPECTION=True)

    response = api.post("{ __schema { types {" + " fields { type {" * 10 + " name " + "} }" * 10 + " } } }")

    assert is_refused(response, "QUERY_TOO_COMPLEX")


@pytest.mark.parametrize("document", ["{ __schema { types { name } } }", '{ __type(name: "UserNode") { name } }'])
def test_the_schema_cannot_be_read_without_introspection(api, configure_endpoint, document):
    """D23: nobody needs it in production."""
    configure_endpoint(INTROSPECTION=False)

    response = api.post(document)

    assert response.status_code == 200
    assert set(codes(response)) == {"BAD_REQUEST"}


def test_typename_works_without_introspection(api, configure_endpoint, verified):
    """G03: clients with a cache ask for it everywhere."""
    configure_endpoint(INTROSPECTION=False)

    answer = api.query("{ __typename me { __typename } }", login=verified)

    assert answer == {"__typename": "Query", "me": {"__typename": "UserNode"}}


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ usres { edges { node { id } } } }", {}),
        ("{ users(emial: 1) { edges { node { id } } } }", {}),
        ("query($e: Strin) { users(email: $e) { edges { node { id } } } }", {}),
        ("{ me { emial } }", {}),
        ("{ me { email @inclde(if: true) } }", {}),
        # % if cookiecutter.api == "relay"
        ("mutation($i: VerifyTokenInput!) { verifyToken(input: $i) { success } }", {"i": {"token": "", "tokne": ""}}),
        # % endif
    ],
)
@pytest.mark.parametrize("introspection", [True, False])
def test_names_are_suggested_only_where_introspection_is_on(
    api, configure_endpoint, document, variables, introspection
):
    """D23: suggestions would reveal the schema bit by bit."""
    configure_endpoint(INTROSPECTION=introspection)

    response = api.post(document, variables)

    assert response.status_code == 200
    if "inclde" not in document:
        assert ("Did you mean" in response.content.decode()) is introspection


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", ""),
        # What Django's own server says of a request that has no Content-Type.
        ("text/plain", ""),
        ("application/json", '{"query": "{ users { edges { node { email } } } }", "raw": true}'),
        ("application/graphql", "{ users { edges { node { email } } } }"),
    ],
)
def test_a_browser_gets_graphiql_and_nothing_else_where_it_is_on(api, configure_endpoint, verified, kind, body):
    configure_endpoint(GRAPHIQL=True)

    response = api.client.generic(
        "GET",
        reverse("graphql") + "?raw&query={users{edges{node{email}}}}",
        body,
        content_type=kind,
        HTTP_ACCEPT="text/html,application/xhtml+xml,*/*;q=0.8",
    )

    assert verified.email.encode() not in response.content
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    assert b"graphiql" in response.content


@pytest.mark.parametrize(
    ("graphiql", "accept"),
    [(False, "text/html"), (True, "application/json"), (True, "*/*"), (True, ""), (True, "text/html;q=0.1, */*")],
)
def test_nobody_else_gets_graphiql(api, configure_endpoint, graphiql, accept):
    """D23: neither in production nor for other clients than browsers."""
    configure_endpoint(GRAPHIQL=graphiql)

    assert is_rejected(api.client.get(reverse("graphql"), HTTP_ACCEPT=accept), status=405)


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

    assert (anonymous["message"], anonymous["extensions"]) == ("Log in to do that.", {"code": "UNAUTHENTICATED"})
    assert (denied["message"], denied["extensions"]) == ("You may not do that.", {"code": "FORBIDDEN"})
    assert caplog.records == []


@pytest.mark.parametrize("apart", [True, False], ids=["apart from pages", "like pages"])
def test_a_session_cookie_is_ignored(api, settings, verified, apart):
    """D23: so no CSRF token is needed."""
    if not apart:
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "APIMiddleware" not in name]
    api.client.force_login(verified, COOKIE)
    api.client.handler.enforce_csrf_checks = True

    assert api.query(ME) == {"me": None}


def for_pages(get_response):
    """Fail, as a middleware, for what should be answered before it."""

    def answer(request):
        raise AssertionError("This is a page.")

    return answer


def test_the_middleware_of_the_pages_is_theirs_alone(api, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{for_pages.__name__}"]

    assert api.query(ME) == {"me": None}
    with pytest.raises(AssertionError, match="a page"):
        api.client.post(reverse("admin:login"), QUESTION, content_type="application/json")
    with pytest.raises(AssertionError, match="a page"):
        api.client.get(reverse("graphql"))


def test_the_middleware_of_the_pages_is_theirs_alone_behind_a_prefix(api, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{for_pages.__name__}"]
    path = reverse("graphql")

    with override_script_prefix("/site/"):
        assert reverse("graphql") == f"/site{path}"
        response = api.client.post(path, QUESTION, content_type="application/json", SCRIPT_NAME="/site")

    assert response.json() == {"data": {"me": None}}


@pytest.mark.parametrize(
    ("method", "body", "status"), [("POST", QUESTION, 200), ("POST", "[1]", 400), ("GET", "", 405)], ids=str
)
def test_a_response_is_not_cached_and_cannot_be_framed(api, method, body, status):
    response = send(api, body, method)

    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


def test_a_host_that_is_not_ours_is_refused(api):
    assert send(api, QUESTION, HTTP_HOST="evil.example.org").status_code == 400


def test_the_endpoint_answers_under_asgi_too():
    response = async_to_sync(AsyncClient().post)(reverse("graphql"), QUESTION, content_type="application/json")

    assert response.json() == {"data": {"me": None}}


def test_the_header_counts_beside_a_session_cookie(api, verified, unverified):
    """J03: a session beat the header."""
    api.client.force_login(verified, COOKIE)

    assert api.query(ME, login=unverified) == {"me": {"email": unverified.email}}


def test_a_request_without_a_token_is_anonymous_after_one_with_a_token(api, verified):
    """J03: an identity does not bleed into what follows."""
    assert api.query(ME, login=verified) == {"me": {"email": verified.email}}
    assert api.query(ME) == {"me": None}


def test_a_request_is_authenticated_once(api, verified, django_assert_num_queries):
    """J03: one query, however many fields there are."""
    token = sessions.start(verified).token
    document = "{ " + " ".join(f"a{number}: me {{ email verified archived }}" for number in range(10)) + " }"

    with django_assert_num_queries(1):
        answer = api.query(document, login=token)

    assert {me["email"] for me in answer.values()} == {verified.email}


def test_an_expired_header_does_not_keep_a_client_from_refreshing(mutate, verified):
    """J02: nor from any other public mutation."""
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        tokens = sessions.start(verified)

    with time_machine.travel(start + timedelta(minutes=6), tick=False):
        answer = mutate("refreshToken", login=tokens.token, refresh_token=tokens.refresh_token)
        others = mutate("tokenAuth", login=tokens.token, email=verified.email, password="wrong")

    assert answer["success"] is True
    assert others["errors"]["nonFieldErrors"][0]["code"] == "invalid_credentials"


@pytest.mark.parametrize("listed", [True, False])
def test_a_page_elsewhere_may_read_answers_only_when_it_is_listed(api, settings, listed):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"] if listed else []
    origin = {"HTTP_ORIGIN": "https://app.example.com"}
    preflight = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST", **origin}

    answers = [send(api, QUESTION, **origin), api.client.options(reverse("graphql"), **preflight)]

    for response in answers:
        assert response.get("Access-Control-Allow-Origin") == ("https://app.example.com" if listed else None)
        assert "Access-Control-Allow-Credentials" not in response


def test_an_origin_that_looks_like_a_listed_one_is_not_listed(api, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]

    for origin in ("https://app.example.com.evil.org", "http://app.example.com", "null"):
        assert "Access-Control-Allow-Origin" not in send(api, QUESTION, HTTP_ORIGIN=origin)


def test_a_refused_request_leaves_nothing_behind(api, verified):
    head, selection, variables = root_selection("tokenAuth", email=verified.email, password="correct-horse-battery")

    api.post(f"{head} {{ a: {selection} b: {selection} }}", variables)

    assert not Session.objects.exists()
