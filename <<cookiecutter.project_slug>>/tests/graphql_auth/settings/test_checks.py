"""System checks of GRAPHQL_AUTH."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from graphene.utils.str_converters import to_snake_case

from config.schema import schema
from graphql_auth.conf import auth_settings
from graphql_auth.visible import STATUS_FIELDS
from tests.graphql_auth.settings.helpers import ALL_LIMITS, complaints


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
# % if cookiecutter.api == "relay"


@pytest.mark.parametrize("name", ["get", "client_mutation_id"])
@pytest.mark.parametrize("setting", ["REGISTER_MUTATION_FIELDS_OPTIONAL", "UPDATE_MUTATION_FIELDS"])
def test_a_name_that_an_input_needs_for_itself_is_reported(configure, setting, name):
    configure(**{setting: [name]})

    assert "graphql_auth.E038" in [complaint.id for complaint in complaints()]
# % endif
