"""What a page of another origin may send and read."""

import runpy

import pytest
from django.conf import settings as project
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


def test_a_page_may_send_the_access_token_in_a_header_of_the_projects_choice(tmp_path):
    """Basic authentication of a proxy, for instance, needs the usual one."""
    settings = (project.BASE_DIR / "config/settings.py").read_text(encoding="utf-8")
    own_header = 'GRAPHQL_JWT = {"JWT_AUTH_HEADER_NAME": "HTTP_X_ACCESS_TOKEN",'
    (tmp_path / "config").mkdir()
    changed = tmp_path / "config/settings.py"
    changed.write_text(settings.replace("GRAPHQL_JWT = {", own_header), encoding="utf-8")

    assert "x-access-token" in runpy.run_path(str(changed))["CORS_ALLOW_HEADERS"]


def test_a_page_may_read_why_it_was_rejected(api, settings):
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

    response = api.client.post(reverse("graphql"), {"query": "{ __typename }"}, "application/json", HTTP_ORIGIN=ORIGIN)

    assert {*response["Access-Control-Expose-Headers"].split(", ")} == {"Retry-After", "WWW-Authenticate"}
