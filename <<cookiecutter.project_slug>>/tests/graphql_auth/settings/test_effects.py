"""What single settings change."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from config.env import Env
from config.schema import schema
from graphql_auth import tokens
from graphql_auth.api.base import AccountMutation
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.mails import kinds, rendering
from tests.conftest import refused
from tests.graphql_auth.settings.helpers import complaints

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
PUBLIC &= MUTATIONS.keys()
PROTECTED = {name for name, kind in MUTATIONS.items() if issubclass(kind, AccountMutation) and not kind.public}


def class_path(mutation):
    # % if cookiecutter.api == "relay"
    return f"graphql_auth.relay.{MUTATIONS[mutation].__name__}"
    # % else
    return f"graphql_auth.mutations.{MUTATIONS[mutation].__name__}"
    # % endif


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


def test_no_mutation_that_changes_an_account_by_its_login_is_public():
    listed = project.GRAPHQL_JWT["JWT_ALLOW_ANY_CLASSES"]
    of_accounts = {path for path in listed if path.startswith("graphql_auth.")}

    assert of_accounts <= {class_path(name) for name in PUBLIC}


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

    assert mutate("register", **new_account)["errors"] == refused(Refusal.UNAUTHENTICATED)
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
