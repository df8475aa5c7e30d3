"""Reads the environment. An invalid value stops the project with the name of the variable and the fix."""

import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.env_file import UnreadableFile, read_file
from graphql_auth import keys

# No segment, or several, each after a slash.
PATH = re.compile(r"(/[\w.~-]+)*", re.ASCII)
SWITCHES = {"true": True, "false": False}
# Boolean options in the query of DATABASE_URL.
CONNECTION_SWITCHES = {"CONN_HEALTH_CHECKS", "ATOMIC_REQUESTS", "AUTOCOMMIT", "DISABLE_SERVER_SIDE_CURSORS"}


class Env(environ.Env):
    """The variables of the environment and the file .env."""

    @classmethod
    def read_env(cls, env_file: Any = None, **options: Any) -> None:
        """Read the file `env_file` if it exists, as config/env_file.py explains. The environment takes precedence.

        Raises ImproperlyConfigured if the file cannot be read.
        """
        try:
            values = read_file(Path(env_file))
        except UnreadableFile as error:
            raise ImproperlyConfigured(str(error)) from None
        for name, value in values.items():
            os.environ.setdefault(name, value)

    def get_value(
        self, var: Any, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: Any = False
    ) -> Any:
        """Return a variable literally: a `$` at its start does not refer to another variable."""
        if var not in self.ENVIRON:
            return super().get_value(var, cast=cast, default=default, parse_default=parse_default)
        return self.parse_value(self.ENVIRON[var], cast)

    def secret(self, name: str) -> str:
        """Return a secret. Raises ImproperlyConfigured, which explains how to create one, if it is missing or empty."""
        value: str = self.str(name, default="")
        if not value:
            raise ImproperlyConfigured(
                f"{name} is not set. `python config/make_env.py` writes a .env with fresh secrets."
            )
        return value

    def bool(self, name: str, default: bool) -> bool:
        """Return a variable that is True or False, 1 or 0, yes or no, on or off."""
        text = self.str(name, default=str(default)).strip().lower()
        if text not in {"true", "1", "yes", "on", "false", "0", "no", "off"}:
            raise ImproperlyConfigured(f"{name} is neither True nor False. Write {name}=True or {name}=False.")
        return text in {"true", "1", "yes", "on"}

    def int(self, name: str, default: int, at_least: int = 0) -> int:
        """Return a variable that is a whole number, `at_least` or more."""
        with _is_like(name, str(default)):
            value = int(self.str(name, default=str(default)))
        if value < at_least:
            raise ImproperlyConfigured(f"{name} is {value}. Write {at_least} or more, like {name}={default}")
        return value

    def list(self, name: str, default: list[str]) -> list[str]:
        """Return a variable whose values are separated by commas."""
        return [value.strip() for value in super().list(name, default=default) if value.strip()]

    def path(self, name: str) -> str:
        """Return a variable that is the path of a site, like /shop, or empty for the root of the host."""
        value: str = self.str(name, default="")
        if not PATH.fullmatch(value):
            raise ImproperlyConfigured(f"{name} is {value!r}. Write it like {name}=/shop, or leave it out.")
        return value

    def choice(self, name: str, *choices: str) -> str:
        """Return a variable that is one of `choices`; the first of them is the default."""
        value: str = self.str(name, default=choices[0])
        if value not in choices:
            raise ImproperlyConfigured(f"{name} is {value!r}. Write one of: {', '.join(choices)}.")
        return value

    def db_url(self, name: str, **options: Any) -> dict[str, Any]:
        """Return the database settings from a variable's URL, including the options in its query."""
        with self._is_url(name, "postgres://user:password@127.0.0.1:5432/database", host_ends_at="/?"):
            database: dict[str, Any] = super().db_url(name, **options)
            if "." not in database["ENGINE"]:
                raise ValueError("an unknown scheme is treated as the name of a module")
            database |= {key: _switch(database[key]) for key in CONNECTION_SWITCHES & database.keys()}
            if "OPTIONS" in database:
                database["OPTIONS"] = {key: _switch(value) for key, value in database["OPTIONS"].items()}
            if database.get("OPTIONS", {}).get("pool"):
                # Django does not allow persistent connections together with a pool.
                database["CONN_MAX_AGE"] = 0
            return database

    def cache_url(self, name: str, **options: Any) -> dict[str, Any]:
        """Return the cache settings from a variable's URL."""
        with self._is_url(name, "redis://:password@127.0.0.1:6379/0"):
            cache: dict[str, Any] = super().cache_url(name, **options)
            return cache

    def email_url(self, name: str, **options: Any) -> dict[str, Any]:
        """Return the mail settings from a variable's URL."""
        with self._is_url(name, "smtp+tls://user:password@mail.example.com:587"):
            server: dict[str, Any] = super().email_url(name, **options)
            return server

    @contextmanager
    def _is_url(self, name: str, example: str, host_ends_at: str = "/?#") -> Iterator[None]:
        hint = ". Percent-encode special characters in the password: %2F for /, %3F for ?, %23 for #"
        with _is_like(name, example + hint):
            _scheme, _, address = self.str(name, default="").partition("://")
            host = re.split(f"[{host_ends_at}]", address, maxsplit=1)[0]
            if host and "@" in address.removeprefix(host):
                raise ValueError("the user, or a part of the password, would be the host")
            yield


def require_strong(keys_by_name: Mapping[str, Sequence[str]]) -> None:
    """Raise ImproperlyConfigured if a signing key is weak or used twice. `keys_by_name`: the keys of each variable.

    Anyone who knows a key can forge signatures, so each key must be random and serve only one purpose.
    """
    names: dict[str, str] = {}
    for name, values in keys_by_name.items():
        for value in values:
            problem = keys.weakness(value)
            if value in names:
                problem = "contains a key twice" if names[value] == name else f"is the same key as {names[value]}"
            if problem:
                raise ImproperlyConfigured(
                    f"{name} {problem}. Set it to a secret of its own. This command prints one: {keys.HOW_TO_MAKE_ONE}"
                )
            names[value] = name


def _switch(value: Any) -> Any:
    """Return `value`, converting True and False in any case to booleans."""
    return SWITCHES.get(str(value).lower(), value)


@contextmanager
def _is_like(name: str, example: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # django-environ only warns about an unknown database scheme
            yield
    except (UserWarning, ValueError, KeyError, ImproperlyConfigured):
        # The message does not show the value, which may contain a password.
        raise ImproperlyConfigured(f"{name} cannot be read. Write it like {name}={example}") from None
