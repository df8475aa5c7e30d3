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


@pytest.mark.parametrize("value", ["$HOME", "$", "$$x", r"\$x", " a "])
def test_a_variable_is_read_as_it_is(monkeypatch, value):
    monkeypatch.setenv("IT", value)

    assert Env().str("IT", default="") == value
