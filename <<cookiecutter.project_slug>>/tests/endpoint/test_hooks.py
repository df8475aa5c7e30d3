"""The hooks that GRAPHQL_ENDPOINT names."""

import pytest
from django.urls import reverse

ME = "{ me { email } }"


def finish(request, result, response):
    """Add a header, a cookie and an extension."""
    result.extensions = {"user": str(request.user)}
    response["X-Finished"] = "yes"
    response.set_cookie("seen", "1")


def format_error(request, error):
    """Format the errors without a path, and leave others to the endpoint."""
    return None if error.path else {"message": "Ours.", "extensions": {"code": "OURS"}}


def fail(request):
    """Fail like a database lookup might."""
    raise RuntimeError("the secret")


def test_finish_response_adds_headers_cookies_and_extensions(api, configure_endpoint):
    configure_endpoint(FINISH_RESPONSE=f"{__name__}.finish")

    response = api.post(ME)

    assert response.json() == {"data": {"me": None}, "extensions": {"user": "AnonymousUser"}}
    assert (response["X-Finished"], response.cookies["seen"].value) == ("yes", "1")


@pytest.mark.parametrize("body", ["[1]", {"extensions": {"persistedQuery": {}}}])
def test_finish_response_is_not_called_before_authentication(api, configure_endpoint, body):
    configure_endpoint(FINISH_RESPONSE=f"{__name__}.finish")

    response = api.client.post(reverse("graphql"), body, content_type="application/json")

    assert "X-Finished" not in response
    assert "extensions" not in response.json()


def test_format_error_decides_or_leaves_it_to_the_endpoint(api, configure_endpoint):
    configure_endpoint(FORMAT_ERROR=f"{__name__}.format_error")

    assert api.post("{").json() == {"errors": [{"message": "Ours.", "extensions": {"code": "OURS"}}]}
    (error,) = api.post('{ user(id: "nonsense") { id } }').json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"


def test_a_failure_to_authenticate_is_logged_and_masked(api, configure_endpoint, caplog):
    configure_endpoint(AUTHENTICATE=f"{__name__}.fail")

    response = api.post(ME)

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (500, "INTERNAL_SERVER_ERROR")
    assert "secret" not in response.content.decode()
    assert error["extensions"]["requestId"] in caplog.text


@pytest.mark.parametrize("hook", ["AUTHENTICATE", "IS_CREDENTIAL", "FORMAT_ERROR", "FINISH_RESPONSE"])
def test_the_endpoint_answers_without_a_hook(api, configure_endpoint, hook):
    configure_endpoint(**{hook: None})

    assert api.client.post(reverse("graphql"), {"query": "{ __typename }"}, "application/json").json() == {
        "data": {"__typename": "Query"}
    }
