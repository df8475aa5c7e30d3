"""Variations of requests that clients send."""

import pytest
from django.test import override_settings
from django.urls import reverse

ME = "{ me { email } }"


def post(api, body, path=None):
    return api.client.post(path or reverse("graphql"), body, content_type="application/json")


@pytest.mark.parametrize("nothing", ["", None])
@pytest.mark.parametrize("names", [["operationName"], ["variables"], ["operationName", "variables", "extensions"]])
def test_an_empty_string_and_null_count_as_omitted(api, names, nothing):
    assert post(api, {"query": ME} | dict.fromkeys(names, nothing)).json() == {"data": {"me": None}}


@pytest.mark.parametrize("extensions", [None, {}, {"clientLibrary": {"name": "a"}}, {"persistedQuery": {"version": 1}}])
def test_extensions_of_a_client_are_ignored_beside_a_query(api, extensions):
    assert post(api, {"query": ME, "extensions": extensions}).json() == {"data": {"me": None}}


@pytest.mark.parametrize("left_out", [{}, {"query": ""}, {"query": None}])
def test_a_persisted_query_gets_the_answer_that_clients_fall_back_on(api, left_out):
    persisted = {"persistedQuery": {"version": 1}}

    response = post(api, {"operationName": "Me", "variables": {}, "extensions": persisted} | left_out)

    (error,) = response.json()["errors"]
    assert response.status_code == 200
    assert error["message"] == "PersistedQueryNotSupported"
    assert error["extensions"] == {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}


def test_the_endpoint_works_with_and_without_a_trailing_slash(api):
    path = reverse("graphql")

    assert not path.endswith("/")
    assert post(api, {"query": ME}, f"{path}/").json() == {"data": {"me": None}}


@override_settings(SECURE_SSL_REDIRECT=True, SECURE_REDIRECT_EXEMPT=[r"^graphql/?$"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_no_spelling_of_the_endpoint_redirects(api, slash):
    assert post(api, {"query": ME}, reverse("graphql") + slash).status_code != 301


def test_an_upload_is_rejected_with_an_explanation(api):
    response = api.client.post(reverse("graphql"), {"operations": "{}", "map": "{}"})

    assert response.status_code == 415
    assert "The endpoint does not accept files" in response.json()["errors"][0]["message"]


def test_a_get_is_answered_with_the_setting_of_the_client(api):
    response = api.client.get(reverse("graphql"), {"query": ME}, HTTP_ACCEPT="application/json")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "preferGetMethod" in response.json()["errors"][0]["message"]


def test_an_invalid_request_does_not_query_the_database(api, verified, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert api.client.post(reverse("graphql"), "[1]", content_type="application/json").status_code == 400
