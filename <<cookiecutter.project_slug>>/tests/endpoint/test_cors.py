"""What a page of another origin may send and read."""

import pytest
from django.urls import reverse

ORIGIN = "https://app.example.com"


@pytest.fixture
def preflight(api, settings):
    """Return a function that asks whether a page may send a header, and returns the header names that it may."""
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

    def preflight(header):
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": header}
        response = api.client.options(reverse("graphql"), headers=asked)
        return response["Access-Control-Allow-Headers"].split(", ")

    return preflight


@pytest.mark.parametrize(
    "header",
    [
        "authorization",
        "content-type",
        "apollo-require-preflight",
        "baggage",
        "sentry-trace",
        "traceparent",
        "tracestate",
    ],
)
def test_a_page_may_send_what_clients_send(preflight, header):
    assert header in preflight(header)


def test_a_page_may_read_why_it_was_rejected(api, settings):
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

    response = api.client.post(reverse("graphql"), {"query": "{ __typename }"}, "application/json", HTTP_ORIGIN=ORIGIN)

    assert {*response["Access-Control-Expose-Headers"].split(", ")} == {"Retry-After", "WWW-Authenticate"}
