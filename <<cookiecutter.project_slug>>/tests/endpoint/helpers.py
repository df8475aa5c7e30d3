"""Values and functions that several tests of the endpoint use."""

import json

from django.urls import reverse

from tests.api import mutation

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
