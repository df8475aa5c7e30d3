"""The endpoint serves a schema without accounts, under WSGI and ASGI."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import RUNSERVER, Project, run, serving

SETTINGS = """
from config.settings import *

OF_ACCOUNTS = {"graphql_auth", "users", "django_tasks_db"}
INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in OF_ACCOUNTS]
AUTH_USER_MODEL = "auth.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
ROOT_URLCONF = "alone_urls"
GRAPHENE = {"SCHEMA": "alone_schema.schema"}
GRAPHQL_ENDPOINT = {"GRAPHIQL": True, "INTROSPECTION": False, "MAX_DEPTH": 3}
WSGI_APPLICATION = None
del GRAPHQL_AUTH, GRAPHQL_JWT
"""
URLS = """
from django.urls import include, path

urlpatterns = [path("", include("endpoint.urls"))]
"""
SCHEMA = """
import asyncio

import graphene


class Book(graphene.ObjectType):
    title = graphene.String()
    sequel = graphene.Field(lambda: Book)

    async def resolve_sequel(root, info):
        await asyncio.sleep(0.01)
        return Book(title=f"{root.title} again")


class Query(graphene.ObjectType):
    book = graphene.Field(Book)

    def resolve_book(root, info):
        return Book(title="Notes")


schema = graphene.Schema(query=Query)
"""
ASGI = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "django_asgi:application"]
APPLICATION = """
from django.core.asgi import get_asgi_application

application = get_asgi_application()
"""


@pytest.fixture(scope="module", params=["WSGI", "ASGI"])
def endpoint(
    request: pytest.FixtureRequest, rendered: Callable[[str, str], Project], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Serve a schema of books without accounts, after the system checks pass."""
    folder = tmp_path_factory.mktemp("alone")
    for name, text in {"settings": SETTINGS, "urls": URLS, "schema": SCHEMA}.items():
        (folder / f"alone_{name}.py").write_text(text)
    (folder / "django_asgi.py").write_text(APPLICATION)
    project = rendered("graphql", "username")
    surroundings = {"PYTHONPATH": f"{folder}:{project.path}", "DJANGO_SETTINGS_MODULE": "alone_settings"}
    run(sys.executable, "manage.py", "check", "--fail-level", "WARNING", cwd=project.path, **surroundings)
    command = RUNSERVER if request.param == "WSGI" else ASGI
    with serving(*command, cwd=project.path, log=folder / "log", **surroundings) as endpoint:
        yield endpoint


def test_a_schema_without_accounts_is_served(endpoint: str) -> None:
    answer = requests.post(endpoint, json={"query": "{ book { title } }"}, timeout=10)

    assert (answer.status_code, answer.json()) == (200, {"data": {"book": {"title": "Notes"}}})


def test_an_async_resolver_is_awaited(endpoint: str) -> None:
    answer = requests.post(endpoint, json={"query": "{ book { sequel { title } } }"}, timeout=10)

    assert answer.json() == {"data": {"book": {"sequel": {"title": "Notes again"}}}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ book { sequel { sequel { title } } } }", "QUERY_TOO_COMPLEX"),
        ("{ __schema { types { name } } }", "BAD_REQUEST"),
    ],
)
def test_its_limits_and_switches_hold(endpoint: str, query: str, code: str) -> None:
    errors = requests.post(endpoint, json={"query": query}, timeout=10).json()["errors"]

    assert {error["extensions"]["code"] for error in errors} == {code}


def test_its_graphiql_opens_without_tabs(endpoint: str) -> None:
    page = requests.get(endpoint, headers={"Accept": "text/html"}, timeout=10)

    assert page.status_code == 200
    assert '"tabs": []' in page.text


def test_the_endpoint_names_nothing_of_accounts(project: Project) -> None:
    imported = {(name, module) for name, module in project.imports() if name.startswith("endpoint/")}

    assert imported
    assert {module for _, module in imported} & {"graphql_auth", "users", "config", "graphql_jwt"} == set()
    source = "".join(Path(project.path, name).read_text() for name, _ in imported)
    assert "graphql_auth" not in source
