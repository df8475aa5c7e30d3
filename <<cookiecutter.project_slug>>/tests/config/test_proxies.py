"""Trusted and untrusted proxies."""

import pytest
from django.conf import settings as project
from django.test import RequestFactory

from endpoint import requests
from graphql_auth import throttling
from tests.api import mutation
from tests.conftest import PASSWORD


@pytest.fixture(autouse=True)
def nothing_logged(monkeypatch):
    """Reset the messages that are logged once."""
    monkeypatch.setattr(throttling.NOT_TRUSTED, "logged", False)
    monkeypatch.setattr(requests.INSECURE, "logged", False)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "said"),
    [
        (None, "203.0.113.1", "had 1 IP addresses in X-Forwarded-For, but TRUSTED_PROXIES is 0"),
        (0, "203.0.113.1, 192.0.2.1", "had 2 IP addresses in X-Forwarded-For, but TRUSTED_PROXIES is 0"),
        (2, "203.0.113.1", "had 1 IP addresses in X-Forwarded-For, but TRUSTED_PROXIES is 2"),
    ],
)
def test_a_proxy_that_is_not_trusted_is_logged_once_with_the_fix(settings, caplog, proxies, forwarded, said):
    """B06: behind an uncounted proxy all visitors shared one limit, without any message."""
    settings.TRUSTED_PROXIES = proxies

    for _ in range(3):
        request = RequestFactory().post("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        assert throttling.client_of(request) == "127.0.0.1"

    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert said in caplog.text
    assert "set TRUSTED_PROXIES to the number of your proxies" in caplog.text


@pytest.mark.parametrize(("proxies", "forwarded"), [(1, "203.0.113.1"), (1, None), (0, None), (None, None)])
def test_what_is_trusted_or_absent_is_not_logged(settings, caplog, proxies, forwarded):
    settings.TRUSTED_PROXIES = proxies
    header = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}

    throttling.client_of(RequestFactory().post("/", REMOTE_ADDR="127.0.0.1", **header))

    assert caplog.records == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_endpoint_refuses_http_where_the_site_is_to_be_https(api, settings, caplog, verified, hashes, method):
    """B07: http logged in with DEBUG off. A redirect would come too late for the password."""
    settings.SECURE_SSL_REDIRECT = True
    document, variables = mutation("tokenAuth", {"email": verified.email, "password": PASSWORD})

    responses = [
        api.post(document, variables) if method == "post" else api.client.get("/graphql", HTTP_ACCEPT="text/html")
        for _ in range(2)
    ]

    for response in responses:
        (error,) = response.json()["errors"]
        assert response.status_code == 403
        assert response["Cache-Control"] == "no-store"
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert error["message"].startswith("Send the request to https://testserver/graphql.")
        assert "Location" not in response
    assert hashes() == 0
    assert ["X-Forwarded-Proto" in record.getMessage() for record in caplog.records if record.name == "endpoint"] == [
        True
    ]


def test_the_endpoint_answers_https(api, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert api.post("{ me { pk } }", **{"wsgi.url_scheme": "https"}).json() == {"data": {"me": None}}


@pytest.mark.parametrize(("header", "status"), [("https", 200), ("http", 403), (None, 403), ("http, https", 403)])
def test_the_endpoint_answers_what_a_trusted_proxy_says_is_https(api, settings, header, status):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    response = api.post("{ me { pk } }", **({} if header is None else {"HTTP_X_FORWARDED_PROTO": header}))

    assert response.status_code == status


def test_a_client_cannot_say_itself_that_it_speaks_https(api, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = None

    assert api.post("{ me { pk } }", HTTP_X_FORWARDED_PROTO="https").status_code == 403


def test_the_endpoint_is_not_redirected():
    assert r"^graphql/?$" in project.SECURE_REDIRECT_EXEMPT
