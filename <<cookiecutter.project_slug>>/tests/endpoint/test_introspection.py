"""GraphiQL, introspection and suggestions."""

import pytest
from django.urls import reverse
from graphql import get_introspection_query

from tests.endpoint.helpers import codes, is_refused, is_rejected


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
