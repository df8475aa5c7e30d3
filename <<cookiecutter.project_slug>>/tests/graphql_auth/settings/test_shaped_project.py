"""Settings that shape the schema, in a process of their own."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from endpoint.conf import EndpointSettings
from graphql_auth.conf import AuthSettings
from tests.conftest import PASSWORD
from tests.graphql_auth.settings.helpers import BY_DEBUG, complaints

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
