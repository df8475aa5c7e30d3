"""Documents that are invalid or too large."""

import json

import pytest

from config.schema import schema
from tests.endpoint.helpers import codes, is_refused, root_selection, send

MUTATIONS = schema.graphql_schema.mutation_type.fields
CREDENTIALS = {name for name, field in MUTATIONS.items() if getattr(field.type.graphene_type, "credential", False)}


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
@pytest.mark.parametrize("name", sorted(CREDENTIALS & {"tokenAuth", "sendPasswordResetEmail"}))
def test_an_operation_tries_one_credential(api, verified, mailoutbox, name, shape):
    """D18: neither aliases nor fragments bypass the limits."""
    values = {"email": verified.email} | ({"password": "wrong"} if name == "tokenAuth" else {})
    head, selection, variables = root_selection(name, **values)

    response = api.post(shape.format(head=head, selection=selection), variables)

    assert is_refused(response, "QUERY_TOO_COMPLEX")
    assert mailoutbox == []


@pytest.mark.parametrize("name", sorted(CREDENTIALS))
def test_a_mutation_that_tries_a_secret_counts_as_a_credential(api, name):
    values = {"email": "a@example.com", "token": "a", "refreshToken": "a", "password": "a", "oldPassword": "a"}
    values |= {"newPassword1": "a", "newPassword2": "a", "password1": "a", "password2": "a"}
    # % if cookiecutter.login_field == "username"
    values["username"] = "a"
    # % endif
    field = MUTATIONS[name]
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
