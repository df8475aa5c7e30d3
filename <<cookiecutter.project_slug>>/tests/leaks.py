"""Finds passwords and tokens in logs and in the database."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jwt
import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import signing
from django.db import connection

from graphql_auth import sessions

# The minimum length in characters. A shorter secret, like the password "wrong", occurs everywhere.
SHORTEST = 12


def watch(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return a set to which all new tokens and hashed passwords are added."""
    seen: set[str] = set()

    def keep(place: Any, name: str, secret_of: Callable[..., str]) -> None:
        function = getattr(place, name)

        def keeping(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            secret = secret_of(result, *args, **kwargs)
            if len(secret) >= SHORTEST:
                seen.add(secret)
            return result

        monkeypatch.setattr(place, name, keeping)

    keep(secrets, "token_urlsafe", lambda token, *_: token)
    keep(sessions, "_successor", lambda token, *_: token)
    keep(jwt, "encode", lambda token, *_, **__: token)
    # Django's own sessions are signed too, and stored.
    keep(signing, "dumps", lambda token, *_, salt, **__: token if salt.startswith("graphql_auth.") else "")
    keep(MD5PasswordHasher, "encode", lambda _, hasher, password, salt: password)
    return seen


def found(secrets: Iterable[str], texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return each of `texts` that contains a secret, with the secret."""
    # The secret part of a signed token is its signature.
    needles = {re.split("[.:]", secret)[-1] for secret in secrets} - {""}
    if not needles:  # Many tests use none: their rows need not be read.
        return []
    return [(text, needle) for text in texts for needle in needles if needle in text]


def lines(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """Return the logged lines and the attributes of the records, except for the request, which is not logged."""
    for record in caplog.get_records("call"):
        beside = {name: value for name, value in vars(record).items() if name != "request"}
        yield f"{caplog.handler.format(record)} {beside}"


def rows() -> Iterator[str]:
    """Return every row of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield from (f"{table}: {row}" for row in cursor.fetchall())
