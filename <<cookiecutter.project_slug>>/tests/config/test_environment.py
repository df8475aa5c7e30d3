"""What the environment and .env may say, and what stops the project's start."""

import os
import re
import secrets
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured

from config.env import Env, require_strong
from graphql_auth import conf

GOOD = [secrets.token_urlsafe(50) for _ in range(5)]


def start(code="import config.settings", **environment):
    """Run `code` in a process of its own; return what it wrote, and the last line it complained with."""
    command = [sys.executable, "-c", code]
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment
    done = subprocess.run(command, cwd=project.BASE_DIR, env=variables, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"JWT_SIGNING_KEY": "a", "SECRET_KEY": "a"}, "SECRET_KEY has fewer than 32 bytes"),
        ({"SECRET_KEY": "a" * 50}, "SECRET_KEY repeats a few characters"),
        ({"JWT_SIGNING_KEY": GOOD[0][:31]}, "JWT_SIGNING_KEY has fewer than 32 bytes"),
        ({"JWT_SIGNING_KEY": "ab" * 25}, "JWT_SIGNING_KEY repeats a few characters"),
        ({"JWT_SIGNING_KEY": "correct-horse-" * 4}, "JWT_SIGNING_KEY repeats a few characters"),
        ({"JWT_SIGNING_KEY": ""}, "JWT_SIGNING_KEY is not set"),
        ({"SECRET_KEY": GOOD[0], "JWT_SIGNING_KEY": GOOD[0]}, "JWT_SIGNING_KEY is the same key as SECRET_KEY"),
        ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS has fewer than 32 bytes"),
        ({"JWT_SIGNING_KEY_FALLBACKS": f"{GOOD[0]},{'b' * 40}"}, "JWT_SIGNING_KEY_FALLBACKS repeats a few characters"),
        (
            {"SECRET_KEY": GOOD[0], "JWT_SIGNING_KEY_FALLBACKS": GOOD[0]},
            "JWT_SIGNING_KEY_FALLBACKS is the same key as SECRET_KEY",
        ),
        ({"EMAIL_TIMEOUT": "0"}, "EMAIL_TIMEOUT is 0. Write 1 or more, like EMAIL_TIMEOUT=10"),
        ({"EMAIL_TIMEOUT": "-5"}, "EMAIL_TIMEOUT is -5. Write 1 or more, like EMAIL_TIMEOUT=10"),
        ({"EMAIL_TIMEOUT": "soon"}, "EMAIL_TIMEOUT cannot be read. Write it like EMAIL_TIMEOUT=10"),
        ({"PASSWORD_HASHES_AT_ONCE": "0"}, "PASSWORD_HASHES_AT_ONCE is 0. Write 1 or more"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES is -1. Write 0 or more"),
        ({"TRUSTED_PROXIES": ""}, "TRUSTED_PROXIES cannot be read"),
        ({"CONN_MAX_AGE": "-1"}, "CONN_MAX_AGE is -1. Write 0 or more"),
    ],
)
def test_the_settings_cannot_be_imported_with(environment, complaint):
    """B07: another server than `make serve` runs no check, and signed with JWT_SIGNING_KEY=a."""
    status, _, stderr = start(**environment)

    assert status != 0
    assert f"ImproperlyConfigured: {complaint}" in stderr
    assert not [value for value in environment.values() if len(value) > 30 and value in stderr]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("weak", ["short", "x" * 64, "0123456789" * 5, "abcd" * 10, "é" * 40])
def test_weak_keys_are_rejected(place, weak):
    names = ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "JWT_SIGNING_KEY", "JWT_SIGNING_KEY_FALLBACKS"]
    keys = {name: [good] for name, good in zip(names, GOOD, strict=False)}
    require_strong(keys)
    keys[names[place]].append(weak)

    with pytest.raises(
        ImproperlyConfigured, match=rf"^{names[place]} (has fewer|repeats).*This command prints one: python"
    ) as no:
        require_strong(keys)
    assert weak not in str(no.value)


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("second", range(4))
def test_equal_keys_are_rejected(first, second):
    names = ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "JWT_SIGNING_KEY", "JWT_SIGNING_KEY_FALLBACKS"]
    keys = {name: [good] for name, good in zip(names, GOOD, strict=False)}
    keys[names[first]].append(GOOD[4])
    keys[names[second]].append(GOOD[4])

    with pytest.raises(ImproperlyConfigured, match=r"is the same key as|contains a key twice"):
        require_strong(keys)


CONFIGURED = """
import django
from config import settings
settings.GRAPHQL_AUTH = {values}
django.setup()
"""


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"ALLOW_LOGIN_NOT_VERIFIED": 0}, "GRAPHQL_AUTH['ALLOW_LOGIN_NOT_VERIFIED'] is a int. An account may log in"),
        (None, "GRAPHQL_AUTH is a NoneType."),
    ],
)
def test_the_project_does_not_start_with_a_setting_of_a_wrong_type(values, complaint):
    """B07: 0 read as True."""
    status, _, stderr = start(CONFIGURED.format(values=values))

    assert status != 0
    assert f"ImproperlyConfigured: {complaint}" in stderr


OTHERS = [True, 0, 1.5, "text", b"bytes", None, [1], {1: 2}, object()]


@pytest.mark.parametrize("name", [name for name in conf.SETTINGS if name != "CUSTOM_ERROR_TYPE"])
def test_each_setting_has_a_type(settings, name):
    setting = conf.SETTINGS[name]
    types = setting.types if isinstance(setting.types, tuple) else (setting.types,)
    for value in OTHERS:
        settings.GRAPHQL_AUTH = {name: value}
        if type(value) not in types:
            with pytest.raises(ImproperlyConfigured, match=re.escape(f"GRAPHQL_AUTH[{name!r}]")):
                conf.AuthSettings.require_types()
    settings.GRAPHQL_AUTH = {name: setting.default}
    conf.AuthSettings.require_types()


def read(tmp_path, monkeypatch, content):
    """Return what .env sets."""
    path = tmp_path / ".env"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    environment = {}
    monkeypatch.setattr(os, "environ", environment)
    Env.read_env(path)
    return environment


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("IT=a value", "a value"),
        ("IT = a value", "a value"),
        ("  IT\t=  a value  ", "a value"),
        ("export IT=a value", "a value"),
        ('IT="a value"', "a value"),
        ("IT = 'a value'", "a value"),
        ("IT='  blanks  '", "  blanks  "),
        ("IT=", ""),
        ("IT =", ""),
        ("IT='", "'"),
        ("IT=$HOME", "$HOME"),
        ("IT=a#b # c", "a#b # c"),
        ("IT=a=b=c", "a=b=c"),
        (r"IT=a\nb\$c", r"a\nb\$c"),
        ("IT=Zürich \u2028 \x0b.", "Zürich \u2028 \x0b."),
        ("IT=a value\r", "a value"),
        ("IT=first\nIT=second", "second"),
        ("# comment\n\n   # IT=no\nIT=yes", "yes"),
    ],
)
def test_a_line_of_env_is_read_as_it_is_written(tmp_path, monkeypatch, line, value):
    """`SECRET_KEY = x` was "not set", and `ALLOW_LOGIN_NOT_VERIFIED = False` read True."""
    assert read(tmp_path, monkeypatch, line) == {"IT": value}


@pytest.mark.parametrize(
    "line", ["IT", "IT: value", "a b=c", "9A=x", "=x", "a-secret-that-lost-its-name", "IT=a\0b", "export IT"]
)
def test_a_line_of_env_that_cannot_be_read_is_named(tmp_path, monkeypatch, line):
    with pytest.raises(ImproperlyConfigured, match=r"^Line 3 of \S+\.env cannot be read\. Write it like NAME=value\.$"):
        read(tmp_path, monkeypatch, f"A=1\n# comment\n{line}\nB=2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_env_may_be_saved_by_any_editor(tmp_path, monkeypatch, encoding):
    """UTF-16 was a traceback."""
    text = "A=1\r\nIT=Zürich\r\n"

    assert read(tmp_path, monkeypatch, text.encode(encoding)) == {"A": "1", "IT": "Zürich"}


@pytest.mark.parametrize("content", ["IT=Zürich".encode("latin-1"), b"\xff\xfeI"])
def test_env_in_another_encoding_is_named(tmp_path, monkeypatch, content):
    with pytest.raises(ImproperlyConfigured, match=r"\.env is not encoded in UTF-8\. Save it as UTF-8\."):
        read(tmp_path, monkeypatch, content)


def test_the_environment_counts_more_than_env(tmp_path, monkeypatch):
    monkeypatch.setenv("IT_IS_THERE", "environment")
    (tmp_path / ".env").write_text("IT_IS_THERE=file\n")

    Env.read_env(tmp_path / ".env")

    assert os.environ["IT_IS_THERE"] == "environment"


def test_a_project_needs_no_env(tmp_path):
    Env.read_env(tmp_path / ".env")


@pytest.mark.parametrize("value", ["$HOME", "$", "$$x", r"\$x", " a "])
def test_a_variable_is_read_as_it_is(monkeypatch, value):
    monkeypatch.setenv("IT", value)

    assert Env().str("IT", default="") == value


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
