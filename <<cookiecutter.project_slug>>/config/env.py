"""Reads the environment. A value that makes no sense stops the project, with the name of its variable and the fix."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Env(environ.Env):
    """The variables of the environment and of the file .env."""

    def bool(self, name: str, default: bool) -> bool:
        """Return a variable that is True or False, 1 or 0, yes or no, on or off."""
        text = self.str(name, default=str(default)).strip().lower()
        if text not in {"true", "1", "yes", "on", "false", "0", "no", "off"}:
            raise ImproperlyConfigured(f"{name} is neither True nor False. Write {name}=True or {name}=False.")
        return text in {"true", "1", "yes", "on"}

    def int(self, name: str, default: int) -> int:
        """Return a variable that is a whole number."""
        with _is_like(name, str(default)):
            return int(self.str(name, default=str(default)))

    def list(self, name: str, default: list[str]) -> list[str]:
        """Return a variable whose values are separated by commas."""
        return [value.strip() for value in super().list(name, default=default) if value.strip()]

    def choice(self, name: str, *choices: str) -> str:
        """Return a variable that is one of `choices`; the first of them is the default."""
        value: str = self.str(name, default=choices[0])
        if value not in choices:
            raise ImproperlyConfigured(f"{name} is {value!r}. Write one of: {', '.join(choices)}.")
        return value

    def db_url(self, name: str, **options: Any) -> dict[str, Any]:
        """Return the database at a variable's address."""
        with _is_like(name, "postgres://user:password@127.0.0.1:5432/database"):
            database: dict[str, Any] = super().db_url(name, **options)
            if "." not in database["ENGINE"]:
                raise ValueError("an unknown kind of database is taken for a module")
            return database

    def cache_url(self, name: str, **options: Any) -> dict[str, Any]:
        """Return the cache at a variable's address."""
        with _is_like(name, "redis://127.0.0.1:6379/0"):
            cache: dict[str, Any] = super().cache_url(name, **options)
            return cache

    def email_url(self, name: str, **options: Any) -> dict[str, Any]:
        """Return the settings for the mail server at a variable's address."""
        with _is_like(name, "smtp+tls://user:password@mail.example.com:587"):
            server: dict[str, Any] = super().email_url(name, **options)
            return server


@contextmanager
def _is_like(name: str, example: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # all that is said about an unknown kind of database
            yield
    except (UserWarning, ValueError, KeyError, ImproperlyConfigured):
        # The value stays unsaid: it may hold a password.
        raise ImproperlyConfigured(f"{name} cannot be read. Write it like {name}={example}") from None
