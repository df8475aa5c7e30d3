"""Every rendered project passes its own checks and tests, and both flavours have the same mutations."""

import json
import os
import shlex
import sys
from collections.abc import Callable

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, build_schema, get_named_type, parse, validate

from tests.conftest import Project, make, require_server, run

PRODUCTION = {
    "DEBUG": "False",
    "ALLOWED_HOSTS": "api.example.com",
    "DATABASE_URL": "sqlite:///db.sqlite3",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
    "MAIL_QUEUE": "database",
    "DEFAULT_FROM_EMAIL": "accounts@example.com",
    "FRONTEND_URL": "https://www.example.com",
    "CORS_ALLOWED_ORIGINS": "https://www.example.com",
    "SECURE_HSTS_SECONDS": "31536000",
    "CACHE_URL": "redis://127.0.0.1:6379/0",
    "RATE_LIMIT_STORAGE_URI": "redis://127.0.0.1:6379/1",
    "TRUSTED_PROXIES": "1",
}

SUITE = [sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "2", "-rs"]
# Why tests are skipped in a project that has removed what they are about.
REMOVED = ("In this project", "docs/operations.graphql")
# Tests of what the two answers shape together: names of accounts in documents, arguments and outputs.
OF_BOTH_ANSWERS = [
    "tests/test_schema.py",
    *(f"tests/graphql_auth/{name}" for name in ("login", "registration", "users")),
]


@pytest.mark.long(minutes=1)
def test_make_check_passes(project: Project) -> None:
    make("check", project)


# Two whole suites: between them each test runs in each flavour, with each login field and on each database.
@pytest.mark.long(minutes=4)
def test_the_suite_passes_on_sqlite(rendered: Callable[[str, str], Project]) -> None:
    project = rendered("graphql", "username")
    if "COVERAGE" in os.environ:  # takes as long again
        assert "Required test coverage of 95.0% reached" in make("test", project)
    else:
        run(*SUITE, cwd=project.path)


def test_make_test_fails_where_too_little_is_covered(
    rendered: Callable[[str, str], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", f"{os.environ['PYTEST_ADDOPTS']} tests/test_schema.py")

    with pytest.raises(AssertionError, match=r"Required test coverage of 95\.0% not reached"):
        make("test", rendered("graphql", "username"))


@pytest.mark.long(minutes=1)
@pytest.mark.parametrize(("api", "login_field"), [("graphql", "email"), ("relay", "username")])
def test_what_both_answers_shape_passes_in_the_other_combinations(
    rendered: Callable[[str, str], Project], api: str, login_field: str
) -> None:
    done = run(*SUITE, *OF_BOTH_ANSWERS, cwd=rendered(api, login_field).path)
    assert not any(reason in done.stdout for reason in REMOVED)


@pytest.mark.long(minutes=4)
def test_the_suite_passes_on_postgresql(rendered: Callable[[str, str], Project]) -> None:
    require_server("PostgreSQL", 5432, "with trust for the user postgres")
    database = "postgres://postgres@127.0.0.1:5432/rendered"
    done = run(*SUITE, cwd=rendered("relay", "email").path, DATABASE_URL=database)
    assert not any(reason in done.stdout for reason in REMOVED)


def test_make_check_passes_with_odd_answers_and_so_do_the_tests_of_what_shows_them(odd_project: Project) -> None:
    make("check", odd_project)
    accounts = [f"tests/graphql_auth/{name}" for name in ("mails", "pages", "admin", "test_mail_preview.py")]
    run(*SUITE, "tests/endpoint/test_graphiql.py", *accounts, cwd=odd_project.path)


def test_two_thousand_documents_are_read_in_proportion_to_their_length(rendered: Callable[[str, str], Project]) -> None:
    run(*SUITE, "tests/endpoint/test_documents.py", cwd=rendered("relay", "username").path, DOCUMENTS="2000")


def test_the_deployment_check_has_nothing_to_say_about_production(project: Project) -> None:
    run(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", cwd=project.path, **PRODUCTION)


@pytest.mark.parametrize("login_field", ["username", "email"])
def test_both_flavours_offer_the_same_mutations(rendered: Callable[[str, str], Project], login_field: str) -> None:
    plain, relay = (mutations(rendered(api, login_field)) for api in ("graphql", "relay"))
    assert len(plain) == 19
    assert plain == relay


def test_the_requests_of_the_readme_fit_the_schema(project: Project) -> None:
    readme = (project.path / "README.md").read_text()
    requests = [json.loads(shlex.split(line)[-1])["query"] for line in readme.splitlines() if line.startswith("curl ")]
    schema = build_schema((project.path / "schema.graphql").read_text())
    assert len(requests) == 2
    assert [error for request in requests for error in validate(schema, parse(request))] == []


def mutations(project: Project) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Map each mutation of the project's printed schema to its arguments and its outputs, with their types.

    Omits what Relay adds: the input object around the arguments, and clientMutationId.
    """
    mutation = build_schema((project.path / "schema.graphql").read_text()).mutation_type
    assert mutation
    offered = {}
    for name, field in mutation.fields.items():
        arguments = field.args
        if "input" in arguments:
            given = get_named_type(arguments["input"].type)
            assert isinstance(given, GraphQLInputObjectType)
            arguments = given.fields
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        offered[name] = tuple(
            {key: str(value.type) for key, value in fields.items() if key != "clientMutationId"}
            for fields in (arguments, payload.fields)
        )
    return offered
