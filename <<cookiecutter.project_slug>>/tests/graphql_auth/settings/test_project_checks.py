"""System checks of the project that uses the app."""

from secrets import token_urlsafe

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.utils.module_loading import import_string

from graphql_auth.checks.project import MIDDLEWARE
from tests.graphql_auth.settings.helpers import complaints, jwt


def without(name, item):
    """Return the list of the setting `name` without an item."""
    return [other for other in getattr(project, name) if other != item]


def without_middleware(path):
    """Return MIDDLEWARE without a class and its subclasses."""
    return [other for other in project.MIDDLEWARE if not issubclass(import_string(other), import_string(path))]


@pytest.mark.parametrize(
    ("name", "value", "code", "message", "hint"),
    [
        (
            "AUTHENTICATION_BACKENDS",
            ["django.contrib.auth.backends.ModelBackend"],
            "E101",
            "authentication backend",
            "Add 'graphql_auth.backends.GraphQLAuthBackend' and 'graphql_auth.backends.AccountBackend' to",
        ),
        (
            "AUTHENTICATION_BACKENDS",
            without("AUTHENTICATION_BACKENDS", "graphql_auth.backends.AccountBackend"),
            "E101",
            "authentication backend",
            "Add 'graphql_auth.backends.AccountBackend' to AUTHENTICATION_BACKENDS.",
        ),
        ("PASSWORD_HASHES_AT_ONCE", 0, "E119", "PASSWORD_HASHES_AT_ONCE is 0.", "1 or more"),
        ("PASSWORD_HASHES_WAITING", -1, "E119", "PASSWORD_HASHES_WAITING is -1.", "0 or more"),
        ("GRAPHQL_JWT", jwt(JWT_SECRET_KEY="short"), "E102", "has fewer than 32 bytes", "Set JWT_SIGNING_KEY"),
        ("GRAPHQL_JWT", jwt(JWT_SECRET_KEY="x" * 31), "E102", "has fewer than 32 bytes", "Set JWT_SIGNING_KEY"),
        ("GRAPHQL_JWT", jwt(JWT_SECRET_KEY="x" * 50), "E102", "repeats a few characters", "Set JWT_SIGNING_KEY"),
        ("GRAPHQL_JWT", jwt(JWT_SECRET_KEY="changeme" * 5), "E102", "repeats a few characters", "Set JWT_SIGNING_KEY"),
        ("GRAPHQL_JWT", jwt(JWT_SECRET_KEY=""), "E102", "is not set", "Set JWT_SIGNING_KEY"),
        ("GRAPHQL_JWT", jwt(JWT_SECRET_KEY=None), "E102", "is SECRET_KEY", "Set JWT_SIGNING_KEY"),
        ("GRAPHQL_JWT", jwt(JWT_SECRET_KEY=project.SECRET_KEY), "E102", "is SECRET_KEY", "Set JWT_SIGNING_KEY"),
        ("GRAPHQL_JWT", jwt(JWT_EXPIRATION=1), "E111", "unknown key: JWT_EXPIRATION.", "Did you mean JWT_"),
        ("GRAPHQL_JWT", jwt(SOMETHING=1), "E111", "unknown key: SOMETHING.", "Remove it."),
        ("GRAPHQL_JWT", jwt(JWT_VERIFY_EXPIRATION=False), "E112", "forever", '{"JWT_VERIFY_EXPIRATION": True'),
        ("GRAPHQL_JWT", jwt(JWT_VERIFY_EXPIRATION=None), "E112", "forever", '{"JWT_VERIFY_EXPIRATION": True'),
        ("GRAPHQL_JWT", jwt(JWT_VERIFY=False), "E112", "forever", '{"JWT_VERIFY": True'),
        ("GRAPHQL_JWT", jwt(JWT_ALGORITHM="none"), "E113", "['JWT_ALGORITHM'] is 'none'", "HS256, HS384, HS512"),
        ("GRAPHQL_JWT", jwt(JWT_ALGORITHM="RS256"), "E113", "['JWT_ALGORITHM'] is 'RS256'", "HS256, HS384, HS512"),
        ("GRAPHENE", {"SCHEMA": "config.schema.shema"}, "E107", "cannot be loaded", "GRAPHENE['SCHEMA']"),
        ("INSTALLED_APPS", without("INSTALLED_APPS", "django_filters"), "E108", "django_filters", "INSTALLED_APPS."),
        *(
            ("MIDDLEWARE", without_middleware(name), "W109", name, f"Add {name!r} to MIDDLEWARE.")
            for name in MIDDLEWARE
        ),
        ("FRONTEND_URL", "app.example.com", "E103", "FRONTEND_URL", "https://www.example.com"),
        ("FRONTEND_URL", "https://", "E103", "FRONTEND_URL", "https://www.example.com"),
        ("FRONTEND_URL", "https://example.com/?next=", "E103", "FRONTEND_URL", "without ? or #"),
        ("FRONTEND_URL", "https://example.com/#/", "E103", "FRONTEND_URL", "without ? or #"),
        ("FRONTEND_URL", "https://example.com ", "E103", "FRONTEND_URL", "without ? or #"),
        ("FRONTEND_URL", "https://example.com:port", "E103", "FRONTEND_URL", "without ? or #"),
        ("FRONTEND_URL", None, "E103", "FRONTEND_URL", "without ? or #"),
        ("TRUSTED_PROXIES", -1, "E114", "TRUSTED_PROXIES is -1.", "0 or more"),
        ("TRUSTED_PROXIES", "1", "E114", "TRUSTED_PROXIES is '1'.", "0 or more"),
        ("TRUSTED_PROXIES", True, "E114", "TRUSTED_PROXIES is True.", "0 or more"),
        ("EMAIL_TIMEOUT", 0, "E140", "EMAIL_TIMEOUT is 0:", "such as 10"),
        ("EMAIL_TIMEOUT", -1, "E140", "EMAIL_TIMEOUT is -1:", "such as 10"),
        ("EMAIL_TIMEOUT", None, "E140", "EMAIL_TIMEOUT is None:", "such as 10"),
        ("RATE_LIMIT_STORAGE_URI", "nonsense", "E115", "RATE_LIMIT_STORAGE_URI", "'redis://127.0.0.1:6379/1'"),
        ("RATE_LIMIT_STORAGE_URI", "memcached://127.0.0.1:1", "E115", "RATE_LIMIT_STORAGE_URI", "'redis://"),
        ("RATE_LIMIT_STORAGE_URI", None, "E115", "RATE_LIMIT_STORAGE_URI", "'redis://127.0.0.1:6379/1'"),
        ("GRAPHQL_AUTH", None, "E002", "GRAPHQL_AUTH is a NoneType.", "GRAPHQL_AUTH = {...}"),
        ("GRAPHQL_AUTH", ["x"], "E002", "GRAPHQL_AUTH is a list.", "GRAPHQL_AUTH = {...}"),
    ],
)
def test_a_problem_of_the_project_is_reported_with_its_fix(name, value, code, message, hint):
    with override_settings(**{name: value}):
        (found,) = complaints()

    assert found.id == f"graphql_auth.{code}"
    assert message in found.msg
    assert hint in found.hint


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("GRAPHQL_AUTH", {5: 6}, "E001"),
        ("GRAPHQL_JWT", None, "E105"),
        ("GRAPHQL_JWT", jwt(JWT_ALLOW_ANY_CLASSES=5), "E105"),
        ("GRAPHQL_JWT", jwt(JWT_ALLOW_ANY_CLASSES=["no.such.Class"]), "E106"),
        ("GRAPHQL_JWT", jwt(JWT_ALGORITHM=5), "E113"),
        ("GRAPHENE", {"SCHEMA": "no.such.schema"}, "E107"),
        ("FRONTEND_URL", 5, "E103"),
        ("RATE_LIMIT_STORAGE_URI", 5, "E115"),
        ("GRAPHQL_AUTH", {"RATE_LIMITS": {5: 5}}, "E010"),
    ],
)
def test_nonsense_does_not_stop_the_checks(name, value, code):
    with override_settings(**{name: value}):
        assert f"graphql_auth.{code}" in {found.id for found in complaints(deploy=True)}


@pytest.mark.parametrize(
    ("key", "weakness"),
    [
        ("a-key-that-is-not-long-enough", "has fewer than 32 bytes"),
        ("x" * 32, "repeats a few characters"),
        (project.SECRET_KEY, "is SECRET_KEY"),
        ("", "is not set"),
    ],
)
def test_a_former_key_of_the_tokens_is_as_good_as_the_present_one(settings, key, weakness):
    settings.JWT_SIGNING_KEY_FALLBACKS = [token_urlsafe(50), key]

    (found,) = [found for found in complaints() if found.id == "graphql_auth.E102"]

    assert weakness in found.msg
    assert found.hint.startswith("Remove it")


def test_an_address_must_be_unique(monkeypatch):
    """D05."""
    monkeypatch.setattr(get_user_model()._meta.get_field("email"), "unique", False)

    assert "graphql_auth.E110" in {found.id for found in complaints()}


@pytest.mark.parametrize(
    ("path", "frontend", "reported"),
    [
        (None, "https://example.com/app", False),
        ("/shop", "https://example.com/shop/", False),
        ("/shop", "https://app.example.com", False),
        ("/shop", "https://example.com", True),
        ("/shop", "https://example.com/app", True),
    ],
)
def test_links_beside_a_site_below_a_path_are_reported(path, frontend, reported):
    with override_settings(FORCE_SCRIPT_NAME=path, FRONTEND_URL=frontend, ALLOWED_HOSTS=["example.com"]):
        found = complaints()

    assert [message.id for message in found] == ["graphql_auth.I144"] * reported
