"""Headers, cookies and middleware around the endpoint."""

from datetime import timedelta

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.conf import settings as project
from django.http import JsonResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import AsyncClient
from django.test.utils import override_script_prefix
from django.urls import reverse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.module_loading import import_string

from endpoint.middleware import PageMiddleware
from graphql_auth import sessions
from graphql_auth.models import Session
from tests.endpoint.helpers import ME, QUESTION, root_selection, send

COOKIE = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.parametrize("apart", [True, False], ids=["apart from pages", "like pages"])
def test_a_session_cookie_is_ignored(api, settings, verified, apart):
    """D23: so no CSRF token is needed."""
    if not apart:
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "APIMiddleware" not in name]
    api.client.force_login(verified, COOKIE)
    api.client.handler.enforce_csrf_checks = True

    assert api.query(ME) == {"me": None}


class ForPages(PageMiddleware, MiddlewareMixin):
    """A middleware that fails, and that API requests skip."""

    def process_request(self, request):
        raise AssertionError("This is a page.")


@pytest.fixture
def for_pages(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{ForPages.__name__}"]


def test_the_middleware_of_the_pages_is_theirs_alone(api, for_pages):
    assert api.query(ME) == {"me": None}
    with pytest.raises(AssertionError, match="a page"):
        api.client.post(reverse("admin:login"), QUESTION, content_type="application/json")
    with pytest.raises(AssertionError, match="a page"):
        api.client.get(reverse("graphql"))


def test_the_middleware_of_the_pages_is_theirs_alone_behind_a_prefix(api, for_pages):
    path = reverse("graphql")

    with override_script_prefix("/site/"):
        assert reverse("graphql") == f"/site{path}"
        response = api.client.post(path, QUESTION, content_type="application/json", SCRIPT_NAME="/site")

    assert response.json() == {"data": {"me": None}}


def test_the_middleware_of_the_pages_is_theirs_alone_under_asgi(for_pages):
    response = async_to_sync(AsyncClient().post)(reverse("graphql"), QUESTION, content_type="application/json")

    assert response.json() == {"data": {"me": None}}


@pytest.mark.parametrize("name", ["PageSession", "PageAuthentication", "PageMessage", "PageCSP"])
def test_the_api_skips_the_sessions_and_messages_of_the_pages(api, settings, name):
    [path] = [path for path in settings.MIDDLEWARE if path.endswith(f".{name}Middleware")]
    skipped = import_string(path)

    assert issubclass(skipped, PageMiddleware)
    assert api.post(ME).wsgi_request.__dict__.keys().isdisjoint({"session", "_messages", "csp_nonce"})


# Middleware of one's own


SEEN = []


def noting(get_response):
    """Note the requests and the users that a middleware made of a function sees."""

    def note(request):
        response = get_response(request)
        SEEN.extend(["called", str(request.user)])
        return response

    return note


class Noting(MiddlewareMixin):
    """Notes each hook of a middleware that is called."""

    def process_request(self, request):
        SEEN.append("process_request")

    def process_view(self, request, view, args, kwargs):
        SEEN.append("process_view")

    def process_exception(self, request, exception):
        SEEN.append("process_exception")
        return JsonResponse({"failed": type(exception).__name__})

    def process_template_response(self, request, response):
        SEEN.append("process_template_response")
        return response

    def process_response(self, request, response):
        SEEN.append("process_response")
        return response


PLACES = range(len(project.MIDDLEWARE) + 1)
USUAL = ["process_request", "process_view", "process_response"]


@pytest.fixture
def seen(settings):
    """Return a function that adds a middleware at a place, and returns the list of what it sees."""

    def seen(middleware, place):
        settings.MIDDLEWARE = [*project.MIDDLEWARE]
        settings.MIDDLEWARE.insert(place, f"{__name__}.{middleware.__name__}")
        SEEN.clear()
        return SEEN

    return seen


@pytest.mark.parametrize("place", PLACES)
def test_each_middleware_sees_api_requests_wherever_it_is_listed(api, seen, place):
    """After APIMiddleware it saw none, and before it `process_view` was not called."""
    hooks = seen(Noting, place)

    assert api.query(ME) == {"me": None}
    assert hooks == USUAL


@pytest.mark.parametrize("place", PLACES)
def test_each_middleware_made_of_a_function_sees_the_user_of_a_request(api, seen, verified, place):
    called = seen(noting, place)

    assert api.query(ME, login=verified) == {"me": {"email": verified.email}}
    assert called == ["called", str(verified)]


@pytest.mark.parametrize("place", PLACES)
def test_each_middleware_handles_what_escapes_from_the_endpoint(api, seen, monkeypatch, place):
    hooks = seen(Noting, place)

    def fail(*arguments):
        raise RuntimeError("the secret")

    monkeypatch.setattr("endpoint.view.documents.read", fail)

    assert api.post(ME).json() == {"failed": "RuntimeError"}
    assert hooks == [*USUAL[:2], "process_exception", USUAL[2]]


@pytest.mark.parametrize("place", PLACES)
def test_each_middleware_sees_api_requests_under_asgi(seen, place):
    hooks = seen(Noting, place)

    response = async_to_sync(AsyncClient().post)(reverse("graphql"), QUESTION, content_type="application/json")

    assert response.json() == {"data": {"me": None}}
    assert hooks == USUAL


class Rendering(MiddlewareMixin):
    """Answers with a template, as some middleware does."""

    def process_view(self, request, view, args, kwargs):
        return TemplateResponse(request, engines["django"].from_string("from a template"))


def test_a_response_with_a_template_is_passed_to_middleware(api, seen, settings):
    hooks = seen(Noting, 0)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{Rendering.__name__}"]

    assert api.post(ME).content == b"from a template"
    assert "process_template_response" in hooks


@pytest.mark.parametrize("place", ["after AuthenticationMiddleware", "at the end"])
def test_the_api_decides_itself_who_must_log_in(api, settings, verified, place):
    at = len(project.MIDDLEWARE)
    if place != "at the end":
        at = next(number for number, path in enumerate(project.MIDDLEWARE) if "Authentication" in path) + 1
    required = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*project.MIDDLEWARE[:at], required, *project.MIDDLEWARE[at:]]

    assert api.query(ME) == {"me": None}
    assert api.query(ME, login=verified) == {"me": {"email": verified.email}}


@pytest.mark.parametrize(
    ("method", "body", "status"), [("POST", QUESTION, 200), ("POST", "[1]", 400), ("GET", "", 405)], ids=str
)
def test_a_response_is_not_cached_and_cannot_be_framed(api, method, body, status):
    response = send(api, body, method)

    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


def test_a_host_that_is_not_ours_is_refused(api):
    assert send(api, QUESTION, HTTP_HOST="evil.example.org").status_code == 400


def test_the_endpoint_answers_under_asgi_too():
    response = async_to_sync(AsyncClient().post)(reverse("graphql"), QUESTION, content_type="application/json")

    assert response.json() == {"data": {"me": None}}


def test_the_header_counts_beside_a_session_cookie(api, verified, unverified):
    """J03: a session beat the header."""
    api.client.force_login(verified, COOKIE)

    assert api.query(ME, login=unverified) == {"me": {"email": unverified.email}}


def test_a_request_without_a_token_is_anonymous_after_one_with_a_token(api, verified):
    """J03: an identity does not bleed into what follows."""
    assert api.query(ME, login=verified) == {"me": {"email": verified.email}}
    assert api.query(ME) == {"me": None}


def test_a_request_is_authenticated_once(api, verified, django_assert_num_queries):
    """J03: one query, however many fields there are."""
    token = sessions.start(verified).token
    document = "{ " + " ".join(f"a{number}: me {{ email verified archived }}" for number in range(10)) + " }"

    with django_assert_num_queries(1):
        answer = api.query(document, login=token)

    assert {me["email"] for me in answer.values()} == {verified.email}


def test_an_expired_header_does_not_keep_a_client_from_refreshing(mutate, verified):
    """J02: nor from any other public mutation."""
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        tokens = sessions.start(verified)

    with time_machine.travel(start + timedelta(minutes=6), tick=False):
        answer = mutate("refreshToken", login=tokens.token, refresh_token=tokens.refresh_token)
        others = mutate("tokenAuth", login=tokens.token, email=verified.email, password="wrong")

    assert answer["success"] is True
    assert others["errors"]["nonFieldErrors"][0]["code"] == "invalid_credentials"


@pytest.mark.parametrize("listed", [True, False])
def test_a_page_elsewhere_may_read_answers_only_when_it_is_listed(api, settings, listed):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"] if listed else []
    origin = {"HTTP_ORIGIN": "https://app.example.com"}
    preflight = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST", **origin}

    answers = [send(api, QUESTION, **origin), api.client.options(reverse("graphql"), **preflight)]

    for response in answers:
        assert response.get("Access-Control-Allow-Origin") == ("https://app.example.com" if listed else None)
        assert "Access-Control-Allow-Credentials" not in response


def test_an_origin_that_looks_like_a_listed_one_is_not_listed(api, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]

    for origin in ("https://app.example.com.evil.org", "http://app.example.com", "null"):
        assert "Access-Control-Allow-Origin" not in send(api, QUESTION, HTTP_ORIGIN=origin)


def test_a_refused_request_leaves_nothing_behind(api, configure_endpoint, verified):
    configure_endpoint(MAX_ALIASES=1)
    head, selection, variables = root_selection("tokenAuth", email=verified.email, password="correct-horse-battery")

    api.post(f"{head} {{ a: {selection} b: {selection} }}", variables)

    assert not Session.objects.exists()
