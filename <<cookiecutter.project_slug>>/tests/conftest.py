"""Fixtures for all tests: a client, users in each state, and their mails."""

import gc
import os
import re
import smtplib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import transaction
from django.test import override_settings
from django.urls import set_script_prefix
from django.utils import timezone, translation

from endpoint.conf import EndpointSettings
from graphql_auth import throttling
from graphql_auth.conf import SETTINGS
from graphql_auth.errors import Refusal
from graphql_auth.features import STATUS_FIELDS
from graphql_auth.mails.queue import ImmediateBackend
from tests import leaks
from tests.api import Api

PASSWORD = "correct-horse-battery"
NEW_PASSWORD = "staple-of-another-horse"
REDIS = "redis://127.0.0.1:6379/15"
# The shape of a one-time token, which ends a link.
TOKEN = r"[\w-]+:[\w-]+:[\w-]+"
VALIDATORS = [
    "UserAttributeSimilarityValidator",
    "MinimumLengthValidator",
    "CommonPasswordValidator",
    "NumericPasswordValidator",
]
# Django itself speaks these, so that they can be told apart where the project has no translations.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français"), ("pt-br", "Português")]
LINK_PATHS = {
    "ACTIVATION_PATH_ON_EMAIL": "activate",
    "ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL": "activate-secondary",
    "PASSWORD_SET_PATH_ON_EMAIL": "password-set",
    "PASSWORD_RESET_PATH_ON_EMAIL": "password-reset",
}
TAKEN_FOR_GRANTED = {
    "PREVENT_ENUMERATION": False,
    "USERS_QUERY": "public",
    "EMAIL_FROM": None,
    "EMAIL_TEMPLATE_VARIABLES": {},
    "SESSION_LIFETIME": timedelta(days=30),
    "REFRESH_TOKEN_GRACE": timedelta(seconds=10),
    "EXPIRATION_ACTIVATION_TOKEN": timedelta(days=7),
    "EXPIRATION_PASSWORD_RESET_TOKEN": timedelta(hours=1),
    "EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN": timedelta(hours=1),
    "EXPIRATION_PASSWORD_SET_TOKEN": timedelta(days=7),
    "RATE_LIMITS": {
        "login": "5/15 minutes;20/hour",
        "login_account": "50/hour",
        "login_client": "100/hour",
        "login_total": "1200/minute",
        "mail_address": "5/15 minutes;10/day",
        "mail_client": "30/hour",
        "register_client": "30/hour",
        "refresh": "120/hour;1000/day",
    },
}
LIVES_OF_TOKENS = {
    "JWT_EXPIRATION_DELTA": timedelta(minutes=5),
    "JWT_REFRESH_EXPIRATION_DELTA": timedelta(days=7),
    "JWT_LEEWAY": timedelta(seconds=10),
}
# Settings that .env can change.
SWITCHES = {name: setting.default for name, setting in SETTINGS.items() if isinstance(setting.default, bool)}
ENDPOINT_SWITCHES = {
    name: setting.default for name, setting in EndpointSettings.declared().items() if isinstance(setting.default, bool)
}


def pytest_configure() -> None:
    """Let links lead where the tests follow them, before a test module loads the URLs."""
    project.GRAPHQL_AUTH.update(LINK_PATHS)


def pytest_collection_finish() -> None:
    """Exclude the collected tests from garbage collection, which would visit them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def quick() -> Iterator[None]:
    """Hash quickly, send mail at once, speak English, and use the settings of development.

    A test of a setting changes it. What the others take for granted is set here, so that they hold in every project.
    Changing a setting calls many receivers, so these are changed once for all tests.
    """
    auth = {**project.GRAPHQL_AUTH, **SWITCHES, **TAKEN_FOR_GRANTED}
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        TASKS={"default": {"BACKEND": f"{ImmediateBackend.__module__}.ImmediateBackend"}},
        AUTH_PASSWORD_VALIDATORS=[{"NAME": f"django.contrib.auth.password_validation.{name}"} for name in VALIDATORS],
        LANGUAGE_CODE="en",
        LANGUAGES=LANGUAGES,
        GRAPHQL_AUTH=auth,
        GRAPHQL_JWT={**project.GRAPHQL_JWT, **LIVES_OF_TOKENS},
        GRAPHQL_ENDPOINT={**project.GRAPHQL_ENDPOINT, **ENDPOINT_SWITCHES},
        # Ignore settings in .env that describe this machine.
        ALLOWED_HOSTS=["127.0.0.1", "localhost", "testserver"],
        FRONTEND_URL="http://127.0.0.1:8000",
        CORS_ALLOWED_ORIGINS=[],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        RATE_LIMIT_STORAGE_URI="memory://",
        PASSWORD_HASHES_AT_ONCE=1,
        PASSWORD_HASHES_WAITING=7,
        TRUSTED_PROXIES=0,
        SECURE_SSL_REDIRECT=False,
        EMAIL_USE_TLS=False,
        EMAIL_USE_SSL=False,
        EMAIL_TIMEOUT=10,
        EMAIL_HOST_USER="",
        EMAIL_HOST_PASSWORD="",
        FORCE_SCRIPT_NAME=None,
    ):
        set_script_prefix("/")
        yield


@pytest.fixture(autouse=True)
def unlimited(quick: None) -> Iterator[None]:
    """Clear the attempts of other tests, and speak English."""
    throttling.reset()
    with translation.override(project.LANGUAGE_CODE):
        yield
    throttling.reset()


@pytest.fixture(autouse=True)
def commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call what waits for a commit as soon as only the transaction of the test is open, which is never committed."""
    leave = transaction.Atomic.__exit__

    def leave_and_call(block: Any, *error: Any) -> None:
        leave(block, *error)
        connection = transaction.get_connection(block.using)
        if connection.atomic_blocks and connection.atomic_blocks[-1]._from_testcase:
            waiting, connection.run_on_commit = connection.run_on_commit, []
            for _, call, _ in waiting:
                call()

    monkeypatch.setattr(transaction.Atomic, "__exit__", leave_and_call)


@pytest.fixture(autouse=True)
def no_secret_is_left(request: Any, monkeypatch: Any, caplog: Any) -> Iterator[None]:
    """Search the logs and the database for the passwords and tokens of a test, after each test."""
    with_database = {"db", "transactional_db"} & {*request.fixturenames} or request.node.get_closest_marker("django_db")
    if with_database:
        request.getfixturevalue("db")
    seen = leaks.watch(monkeypatch)
    yield
    assert leaks.found(seen, leaks.lines(caplog)) == []
    assert not with_database or leaks.found(seen, leaks.rows()) == []


@pytest.fixture
def configure(settings: Any) -> Callable[..., None]:
    """Return a function that sets keys of GRAPHQL_AUTH for one test."""

    def configure(**values: Any) -> None:
        settings.GRAPHQL_AUTH = {**settings.GRAPHQL_AUTH, **values}

    return configure


@pytest.fixture
def configure_endpoint(settings: Any) -> Callable[..., None]:
    """Return a function that sets keys of GRAPHQL_ENDPOINT for one test."""

    def configure_endpoint(**values: Any) -> None:
        settings.GRAPHQL_ENDPOINT = {**settings.GRAPHQL_ENDPOINT, **values}

    return configure_endpoint


class CountingHasher(MD5PasswordHasher):
    """Hashes quickly and counts how often."""

    calls = 0

    def encode(self, password: str, salt: str) -> str:
        """Count, and hash."""
        CountingHasher.calls += 1
        return super().encode(password, salt)


@pytest.fixture
def hashes(settings: Any) -> Callable[[], int]:
    """Return a function that returns the number of hashes since its last call."""
    settings.PASSWORD_HASHERS = ["tests.conftest.CountingHasher"]

    def hashes() -> int:
        calls, CountingHasher.calls = CountingHasher.calls, 0
        return calls

    hashes()
    return hashes


@pytest.fixture
def redis_store(configure: Callable[..., None]) -> Iterator[Any]:
    """Count in Redis under a separate prefix; return a client of it."""
    redis = pytest.importorskip("redis", reason="needs the package redis: pip install redis")
    client = redis.Redis.from_url(REDIS, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.RedisError:
        # CI has one.
        lacking = pytest.fail if os.environ.get("CI") else pytest.skip
        lacking("needs Redis at 127.0.0.1:6379: redis-server, or docker run -p 6379:6379 redis")
    configure(RATE_LIMIT_PREFIX=f"test:{uuid4()}")
    with override_settings(RATE_LIMIT_STORAGE_URI=REDIS):
        yield client
        throttling.reset()


@pytest.fixture
def api(db: None) -> Api:
    """Return a client of the endpoint."""
    return Api()


@pytest.fixture
def mutate(api: Api) -> Callable[..., dict[str, Any]]:
    """Return `mutate(name, login=user_or_token, **arguments)`, which returns the mutation's outputs."""
    return api.mutate


@pytest.fixture
def query(api: Api) -> Callable[..., dict[str, Any]]:
    """Return `query(document, login=user_or_token, **variables)`, which returns the data."""
    return api.query


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    """Return `make_user(name, verified=..., archived=..., **fields)`; the password is PASSWORD.

    It takes all fields of the status.
    """

    def make_user(name: str, *, password: str | None = PASSWORD, **values: Any) -> Any:
        status = {key: values.pop(key) for key in STATUS_FIELDS if key in values}
        # % if cookiecutter.login_field == "username"
        user = get_user_model().objects.create_user(name, f"{name}@example.com", password, **values)
        # % else
        user = get_user_model().objects.create_user(f"{name}@example.com", password, **values)
        # % endif
        user.status.change(**status)
        return user

    return make_user


@pytest.fixture
def unverified(make_user: Callable[..., Any]) -> Any:
    """Return a user whose address is not verified yet."""
    return make_user("unverified")


@pytest.fixture
def verified(make_user: Callable[..., Any]) -> Any:
    """Return a user whose address is verified."""
    return make_user("verified", verified=True)


@pytest.fixture
def with_secondary(make_user: Callable[..., Any]) -> Any:
    """Return a verified user with a secondary address."""
    return make_user("two", verified=True, secondary_email="two_secondary@example.com")


@pytest.fixture
def archived(make_user: Callable[..., Any]) -> Any:
    """Return a verified user whose account is archived."""
    return make_user("archived", verified=True, archived=True)


@pytest.fixture
def inactive(make_user: Callable[..., Any]) -> Any:
    """Return a verified user who is not active."""
    return make_user("inactive", verified=True, is_active=False)


@pytest.fixture
def closed(make_user: Callable[..., Any]) -> Any:
    """Return a verified user who has closed the account."""
    user = make_user("closed", verified=True, is_active=False)
    user.status.change(closed_at=timezone.now())
    return user


@pytest.fixture
def staff(make_user: Callable[..., Any]) -> Any:
    """Return a user who may see others and use the admin."""
    return make_user("staff", verified=True, is_staff=True, is_superuser=True)


@pytest.fixture
def new_account() -> dict[str, str]:
    """Return arguments with which `register` creates an account."""
    return {
        "email": "new@example.com",
        # % if cookiecutter.login_field == "username"
        "username": "new",
        # % endif
        "password1": PASSWORD,
        "password2": PASSWORD,
    }


@pytest.fixture
def mailed_token(mailoutbox: list[Any]) -> Callable[[], str]:
    """Return a function that returns the token in the link of the last mail that has one."""

    def mailed_token() -> str:
        return [token for mail in mailoutbox for token in re.findall(rf"/({TOKEN})", mail.body)][-1]

    return mailed_token


@pytest.fixture(params=[smtplib.SMTPServerDisconnected, ConnectionRefusedError])
def failing_mail(request: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let the mail server fail in each of two ways; return the mails it was given."""
    given: list[Any] = []

    def fail(backend: Any, messages: list[Any]) -> None:
        given.extend(messages)
        raise request.param("the server hung up")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    return given


@pytest.fixture
def listen() -> Iterator[Callable[..., None]]:
    """Return `listen(signal, receiver, sender=None)`, which connects a receiver for one test."""
    connected = []

    def listen(signal: Any, receiver: Callable[..., Any], sender: Any = None) -> None:
        signal.connect(receiver, sender=sender, weak=False)
        connected.append((signal, receiver, sender))

    yield listen
    for signal, receiver, sender in connected:
        signal.disconnect(receiver, sender=sender)


def key(number: int) -> Any:
    """Return a primary key of users that comes where `number` does among the others, whatever its type."""
    return get_user_model()._meta.pk.to_python(number)


class SomeText:
    """Equals any text but the empty one, for messages that say what their code says, in the project's own words."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other != ""

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<a text>"


def refused(*reasons: Refusal | str, field: str = "nonFieldErrors") -> dict[str, Any]:
    """Return the `errors` of an operation that was rejected for these reasons: refusals, or the codes of others."""
    return {
        field: [
            {"message": reason.message, "code": reason.code}
            if isinstance(reason, Refusal)
            else {"message": SomeText(), "code": reason}
            for reason in reasons
        ]
    }


def mail_waits() -> override_settings:
    """Return a context in which mails wait in the database."""
    return override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}})


def mail_down() -> override_settings:
    """Return a context in which the mail server refuses connections."""
    return override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
    )


def filled_in(response: Any) -> dict[str, Any]:
    """Return the form data of an admin page as a browser posts it."""
    forms = [response.context_data["adminform"].form]
    for inline in response.context_data["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {field.html_name: field.value() for form in forms for field in form}
    for name, value in [*values.items()]:
        if isinstance(value, datetime):
            date, time = f"{value:%Y-%m-%d}", f"{value:%H:%M:%S}"
            values |= {f"{name}_0": date, f"{name}_1": time, f"initial-{name}_0": date, f"initial-{name}_1": time}
    return {name: value for name, value in values.items() if value is not None and value is not False}
