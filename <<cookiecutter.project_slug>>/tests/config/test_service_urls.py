"""The URLs of the database, the cache and the mail server."""

import string
from urllib.parse import quote

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import example, given, strategies

from config.env import Env
from tests.config.test_environment import start

POSTGRES = "postgres://user:password@127.0.0.1:5432/database"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}),
        ("?conn_max_age=0", {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}),
        ("?conn_max_age=300&conn_health_checks=false", {"CONN_MAX_AGE": 300, "CONN_HEALTH_CHECKS": False}),
        ("?conn_health_checks=True", {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}),
        ("?pool=true", {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": True}}),
        ("?pool=True&conn_max_age=60", {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": True}}),
        ("?pool=false", {"CONN_MAX_AGE": 60, "OPTIONS": {"pool": False}}),
        ("?sslmode=require&connect_timeout=5", {"OPTIONS": {"sslmode": "require", "connect_timeout": 5}}),
        (
            "?disable_server_side_cursors=true&autocommit=true",
            {"DISABLE_SERVER_SIDE_CURSORS": True, "AUTOCOMMIT": True},
        ),
    ],
)
def test_what_the_url_of_the_database_says_counts(query, expected):
    """It was replaced by 60 and True without a word, and a pool stopped at the first query."""
    code = "from config import settings; print(repr(settings.DATABASES['default']))"

    status, stdout, stderr = start(code, DATABASE_URL=POSTGRES + query, CONN_MAX_AGE="60")

    assert status == 0, stderr
    database = eval(stdout)
    assert {key: database.get(key) for key in expected} == expected
    assert (database["USER"], database["PASSWORD"]) == ("user", "password")


def test_a_password_that_reads_true_stays_a_text(monkeypatch):
    monkeypatch.setenv("IT", "postgres://true:false@127.0.0.1/true")

    database = Env().db_url("IT")

    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("true", "false", "true")


def test_the_url_of_an_sqlite_file_adds_to_its_options():
    code = "from config import settings; print(repr(settings.DATABASES['default']['OPTIONS']))"

    _, stdout, _ = start(code, DATABASE_URL="sqlite:////tmp/x.sqlite3?timeout=5")

    assert eval(stdout) | {"init_command": ""} == {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": ""}


# Passwords

HOST = "mail.example.com"
# A URL for each method, and where the password, the host and the rest are found.
CASES = {
    "db_url": (f"postgres://user:{{}}@{HOST}:5432/name", ["PASSWORD", "HOST", "NAME"]),
    "email_url": (f"smtp+tls://user:{{}}@{HOST}:587", ["EMAIL_HOST_PASSWORD", "EMAIL_HOST"]),
}
PASSWORDS = strategies.text(string.ascii_letters + string.digits + string.punctuation, min_size=1, max_size=12)


def read(kind, password):
    """Return the password, the host and the rest of a URL with `password`."""
    url, names = CASES[kind]

    class Environment(Env):
        ENVIRON = {"IT": url.format(password)}

    found = getattr(Environment(), kind)("IT")
    return [found[name] for name in names]


def right(kind, password):
    """Return what `read` must return."""
    return [password, HOST, "name"][: len(CASES[kind][1])]


@pytest.mark.parametrize("kind", CASES)
@given(password=strategies.text(strategies.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_any_password_can_be_percent_encoded(kind, password):
    assert read(kind, quote(password, safe="")) == right(kind, password)


@pytest.mark.parametrize("kind", CASES)
@given(password=PASSWORDS)
@example(password="12/x")
@example(password="12?x")
@example(password="12#x")
@example(password="@?")
def test_a_password_that_is_not_encoded_is_read_or_the_error_says_how(kind, password):
    """`12/x` made the user the host, and sent the rest of the password there as the name of the database."""
    try:
        found, error = read(kind, password), ""
    except ImproperlyConfigured as refused:
        found, error = None, str(refused)

    if found is None:
        assert "Percent-encode special characters in the password: %2F for /" in error
        assert {*password} & {*"/?#[]@:%"}
        assert len(password) < 4 or password not in error
    else:
        assert "%" in password or found == right(kind, password)
