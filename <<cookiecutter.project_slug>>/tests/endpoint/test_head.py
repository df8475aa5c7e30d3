"""HEAD requests, with which monitors ask whether the site answers."""

import logging

import pytest
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, reverse

from endpoint.logs import HeadRequests


def paths(resolver, prefix="/"):
    """Yield the path of each pattern without arguments."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern).strip("^$").replace("/?", "")
        if isinstance(pattern, URLResolver):
            yield from paths(pattern, path)
        elif not {*"<(\\"} & {*path}:
            yield path


PATHS = [*paths(get_resolver()), "/no/such/page"]


def test_the_paths_are_those_of_the_project():
    assert {reverse("graphql"), reverse("admin:login"), reverse("admin:logout"), "/password-reset"} <= {*PATHS}


@pytest.mark.parametrize("path", PATHS)
def test_a_head_request_logs_no_warning(client, db, caplog, path):
    """HEAD /graphql was "Method Not Allowed" in the log, every minute."""
    assert client.head(path).status_code < 500
    assert not caplog.records


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_head_is_answered_like_get(client, configure_endpoint, accept):
    configure_endpoint(GRAPHIQL=True)

    get, head = (ask(reverse("graphql"), headers={"Accept": accept}) for ask in (client.get, client.head))

    assert head.status_code == get.status_code == (200 if accept == "text/html" else 405)
    assert head["Content-Type"] == get["Content-Type"]
    assert head.content == b""


@pytest.mark.parametrize(("method", "level", "kept"), [("HEAD", 30, False), ("GET", 30, True), ("HEAD", 40, True)])
def test_only_the_warnings_about_head_are_dropped(method, level, kept):
    record = logging.LogRecord("django.request", level, "", 0, "", None, None)
    assert HeadRequests().filter(record)
    record.request = RequestFactory().generic(method, "/")

    assert HeadRequests().filter(record) is kept
