"""Error reports and error pages contain no secrets."""

import sys
import traceback

import pytest
from django.conf import settings as project
from django.test import Client, RequestFactory, override_settings

from endpoint.reports import forget_locals
from graphql_auth.reports import Reporter
from tests.conftest import PASSWORD
from tests.graphql_auth.reports.helpers import Planted


def texts_of(error):
    """Return the variables of `look` and `fail`, which an error or what led to it went through."""
    texts, others = "", [error]
    while others:
        error = others.pop()
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        texts += "".join(str(frame.f_locals) for frame in frames if frame.f_code.co_name in ("look", "fail"))
        others += [*getattr(error, "exceptions", ()), *filter(None, (error.__cause__,))]
    return texts


def test_the_variables_of_what_led_to_an_error_are_cleared_too():
    def look(password):
        raise LookupError

    def fail(password):
        try:
            look(password)
        except LookupError as error:
            raise ValueError from ExceptionGroup("several", [error])

    try:
        fail(PASSWORD)
    except ValueError as error:
        before = texts_of(error)
        forget_locals(error)
        after = texts_of(error)

    assert before.count(PASSWORD) >= 2
    assert PASSWORD not in after


def report(request=None, **values):
    """Return the report, as a page and as text, of an error raised in a function with `values`."""

    def fail(**arguments):
        local = arguments
        raise Planted(*local)

    try:
        fail(**values)
    except Planted:
        reporter = Reporter(request, *sys.exc_info(), is_email=True)
        return reporter.get_traceback_html() + reporter.get_traceback_text()


def test_a_report_shows_no_variable_and_nothing_that_was_posted():
    request = RequestFactory().post("/", {"comment": PASSWORD, "password": PASSWORD})

    text = report(request, anything=PASSWORD)

    assert "anything" in text
    assert "comment" in text
    assert PASSWORD not in text


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    "name",
    ["password", "old_password", "new_password1", "token", "refresh_token", "SECRET_KEY", "api_key", "credentials"],
)
def test_what_is_named_as_a_secret_is_hidden_with_debug_too(settings, debug, name):
    settings.DEBUG = debug
    request = RequestFactory().post(f"/?{name}={PASSWORD}", {name: PASSWORD})
    request.COOKIES[name] = request.META[f"HTTP_X_{name.upper()}"] = PASSWORD

    text = report(request, **{name: PASSWORD})

    assert name in text
    assert PASSWORD not in text


URLS = {
    "DATABASE_URL": "postgres://accounts:pw-1-in-the-url@db.example.com:5432/accounts",
    "CACHE_URL": "redis://:pw-2-in-the-url@cache.example.com:6379/0",
    "RATE_LIMIT_STORAGE_URI": "redis+sentinel://u:pw-3@in-the-url@limits.example.com:6379/1",
    "EMAIL_URL": "smtp+tls://mailer:pw-4-in-the-url@mail.example.com:587",
    "SENTRY_DSN": "https://pw-5-in-the-url@sentry.example.com/1",
    "BROKER": "amqp://guest:pw%2F6-in-the-url@queue.example.com//",
    "SEARCH": "https://search.example.com/?user=x&password=pw-7-in-the-url&index=1",
    "LIBPQ": "host=db.example.com user=accounts password=pw-8-in-the-url dbname=accounts",
    "EMAIL_HOST_PASSWORD": "pw-9-in-the-url",
    "OTHER_API_KEY": "pw-10-in-the-url",
}


@pytest.mark.parametrize("debug", [True, False])
def test_a_report_shows_no_password_of_a_url(monkeypatch, debug):
    """B05: the page of `make run` for a foreign Host showed DATABASE_URL, which runserver puts into META."""
    nested = {f"MORE_{name}": {"LOCATION": [value, (value, {"it": value})]} for name, value in URLS.items()}
    for name, value in URLS.items():
        monkeypatch.setenv(name, value)
    request = RequestFactory().get("/", **URLS, **{f"HTTP_{name}": value for name, value in URLS.items()})

    with override_settings(DEBUG=debug, **URLS, **nested):
        text = report(request)

    assert "in-the-url" not in text
    assert "cache.example.com:6379/0" in text
    assert "MORE_BROKER" in text


def test_the_page_for_a_foreign_host_shows_no_secret(monkeypatch):
    for name, value in URLS.items():
        monkeypatch.setenv(name, value)

    with override_settings(DEBUG=True, **URLS):
        response = Client().get("/graphql", headers={"host": "elsewhere.example.com"}, **URLS)

    assert response.status_code == 400
    assert "ALLOWED_HOSTS" in response.text
    assert "in-the-url" not in response.text
    assert project.SECRET_KEY not in response.text
    assert project.JWT_SIGNING_KEY not in response.text


def test_what_an_exception_says_is_redacted():
    token = "WyI4Iiwic2Vjb25kIl0:1vSaGw:" + "x" * 43

    text = report(None, **{f"{token} of ada@example.com at https://u:pw-in-the-url@example.com": 1})

    assert "[token] of [email] at https://[credentials]@example.com" in text
    assert not [secret for secret in ("x" * 43, "ada@example.com", "pw-in-the-url") if secret in text]
