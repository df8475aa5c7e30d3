"""The media type and status of a response, according to the GraphQL over HTTP specification."""

import json

import pytest
from django.urls import reverse

JSON = "application/json"
NEW = "application/graphql-response+json"
ME = "{ me { email } }"


def post(api, accept=None, body=None):
    headers = {} if accept is None else {"Accept": accept}
    return api.client.post(reverse("graphql"), body or {"query": ME}, content_type=JSON, headers=headers)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        ("application/json, text/plain, */*", JSON),
        ("text/html, */*;q=0.1", JSON),
        (NEW, NEW),
        (f"{NEW}; charset=utf-8", NEW),
        # Apollo Client, urql and the specification's own example
        (f"{NEW},application/json;q=0.9", NEW),
        (f"{NEW}, application/graphql+json, application/json, text/event-stream, multipart/mixed", NEW),
        (f"{NEW}; charset=utf-8, application/json; charset=utf-8", NEW),
        (f"application/json, {NEW};q=0.5", JSON),
        (f"*/*, {NEW};q=0.5", JSON),
        (f"{NEW}, */*;q=0.1", NEW),
        (f"{NEW};q=0, */*", JSON),
        ("application/json;q=0, */*", NEW),
        (f"application/json;q=0.3, {NEW};q=0.7", NEW),
        ("nonsense, application/json", JSON),
    ],
)
def test_an_answer_has_the_media_type_that_is_preferred(api, accept, media_type):
    response = post(api, accept)

    assert (response.status_code, response["Content-Type"]) == (200, media_type)
    assert response.json() == {"data": {"me": None}}


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/xml, text/plain", f"{NEW};q=0", "nonsense"])
def test_a_client_that_accepts_neither_media_type_learns_which_there_are(api, accept):
    response = post(api, accept)

    (error,) = response.json()["errors"]
    assert (response.status_code, response["Content-Type"]) == (406, JSON)
    assert JSON in error["message"]
    assert NEW in error["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{"},
        {"query": "{ nothing }"},
        {"query": "{ __typename " * 20 + "}" * 20},
        {"query": "query($id: ID!) { user(id: $id) { id } }"},
        {"query": "query($first: Int) { users(first: $first) { edges { node { id } } } }", "variables": {"first": "1"}},
        {"query": "query A { me { id } } query B { me { id } }"},
        {"query": "query A { me { id } }", "operationName": "C"},
        {"query": "subscription { me { id } }"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (NEW, 400)])
def test_a_refused_document_has_no_data_and_a_status_of_its_media_type(api, accept, status, body):
    response = post(api, accept, body)

    assert (response.status_code, response["Content-Type"]) == (status, accept)
    assert response.json()["errors"]
    assert "data" not in response.json()


@pytest.mark.parametrize("accept", [JSON, NEW])
def test_a_partial_answer_is_a_200(api, accept):
    response = post(api, accept, {"query": '{ me { id } user(id: "nonsense") { id } }'})

    assert response.status_code == 200
    assert response.json()["data"] == {"me": None, "user": None}
    assert response.json()["errors"]


@pytest.mark.parametrize("accept", [JSON, NEW])
@pytest.mark.parametrize("body", ["[1]", "{", {"query": 1}, {"query": ME, "extensions": []}])
def test_an_invalid_graphql_request_is_a_400(api, accept, body):
    response = post(api, accept, body)

    assert (response.status_code, response["Content-Type"]) == (400, accept)
