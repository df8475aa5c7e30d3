"""Requests, as the endpoint accepts them."""

import gzip
import io
import json

import pytest
from django.urls import reverse

from tests.api import mutation
from tests.endpoint.helpers import ME, QUESTION, is_refused, is_rejected, send
from users.models import CustomUser


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
