"""The settings, and the checks of `manage.py check`."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe

import pytest
import time_machine
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.core.checks import ERROR, WARNING, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone
from graphene.utils.str_converters import to_snake_case

from config.env import Env
from config.schema import schema
from endpoint.conf import EndpointSettings
from graphql_auth import checks, tokens
from graphql_auth.api.base import AccountMutation
from graphql_auth.checks.production import DEMO_EMAILS, LONGEST
from graphql_auth.checks.project import MIDDLEWARE
from graphql_auth.conf import DEVELOPMENT, SETTINGS, AuthSettings, auth_settings
from graphql_auth.errors import AccountError
from graphql_auth.mails import kinds, rendering
from graphql_auth.mails.queue import ImmediateBackend
from graphql_auth.visible import STATUS_FIELDS
from tests.conftest import PASSWORD, refused

# % if cookiecutter.login_field == "username"
IDENTIFIERS = ["email", "username"]
# % else
IDENTIFIERS = ["email"]
# % endif
DEFAULTS = {
    "ALLOW_LOGIN_NOT_VERIFIED": True,
    "LOGIN_ALLOWED_FIELDS": IDENTIFIERS,
    "ALLOW_LOGIN_WITH_SECONDARY_EMAIL": True,
    "SESSION_LIFETIME": timedelta(days=30),
    "REFRESH_TOKEN_GRACE": timedelta(seconds=10),
    "REGISTER_MUTATION_FIELDS": IDENTIFIERS,
    "REGISTER_MUTATION_FIELDS_OPTIONAL": [],
    "UPDATE_MUTATION_FIELDS": {"first_name": "String", "last_name": "String"},
    "ALLOW_DELETE_ACCOUNT": False,
    "ALLOW_PASSWORDLESS_REGISTRATION": False,
    "SEND_PASSWORD_SET_EMAIL": False,
    "SEND_ACTIVATION_EMAIL": True,
    "EXPIRATION_ACTIVATION_TOKEN": timedelta(days=7),
    "EXPIRATION_PASSWORD_RESET_TOKEN": timedelta(hours=1),
    "EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN": timedelta(hours=1),
    "EXPIRATION_PASSWORD_SET_TOKEN": timedelta(days=7),
    "EMAIL_RETRY_DELAYS": [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720)],
    "EMAIL_FROM": None,
    "ACTIVATION_PATH_ON_EMAIL": "activate",
    "ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL": "activate-secondary",
    "PASSWORD_SET_PATH_ON_EMAIL": "password-set",
    "PASSWORD_RESET_PATH_ON_EMAIL": "password-reset",
    "EMAIL_SUBJECT_ACTIVATION": "email/activation_subject.txt",
    "EMAIL_SUBJECT_ACTIVATION_RESEND": "email/activation_resend_subject.txt",
    "EMAIL_SUBJECT_SECONDARY_EMAIL_ACTIVATION": "email/secondary_email_activation_subject.txt",
    "EMAIL_SUBJECT_PASSWORD_SET": "email/password_set_subject.txt",
    "EMAIL_SUBJECT_PASSWORD_RESET": "email/password_reset_subject.txt",
    "EMAIL_SUBJECT_ACCOUNT_EXISTS": "email/account_exists_subject.txt",
    "EMAIL_SUBJECT_EMAIL_CHANGED": "email/email_changed_subject.txt",
    "EMAIL_SUBJECT_SECONDARY_EMAIL_CHANGED": "email/secondary_email_changed_subject.txt",
    "EMAIL_SUBJECT_ACCOUNT_UNVERIFIED_EXISTS": "email/account_unverified_exists_subject.txt",
    "EMAIL_SUBJECT_ACCOUNT_CLOSED_EXISTS": "email/account_closed_exists_subject.txt",
    "EMAIL_TEMPLATE_ACTIVATION": "email/activation_email.html",
    "EMAIL_TEMPLATE_ACTIVATION_RESEND": "email/activation_resend_email.html",
    "EMAIL_TEMPLATE_SECONDARY_EMAIL_ACTIVATION": "email/secondary_email_activation_email.html",
    "EMAIL_TEMPLATE_PASSWORD_SET": "email/password_set_email.html",
    "EMAIL_TEMPLATE_PASSWORD_RESET": "email/password_reset_email.html",
    "EMAIL_TEMPLATE_ACCOUNT_EXISTS": "email/account_exists_email.html",
    "SECURITY_MAILS": True,
    "EMAIL_SUBJECT_SESSION_REUSED": "email/session_reused_subject.txt",
    "EMAIL_TEMPLATE_SESSION_REUSED": "email/session_reused_email.html",
    "EMAIL_TEMPLATE_EMAIL_CHANGED": "email/email_changed_email.html",
    "EMAIL_TEMPLATE_SECONDARY_EMAIL_CHANGED": "email/secondary_email_changed_email.html",
    # % if cookiecutter.login_field == "username"
    "RESERVED_USERNAMES": SETTINGS["RESERVED_USERNAMES"].default,
    # % endif
    "EMAIL_TEMPLATE_ACCOUNT_UNVERIFIED_EXISTS": "email/account_unverified_exists_email.html",
    "EMAIL_TEMPLATE_ACCOUNT_CLOSED_EXISTS": "email/account_closed_exists_email.html",
    "EMAIL_TEMPLATE_VARIABLES": {},
    "USER_NODE_FILTER_FIELDS": {
        "email": ["exact"],
        # % if cookiecutter.login_field == "username"
        "username": ["exact", "icontains", "istartswith"],
        # % endif
        "is_active": ["exact"],
        "status__archived": ["exact"],
        "status__verified": ["exact"],
        "status__secondary_email": ["exact"],
    },
    "USER_NODE_EXCLUDE_FIELDS": ["password", "is_superuser"],
    "USER_PUBLIC_FIELDS": [
        "id",
        # % if cookiecutter.login_field == "username"
        "username",
        # % endif
    ],
    "CUSTOM_ERROR_TYPE": None,
}
BY_DEBUG = {
    True: {"PREVENT_ENUMERATION": False, "USERS_QUERY": "public"},
    False: {"PREVENT_ENUMERATION": True, "USERS_QUERY": "staff"},
}
SCOPES = [
    "login",
    "login_account",
    "login_client",
    "login_total",
    "mail_address",
    "mail_client",
    "register_client",
    "refresh",
]
ALL_LIMITS = dict.fromkeys(SCOPES, "5/hour")
PUBLIC = {
    "register",
    "verifyAccount",
    "disownAccount",
    "resendActivationEmail",
    "sendPasswordResetEmail",
    "passwordReset",
    "passwordSet",
    "verifySecondaryEmail",
    "tokenAuth",
    "verifyToken",
    "refreshToken",
    "revokeToken",
}
MUTATIONS = {name: field.type.graphene_type for name, field in schema.graphql_schema.mutation_type.fields.items()}
PROTECTED = {name for name, kind in MUTATIONS.items() if issubclass(kind, AccountMutation) and not kind.public}


def class_path(mutation):
    # % if cookiecutter.api == "relay"
    return f"graphql_auth.relay.{MUTATIONS[mutation].__name__}"
    # % else
    return f"graphql_auth.mutations.{MUTATIONS[mutation].__name__}"
    # % endif


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


def complaints(deploy=False):
    found = run_checks(tags=["security"], include_deployment_checks=deploy)
    return [message for message in found if message.id.startswith("graphql_auth.")]


@pytest.fixture
def plain(settings):
    """Have no key in GRAPHQL_AUTH."""
    settings.GRAPHQL_AUTH = {}


def test_defaults_are_as_documented(plain):
    dependent = {*BY_DEBUG[True], "RATE_LIMITS", "RATE_LIMIT_PREFIX"}

    assert {name: getattr(auth_settings, name) for name in SETTINGS if name not in dependent} == DEFAULTS


def test_each_scope_of_limits_has_a_default(plain):
    assert list(auth_settings.RATE_LIMITS) == SCOPES
    assert all(auth_settings.RATE_LIMITS.values())


def test_the_prefix_of_the_counts_is_the_name_of_the_site(plain):
    assert auth_settings.RATE_LIMIT_PREFIX == project.SITE_NAME


def test_some_defaults_depend_on_debug(plain):
    assert {name: getattr(auth_settings, name) for name in BY_DEBUG[True]} == BY_DEBUG[DEVELOPMENT]


def test_each_setting_says_what_it_means():
    assert [name for name, setting in SETTINGS.items() if not setting.meaning.endswith(".")] == []


def test_a_setting_is_read_when_it_is_used(configure):
    configure(USERS_QUERY="staff")
    assert auth_settings.USERS_QUERY == "staff"

    configure(USERS_QUERY="public")
    assert auth_settings.USERS_QUERY == "public"


@pytest.mark.parametrize("given", [{"EMAIL_FROM": 1}, {"EMAIL_FROM": True}, None, ["EMAIL_FROM"]])
def test_a_setting_of_a_wrong_type_is_not_used(given):
    """B07: it counted as not given, so that 0 was True where that is the default."""
    with override_settings(GRAPHQL_AUTH=given), pytest.raises(ImproperlyConfigured, match="GRAPHQL_AUTH"):
        _ = auth_settings.EMAIL_FROM


def test_the_project_passes_its_checks():
    assert complaints() == []


def test_the_defaults_pass_the_checks(plain):
    assert complaints() == []


@pytest.mark.parametrize(
    ("values", "code", "message", "hint"),
    [
        ({"ALLOW_DELETE": 1}, "E001", "GRAPHQL_AUTH has an unknown key: ALLOW_DELETE.", "ALLOW_DELETE_ACCOUNT?"),
        ({"SOMETHING": 1}, "E001", "GRAPHQL_AUTH has an unknown key: SOMETHING.", "Remove it."),
        ({"EMAIL_ASYNC_TASK": "a.b"}, "E001", "unknown key: EMAIL_ASYNC_TASK.", "Choose their backend with"),
        ({"GRAPHIQL": True}, "E001", "unknown key: GRAPHIQL.", "Move it to GRAPHQL_ENDPOINT"),
        ({"MAX_DEPTH": 5}, "E001", "unknown key: MAX_DEPTH.", "Move it to GRAPHQL_ENDPOINT"),
        ({"ALLOW_DELETE_ACCOUNT": "no"}, "E002", "['ALLOW_DELETE_ACCOUNT'] is a str.", "The default is False."),
        ({"EXPIRATION_PASSWORD_SET_TOKEN": 3600}, "E002", "['EXPIRATION_PASSWORD_SET_TOKEN'] is a int.", "timedelta"),
        ({"EMAIL_FROM": 1}, "E002", "['EMAIL_FROM'] is a int.", "DEFAULT_FROM_EMAIL when None."),
        ({"RATE_LIMITS": "5/hour"}, "E002", "['RATE_LIMITS'] is a str.", "an empty mapping turns all limits off."),
        ({"LOGIN_ALLOWED_FIELDS": "email"}, "E002", "['LOGIN_ALLOWED_FIELDS'] is a str.", "The default is ["),
        ({"SESSION_LIFETIME": timedelta(0)}, "E002", "['SESSION_LIFETIME'] is not a pos", "Make it longer than 0."),
        ({"USERS_QUERY": "all"}, "E003", "['USERS_QUERY'] is 'all'.", "Choose 'public', 'authenticated' or 'staff'."),
        ({"SEND_PASSWORD_SET_EMAIL": True}, "E004", "no effect without ALLOW_PASSWORDLESS_REGISTRATION.", "Turn ALLOW"),
        (
            {"ALLOW_LOGIN_NOT_VERIFIED": False, "SEND_ACTIVATION_EMAIL": False},
            "W005",
            "New accounts cannot log in before they are verified, and get no",
            "Turn ALLOW_LOGIN_NOT_VERIFIED or SEND_ACTIVATION_EMAIL on.",
        ),
        ({"UPDATE_MUTATION_FIELDS": ["nick"]}, "E006", "['UPDATE_MUTATION_FIELDS'] names 'nick'", "Add the field"),
        ({"LOGIN_ALLOWED_FIELDS": ["nick"]}, "E006", "['LOGIN_ALLOWED_FIELDS'] names 'nick'", "Add the field"),
        ({"REGISTER_MUTATION_FIELDS_OPTIONAL": ["nick"]}, "E006", "_OPTIONAL'] names 'nick'", "Add the field"),
        ({"UPDATE_MUTATION_FIELDS": {"first_name": "Text"}}, "E007", "'first_name' the type 'Text'", "String, Int"),
        ({"REGISTER_MUTATION_FIELDS": ["first_name"]}, "E008", "['REGISTER_MUTATION_FIELDS'] lacks 'email'.", "Add it"),
        ({"LOGIN_ALLOWED_FIELDS": ["first_name"]}, "E012", "names 'first_name', which is not unique", "Make the field"),
        ({"EMAIL_RETRY_DELAYS": [60]}, "E002", "['EMAIL_RETRY_DELAYS'] holds something", "[timedelta(minutes=1), "),
        ({"UPDATE_MUTATION_FIELDS": [["first_name"]]}, "E002", "['UPDATE_MUTATION_FIELDS'] holds", "The default is {"),
        ({"USER_NODE_FILTER_FIELDS": {"nick": ["exact"]}}, "E006", "_FILTER_FIELDS'] names 'nick'", "Add the field"),
        ({"USER_NODE_EXCLUDE_FIELDS": ["password", "pass"]}, "E006", "_EXCLUDE_FIELDS'] names 'pass'", "Add the field"),
        ({"LOGIN_ALLOWED_FIELDS": []}, "E014", "['LOGIN_ALLOWED_FIELDS'] is empty", "Set it to ["),
        ({"USER_NODE_EXCLUDE_FIELDS": ["is_superuser"]}, "E015", "lacks 'password'", 'Add "password" to it.'),
        ({"EMAIL_TEMPLATE_ACTIVATION": "a.html"}, "E016", "names 'a.html', which does not exist", "templates/a.html"),
        ({"EMAIL_SUBJECT_PASSWORD_SET": "a.txt"}, "E016", "names 'a.txt', which does not exist", "templates/a.txt"),
        ({"REGISTER_MUTATION_FIELDS_OPTIONAL": ["email"]}, "E017", "names 'email', which is", "Remove it there"),
        ({"REGISTER_MUTATION_FIELDS_OPTIONAL": ["status"]}, "E019", "'status', which does not take", "extending.md"),
        ({"UPDATE_MUTATION_FIELDS": ["account_sessions"]}, "E019", "'account_sessions', which does", "extending.md"),
        ({"ACTIVATION_PATH_ON_EMAIL": "/activate/"}, "E020", "is '/activate/'", "without / at its ends"),
        ({"ACTIVATION_PATH_ON_EMAIL": ""}, "E020", "is ''", "like 'activate'"),
        ({"ACTIVATION_PATH_ON_EMAIL": "password-set"}, "E020", "like another path", "Choose another path"),
        ({"RATE_LIMITS": {"login": "5/hour"}}, "W013", "lacks login_account, login_client,", '"login_account":'),
        ({"RATE_LIMITS": ALL_LIMITS | {"logins": "5/hour"}}, "E010", "unknown scope: logins.", "login, login_account"),
        ({"RATE_LIMITS": ALL_LIMITS | {"login": "often"}}, "E011", "['login'] is 'often'.", "Write limits like"),
    ],
)
def test_an_invalid_setting_is_reported_with_its_fix(settings, values, code, message, hint):
    settings.GRAPHQL_AUTH = values

    found = complaints()

    assert {complaint.id for complaint in found} == {f"graphql_auth.{code}"}
    assert message in found[0].msg
    assert hint in found[0].hint


def paths(model, depth=2):
    """Yield the paths of a filter from `model`, as far as `depth` relations away."""
    for field in model._meta.get_fields():
        yield field.name
        if depth and field.is_relation and field.related_model:
            yield from (f"{field.name}__{path}" for path in paths(field.related_model, depth - 1))


SHOWN = {to_snake_case(name) for name in schema.graphql_schema.type_map["UserNode"].fields} | {
    f"status__{name}" for name in STATUS_FIELDS
}


@pytest.mark.parametrize("path", sorted({*paths(get_user_model())}))
def test_what_a_user_does_not_show_cannot_be_filtered(configure, path):
    """B13: with {"password": ["startswith"]} a hash could be read letter by letter."""
    configure(USER_NODE_FILTER_FIELDS={path: ["exact"]})

    found = complaints()

    assert [complaint.id for complaint in found] == ([] if path in SHOWN else ["graphql_auth.E031"])
    assert path in SHOWN or f"filters by {path!r}, which UserNode does not show" in found[0].msg


@pytest.mark.parametrize("path", ["pk", "status__pk", "email__lower", "date_joined__year", "status__verified__exact"])
def test_a_filter_names_a_field_and_no_more(configure, path):
    """B13."""
    configure(USER_NODE_FILTER_FIELDS={path: ["exact"]})

    assert {complaint.id for complaint in complaints()} == {"graphql_auth.E006"}


@pytest.mark.parametrize("field", ["email", "is_active", "verified", "archived", "secondary_email"])
def test_what_is_left_out_of_a_user_is_left_out_of_the_default_filters_only(configure, field):
    """B10: an explicit filter is an error; a default filter is removed silently."""
    excluded = {"USER_NODE_EXCLUDE_FIELDS": ["password", "is_superuser", field]}
    path = field if field in ("email", "is_active") else f"status__{field}"
    configure(**excluded)
    assert complaints() == []

    configure(USER_NODE_FILTER_FIELDS={path: ["exact"]})

    assert [complaint.id for complaint in complaints()] == ["graphql_auth.E031"]


HIDING = """
from config.settings import *

GRAPHQL_AUTH = {"USERS_QUERY": "public", "USER_NODE_EXCLUDE_FIELDS": ["password", "is_superuser", *HIDDEN]}
"""
SHOW = """
import django, json
django.setup()
from config.schema import schema

fields = schema.graphql_schema.type_map["UserNode"].fields
print(json.dumps([list(fields), list(schema.graphql_schema.query_type.fields["users"].args)]))
"""


@pytest.mark.parametrize("path_is_written", [True, False])
def test_what_is_left_out_of_a_user_is_neither_shown_nor_filtered(tmp_path, path_is_written):
    """B10, B13: also where nobody ran the checks."""
    hidden = ["email", "is_active", "verified", "archived", "secondary_email"]
    text = f"HIDDEN = {hidden}\n{HIDING}"
    if path_is_written:
        filters = {"password": ["startswith"], "first_name": ["exact"], "groups__name": ["exact"]}
        filters |= {name if name in hidden[:2] else f"status__{name}": ["exact"] for name in hidden}
        text += f"GRAPHQL_AUTH['USER_NODE_FILTER_FIELDS'] = {filters}"
    (tmp_path / "hiding_settings.py").write_text(text)
    environment = {"DJANGO_SETTINGS_MODULE": "hiding_settings", "PYTHONPATH": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=project.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )

    fields, arguments = json.loads(done.stdout.splitlines()[-1])
    assert {"email", "isActive", "verified", "archived", "secondaryEmail", "password"}.isdisjoint(fields)
    assert {"id", "firstName"} <= {*fields}
    filters = {*arguments} - {"first", "last", "before", "after", "offset"}
    # % if cookiecutter.login_field == "username"
    assert filters == ({"firstName"} if path_is_written else {"username", "username_Icontains", "username_Istartswith"})
    # % else
    assert filters == ({"firstName"} if path_is_written else set())
    # % endif


@pytest.mark.parametrize(
    "field",
    ["email", "password", "is_active", "is_staff", "is_superuser", "id", "last_login", "date_joined", "groups"],
)
@pytest.mark.parametrize("kind", [list, dict])
def test_identity_fields_cannot_be_made_updatable(configure, field, kind):
    """D16: this required neither a password nor a link."""
    configure(UPDATE_MUTATION_FIELDS=["first_name", field] if kind is list else {field: "String"})

    (found,) = complaints()

    assert found.id == "graphql_auth.E009"
    assert f"lets an account change its own {field!r}." in found.msg
    assert found.hint.startswith("Remove it")


@pytest.mark.parametrize(
    "field", ["password", "is_active", "is_staff", "is_superuser", "id", "last_login", "date_joined", "groups"]
)
@pytest.mark.parametrize("setting", ["REGISTER_MUTATION_FIELDS", "REGISTER_MUTATION_FIELDS_OPTIONAL"])
def test_permission_fields_cannot_be_made_registrable(configure, field, setting):
    """D16: anybody registered as a superuser."""
    given = [] if setting.endswith("OPTIONAL") else [*auth_settings.REGISTER_MUTATION_FIELDS]
    configure(**{setting: [*given, field]})

    (found,) = complaints()

    assert found.id == "graphql_auth.E018"
    assert f"lets anybody who registers choose {field!r}." in found.msg
    assert found.hint.startswith("Remove it")


@pytest.mark.parametrize(
    "values",
    [
        {"CUSTOM_ERROR_TYPE": "graphql_auth.api.types.ExpectedErrorType"},
        {"REGISTER_MUTATION_FIELDS_OPTIONAL": {"first_name": "String"}, "UPDATE_MUTATION_FIELDS": ("first_name",)},
        {"EMAIL_FROM": "us@example.com"},
        {"RATE_LIMITS": {}},
        {"RATE_LIMITS": ALL_LIMITS | {"login": "5/15 minutes;20/hour", "mail_client": ""}},
        {"ALLOW_PASSWORDLESS_REGISTRATION": True, "SEND_PASSWORD_SET_EMAIL": True},
        {"USER_NODE_EXCLUDE_FIELDS": ("password",)},
    ],
)
def test_a_valid_setting_is_accepted(settings, values):
    settings.GRAPHQL_AUTH = values

    assert complaints() == []


def test_a_broken_template_is_named(configure, settings, tmp_path):
    (tmp_path / "broken.html").write_text("{% if %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    configure(EMAIL_TEMPLATE_PASSWORD_RESET="broken.html")

    (found,) = complaints()

    assert found.id == "graphql_auth.E016"
    assert found.hint == "Fix broken.html."


def jwt(**values):
    """Return GRAPHQL_JWT with other values; None leaves a key out."""
    return {key: value for key, value in {**project.GRAPHQL_JWT, **values}.items() if value is not None}


def without(name, item):
    """Return the list of the setting `name` without an item."""
    return [other for other in getattr(project, name) if other != item]


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
            ("MIDDLEWARE", without("MIDDLEWARE", name), "W109", name, f"Add {name!r} to MIDDLEWARE.")
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
    ("name", "value", "code"),
    [
        ("FRONTEND_URL", "http://www.example.com", "W116"),
        ("RATE_LIMIT_STORAGE_URI", "memory://", "W117"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "W118"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "W120"),
        ("DEFAULT_FROM_EMAIL", "webmaster@localhost", "W121"),
        ("DEFAULT_FROM_EMAIL", "us", "W121"),
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


@pytest.mark.parametrize(
    ("read", "value", "complaint"),
    [
        (lambda env: env.bool("IT", True), "maybe", "IT is neither True nor False. Write IT=True or IT=False."),
        (lambda env: env.int("IT", 10), "abc", "IT cannot be read. Write it like IT=10"),
        (lambda env: env.choice("IT", "one", "two"), "three", "IT is 'three'. Write one of: one, two."),
        (lambda env: env.db_url("IT"), "nonsense", "IT cannot be read. Write it like IT=postgres://"),
        (lambda env: env.db_url("IT"), "postgresq://127.0.0.1/x", "IT cannot be read. Write it like IT=postgres://"),
        (lambda env: env.db_url("IT"), "", "IT cannot be read. Write it like IT=postgres://"),
        (lambda env: env.cache_url("IT"), "nonsense", "IT cannot be read. Write it like IT=redis://"),
        (lambda env: env.email_url("IT"), "nonsense", "IT cannot be read. Write it like IT=smtp+tls://"),
        (lambda env: env.email_url("IT"), "smtp://a:b@c:port", "IT cannot be read. Write it like IT=smtp+tls://"),
    ],
)
def test_an_invalid_variable_is_reported(monkeypatch, read, value, complaint):
    monkeypatch.setenv("IT", value)

    with pytest.raises(ImproperlyConfigured, match=re.escape(complaint)):
        read(Env())


@pytest.mark.parametrize(("value", "read"), [("True", True), ("on", True), ("0", False), ("No", False)])
def test_a_variable_is_on_or_off(monkeypatch, value, read):
    monkeypatch.setenv("IT", value)

    assert Env().bool("IT", not read) is read


@pytest.mark.parametrize(("value", "read"), [("a.example, b.example , ", ["a.example", "b.example"]), ("", [])])
def test_whitespace_around_list_values_is_stripped(monkeypatch, value, read):
    monkeypatch.setenv("IT", value)

    assert Env().list("IT", ["default"]) == read


def test_the_public_mutations_are_those_of_the_reference():
    listed = project.GRAPHQL_JWT["JWT_ALLOW_ANY_CLASSES"]
    of_the_reference = [path for path in listed if path.startswith("graphql_auth.")]

    assert sorted(of_the_reference) == sorted(class_path(name) for name in PUBLIC)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_mutation_must_be_listed(settings, name):
    listed = [path for path in settings.GRAPHQL_JWT["JWT_ALLOW_ANY_CLASSES"] if path != class_path(name)]
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_ALLOW_ANY_CLASSES": listed}

    (found,) = complaints()

    assert found.id == "graphql_auth.E105"
    assert class_path(name) in found.msg
    assert found.hint.startswith(f'Add "{class_path(name)}" to the list')


@pytest.mark.parametrize("name", sorted(PROTECTED))
def test_a_mutation_that_needs_a_login_must_not_be_listed(settings, name):
    listed = [*settings.GRAPHQL_JWT["JWT_ALLOW_ANY_CLASSES"], class_path(name)]
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_ALLOW_ANY_CLASSES": listed}

    (found,) = complaints()

    assert found.id == "graphql_auth.E106"
    assert class_path(name) in found.msg
    assert found.hint.startswith(f'Remove "{class_path(name)}" from the list')


def test_a_mutation_that_is_not_listed_needs_a_login(settings, mutate, new_account, verified):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_ALLOW_ANY_CLASSES": []}

    assert mutate("register", **new_account)["errors"] == refused("unauthenticated", "Unauthenticated.")
    assert mutate("register", login=verified, **new_account)["success"] is True


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (kinds.ACTIVATION, "ACTIVATION_PATH_ON_EMAIL"),
        (kinds.ACTIVATION_RESEND, "ACTIVATION_PATH_ON_EMAIL"),
        (kinds.SECONDARY_EMAIL_ACTIVATION, "ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL"),
        (kinds.PASSWORD_SET, "PASSWORD_SET_PATH_ON_EMAIL"),
        (kinds.PASSWORD_RESET, "PASSWORD_RESET_PATH_ON_EMAIL"),
    ],
)
def test_the_path_of_a_link_is_a_setting(configure, verified, kind, setting):
    configure(**{setting: "go/there"})

    body = rendering.render(kind, verified, "a@example.com").body

    assert re.search(rf"^{project.FRONTEND_URL}/go/there/\S+$", body, re.MULTILINE)


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=kinds.KINDS)
def test_the_templates_of_a_mail_are_settings(configure, settings, verified, kind):
    texts = {"my_subject.txt": "About {{ x }}", "my.html": "<p>{{ x }}</p>", "my.txt": "Only {{ x }}"}
    options = {"loaders": [("django.template.loaders.locmem.Loader", texts)]}
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": options}]
    name = kind.name.upper()
    configure(EMAIL_TEMPLATE_VARIABLES={"x": "horses"}, EMAIL_FROM="us@example.com")
    configure(**{f"EMAIL_SUBJECT_{name}": "my_subject.txt", f"EMAIL_TEMPLATE_{name}": "my.html"})

    mail = rendering.render(kind, verified, "a@example.com")

    assert (mail.subject, mail.body, mail.from_email) == ("About horses", "Only horses", "us@example.com")
    assert [part.content for part in mail.alternatives] == ["<p>horses</p>"]


@pytest.mark.parametrize(
    ("purpose", "setting"),
    [
        (tokens.ACTIVATION, "EXPIRATION_ACTIVATION_TOKEN"),
        (tokens.PASSWORD_RESET, "EXPIRATION_PASSWORD_RESET_TOKEN"),
        (tokens.PASSWORD_SET, "EXPIRATION_PASSWORD_SET_TOKEN"),
        (tokens.SECONDARY_EMAIL, "EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN"),
    ],
)
def test_the_life_of_a_link_is_a_setting(configure, verified, purpose, setting):
    configure(**{setting: timedelta(minutes=10)})
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        token = tokens.make(purpose, verified)

    with time_machine.travel(start + timedelta(minutes=9), tick=False):
        assert tokens.read(purpose, token, hold=False).user == verified
    with time_machine.travel(start + timedelta(minutes=11), tick=False), pytest.raises(AccountError) as refusal:
        tokens.read(purpose, token, hold=False)

    assert refusal.value.errors["non_field_errors"][0]["code"] == "expired_token"


SHAPED = """
from config.settings import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECURE_SSL_REDIRECT = False
INSTALLED_APPS = [{"graphql_auth": "graphql_auth.apps.GraphQLAuthConfig"}.get(app, app) for app in INSTALLED_APPS]
OF_PROJECT = GRAPHQL_AUTH
GRAPHQL_AUTH = {"USERS_QUERY": "public", "PREVENT_ENUMERATION": False, "RATE_LIMITS": {}}
GRAPHQL_AUTH["REGISTER_MUTATION_FIELDS"] = {"email": "String", "first_name": "String"}
GRAPHQL_AUTH["REGISTER_MUTATION_FIELDS_OPTIONAL"] = {"last_name": "String"}
GRAPHQL_AUTH["UPDATE_MUTATION_FIELDS"] = {"last_name": "ID"}
GRAPHQL_AUTH["USER_NODE_FILTER_FIELDS"] = {"first_name": ["istartswith"]}
GRAPHQL_AUTH["USER_NODE_EXCLUDE_FIELDS"] = ["password", "is_superuser", "last_login", "is_staff"]
GRAPHQL_AUTH["CUSTOM_ERROR_TYPE"] = "flat_errors.FlatErrors"
# % if cookiecutter.login_field == "username"
GRAPHQL_AUTH["REGISTER_MUTATION_FIELDS"]["username"] = "String"
GRAPHQL_AUTH["LOGIN_ALLOWED_FIELDS"] = ["username"]
# % else
GRAPHQL_AUTH["LOGIN_ALLOWED_FIELDS"] = ["email"]
# % endif
"""
FLAT_ERRORS = """
import graphene


class FlatErrors(graphene.Scalar):
    @staticmethod
    def serialize(errors):
        return [f"{field}: {detail['code']}" for field, details in errors.items() for detail in details]
"""
PLAY = """
import django, json
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test.utils import setup_test_environment
from graphql_auth.conf import SETTINGS
from graphql import get_named_type
from tests.api import Api
from config.schema import schema

def arguments_of(arguments):
    inner = {name for argument in arguments.values() for name in getattr(get_named_type(argument.type), "fields", {})}
    return sorted(inner or arguments)

setup_test_environment()
call_command("check")
call_command("migrate", verbosity=0)
api, answers = Api(), {}
new = {"email": "ada@example.com", "first_name": "Ada", "last_name": "King", "password1": "1234", "password2": "1234"}
# % if cookiecutter.login_field == "username"
new["username"] = "ada"
# % endif
answers["defaults"] = {name: SETTINGS[name].default for name in BY_DEBUG}
answers["project"] = {name: value for name, value in settings.OF_PROJECT.items() if name in BY_DEBUG}
answers["refused"] = api.mutate("register", **new)["errors"]
new |= {"password1": PASSWORD, "password2": PASSWORD}
answers["registered"] = api.mutate("register", **new)
# % if cookiecutter.login_field == "username"
tokens = api.mutate("tokenAuth", username="ada", password=PASSWORD)
# % else
tokens = api.mutate("tokenAuth", email="ada@example.com", password=PASSWORD)
# % endif
answers["login"] = tokens
answers["found"] = api.query('{ users(firstName_Istartswith: "AD") { edges { node { firstName lastName } } } }')
answers["not_found"] = api.query('{ users(firstName_Istartswith: "da") { edges { node { firstName } } } }')
answers["node"] = list(schema.graphql_schema.type_map["UserNode"].fields)
fields = schema.graphql_schema.mutation_type.fields
answers["arguments"] = {name: arguments_of(fields[name].args) for name in ("tokenAuth", "register", "updateAccount")}
answers["schema"] = str(schema)
answers["unverified"] = api.mutate("updateAccount", login=tokens["token"], last_name="Byron")["errors"]
answers["revoked"] = api.mutate("revokeToken", refresh_token=tokens["refreshToken"])["success"]
answers["me"] = api.query("{ me { email } }", login=tokens["token"])["me"]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def shaped(tmp_path_factory):
    """Return what a project answers whose schema is shaped by other settings."""
    folder = tmp_path_factory.mktemp("shaped")
    (folder / "shaped_settings.py").write_text(SHAPED)
    (folder / "flat_errors.py").write_text(FLAT_ERRORS)
    environment = {"DJANGO_SETTINGS_MODULE": "shaped_settings", "PYTHONPATH": str(folder), "DEBUG": "0"}
    done = subprocess.run(
        [sys.executable, "-c", f"PASSWORD = {PASSWORD!r}\nBY_DEBUG = {list(BY_DEBUG[False])}\n{PLAY}"],
        cwd=project.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_without_debug_the_defaults_are_safe(shaped):
    """D22, D23: closed in production, open as in the quickstart in development."""
    assert shaped["defaults"] == BY_DEBUG[False]
    assert shaped["project"].items() <= BY_DEBUG[False].items()


def test_the_type_of_errors_is_a_setting(shaped):
    assert shaped["refused"][0] == "password2: password_too_short"
    assert "scalar FlatErrors" in shaped["schema"]
    assert "ExpectedErrorType" not in shaped["schema"]


def test_the_fields_of_a_registration_are_settings(shaped):
    assert shaped["registered"]["success"] is True
    assert shaped["found"]["users"]["edges"] == [{"node": {"firstName": "Ada", "lastName": "King"}}]


# % if cookiecutter.login_field == "username"
def test_the_identifiers_of_a_login_are_a_setting(shaped):
    assert shaped["login"]["success"] is True
    assert "username" in shaped["arguments"]["tokenAuth"]
    assert "email" not in shaped["arguments"]["tokenAuth"]


# % endif
def test_the_fields_of_an_update_are_a_setting(shaped):
    assert "lastName" in shaped["arguments"]["updateAccount"]
    assert "firstName" not in shaped["arguments"]["updateAccount"]
    assert re.search(r"lastName: ID\b", shaped["schema"])
    assert shaped["unverified"] == ["non_field_errors: not_verified"]


def test_the_filters_of_users_are_a_setting(shaped):
    assert shaped["not_found"]["users"]["edges"] == []
    assert "status_Archived" not in shaped["schema"]


def test_the_fields_a_user_does_not_show_are_a_setting(shaped):
    assert {"password", "isSuperuser", "lastLogin", "isStaff"}.isdisjoint(shaped["node"])
    assert {"id", "email", "firstName"} <= {*shaped["node"]}


def test_sessions_end_however_the_app_is_spelled(shaped):
    """D09: with another spelling in INSTALLED_APPS nothing was revoked, silently."""
    assert shaped["revoked"] is True
    assert shaped["me"] is None


def test_a_bad_setting_stops_the_project(configure):
    configure(ALLOW_DELETE_ACCOUNTS=True)

    with pytest.raises(CommandError, match="Did you mean ALLOW_DELETE_ACCOUNT\\?"):
        call_command("check")


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"USER_NODE_FILTER_FIELDS": {"email": ["exactt"]}}, "E037", ("'email'", "'exactt'")),
        ({"USER_NODE_FILTER_FIELDS": {"email": ["regex"]}}, "E037", ("'email'", "'regex'")),
        ({"USER_NODE_FILTER_FIELDS": {"is_active": ["year"]}}, "E037", ("'is_active'", "'year'")),
        ({"USER_NODE_FILTER_FIELDS": {"date_joined": ["year__gte", "date__in", "time__hour"]}}, None, ()),
        ({"UPDATE_MUTATION_FIELDS": {"last_name": "Int"}}, "E036", ("UPDATE_MUTATION_FIELDS", "'last_name'", "'Int'")),
    ],
)
def test_what_a_column_does_not_take_is_named(configure, values, code, words):
    configure(**values)

    found = complaints()

    assert [complaint.id for complaint in found] == ([f"graphql_auth.{code}"] if code else [])
    assert all(word in found[0].msg for word in words)


VALUES = [0, 1.5, None, True, "True", b"True", [], (), {}, {1}, timedelta(1), object()]


def wrong_values(owner):
    """Yield each setting with a value of each type that it does not take."""
    for name, setting in owner.declared().items():
        types = setting.types if isinstance(setting.types, tuple) else (setting.types,)
        yield from ((owner, name, value) for value in VALUES if not {type(value), object} & {*types})


@pytest.mark.parametrize(("owner", "name", "value"), [*wrong_values(AuthSettings), *wrong_values(EndpointSettings)])
def test_a_value_of_a_wrong_type_stops_the_start_of_the_app(settings, owner, name, value):
    """0 for a switch counted as its default, which may be the open one."""
    setattr(settings, owner.setting, {name: value})

    with pytest.raises(ImproperlyConfigured, match=re.escape(f"{owner.setting}[{name!r}]")):
        owner.require_types()
