"""Deployment checks."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.core.checks import ERROR, WARNING
from django.core.management import call_command
from django.db import OperationalError

from graphql_auth import checks
from graphql_auth.checks.production import DEMO_EMAILS, LONGEST
from graphql_auth.mails.queue import ImmediateBackend
from tests.conftest import PASSWORD
from tests.graphql_auth.settings.helpers import ALL_LIMITS, SCOPES, complaints, jwt


@pytest.fixture
def in_production(settings, monkeypatch):
    """Use settings that pass `check --deploy`."""
    monkeypatch.setenv("DATABASE_URL", os.environ.get("DATABASE_URL", "sqlite:////tmp/db.sqlite3"))
    settings.DEFAULT_FROM_EMAIL = "us@example.com"
    settings.ALLOWED_HOSTS = ["www.example.com"]
    settings.FRONTEND_URL = "https://www.example.com"
    settings.RATE_LIMIT_STORAGE_URI = "redis://127.0.0.1:6379/1"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.EMAIL_HOST = "mail.example.com"
    settings.EMAIL_USE_TLS = True
    settings.TRUSTED_PROXIES = 1
    settings.GRAPHQL_AUTH = {
        "USERS_QUERY": "staff",
        "PREVENT_ENUMERATION": True,
    }
    assert complaints(deploy=True) == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("FRONTEND_URL", "http://www.example.com", "W116"),
        ("RATE_LIMIT_STORAGE_URI", "memory://", "W117"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "W118"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "W120"),
        ("DEFAULT_FROM_EMAIL", "webmaster@localhost", "W121"),
        ("ALLOWED_HOSTS", ["*"], "W122"),
        ("TASKS", {"default": {"BACKEND": f"{ImmediateBackend.__module__}.ImmediateBackend"}}, "W141"),
        ("ALLOWED_HOSTS", ["www.example.com", "https://api.example.com"], "W122"),
        ("TRUSTED_PROXIES", None, "E130"),
        ("TRUSTED_PROXIES", 0, "W131"),
        ("EMAIL_USE_TLS", False, "E133"),
        ("GRAPHQL_JWT", jwt(JWT_EXPIRATION_DELTA=timedelta(days=365)), "W137"),
        ("GRAPHQL_JWT", jwt(JWT_REFRESH_EXPIRATION_DELTA=timedelta(days=365)), "W137"),
        ("GRAPHQL_JWT", jwt(JWT_LEEWAY=3600), "W137"),
        ("DEFAULT_EXCEPTION_REPORTER", "django.views.debug.ExceptionReporter", "W139"),
        ("DEFAULT_EXCEPTION_REPORTER_FILTER", "django.views.debug.SafeExceptionReporterFilter", "W139"),
    ],
)
def test_a_problem_in_production_is_reported_only_there(in_production, settings, name, value, code):
    """A04, B06, B07, B18."""
    setattr(settings, name, value)

    assert code not in {found.id.removeprefix("graphql_auth.") for found in complaints()}
    (found,) = complaints(deploy=True)
    assert found.id == f"graphql_auth.{code}"
    assert found.msg
    assert found.hint.startswith(("Set ", "Put a proxy that buffers"))


@pytest.mark.parametrize(
    ("values", "code", "message", "hint"),
    [
        ({"RATE_LIMITS": {}}, "W134", f"no limit for {', '.join(SCOPES)}: anybody", "Remove the key RATE_LIMITS"),
        ({"RATE_LIMITS": ALL_LIMITS | {"login": ""}}, "W134", "no limit for login: anybody", "a limit like '20/hour'"),
        ({"RATE_LIMITS": {"login": "5/hour"}}, "W013", "lacks login_account, login_client,", '"login_account":'),
        ({"RATE_LIMITS": ALL_LIMITS | {"login": "1000/second"}}, "W134", "86400000 attempts per day", "5/15 minutes"),
        ({"RATE_LIMITS": ALL_LIMITS | {"mail_address": "10/minute"}}, "W134", "14400 attempts per day", "5/15 minutes"),
        ({"RATE_LIMITS": ALL_LIMITS | {"login": "0/hour"}}, "W134", "0 attempts per day", "5/15 minutes"),
        ({"USERS_QUERY": "public"}, "W136", "USERS_QUERY is 'public'", "Set USERS_QUERY to 'staff'"),
        ({"USERS_QUERY": "authenticated"}, "W136", "USERS_QUERY is 'authenticated'", "Set USERS_QUERY to 'staff'"),
        *(
            ({name: longest + timedelta(seconds=1)}, "W137", f"['{name}'] is", f"Set it to {longest} or less")
            for name, longest in LONGEST.items()
        ),
    ],
)
def test_an_open_setting_in_production_is_reported_with_its_fix(in_production, configure, values, code, message, hint):
    """B18: `check --deploy` was silent."""
    configure(**values)

    (found,) = complaints(deploy=True)

    assert found.id == f"graphql_auth.{code}"
    assert message in found.msg
    assert hint in found.hint


def test_users_may_be_listed_where_nothing_is_kept_secret(in_production, configure):
    configure(USERS_QUERY="public", PREVENT_ENUMERATION=False)

    assert complaints(deploy=True) == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_mail_server_on_this_machine_needs_no_encryption(in_production, settings, host):
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST = host

    assert complaints(deploy=True) == []


def test_a_database_that_nobody_chose_is_an_error_in_production(in_production, monkeypatch):
    """B07: DATABASE_URL missing in production was an empty SQLite file."""
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setitem(project.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")

    (found,) = complaints(deploy=True)

    assert found.id == "graphql_auth.E132"
    assert found.hint.startswith("Set DATABASE_URL to a URL like 'postgres://")


def test_demo_users_in_production_are_an_error(in_production, db, settings):
    """B18: the README has their password."""
    settings.PASSWORD_HASHERS = ["graphql_auth.hashers.Argon2PasswordHasher"]
    call_command("loaddata", "users", verbosity=0)
    changed, *others = get_user_model().objects.filter(email__in=DEMO_EMAILS).order_by("pk")
    changed.set_password(PASSWORD)
    changed.save()

    (found,) = complaints(deploy=True)

    assert found.id == "graphql_auth.E138"
    assert found.msg.endswith(f": {', '.join(user.get_username() for user in others)}.")
    assert found.hint.startswith("Delete them")


def test_looking_for_demo_users_takes_one_query_and_no_hash(in_production, verified, django_assert_num_queries, hashes):
    with django_assert_num_queries(1):
        assert complaints(deploy=True) == []

    assert hashes() == 0


def test_a_database_that_cannot_be_read_does_not_stop_the_checks(in_production, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("no such table")

    monkeypatch.setattr(get_user_model()._default_manager, "filter", fail)

    assert complaints(deploy=True) == []


def test_what_stops_production_is_a_warning_while_debug_is_on(in_production, settings):
    settings.TRUSTED_PROXIES = None
    (stops,) = complaints(deploy=True)

    settings.DEBUG = True
    (warns,) = complaints(deploy=True)

    assert (stops.id, stops.level) == (warns.id, ERROR)
    assert warns.level == WARNING


def test_each_check_is_listed_in_one_place():
    folder = Path(checks.__file__).parent
    given = {id for module in folder.glob("*.py") for id in re.findall(r'id="(graphql_auth\.\w+)"', module.read_text())}

    # Unknown keys and wrong types are errors of every mapping of settings: endpoint/checks.py has them.
    given |= {"graphql_auth.E001", "graphql_auth.E002"}
    assert given == {*re.findall(r"^graphql_auth\.\w+", checks.__doc__, re.MULTILINE)}
