"""Reads the accounts of an old project. Its models are not installed, so its tables are read as rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

Row = dict[str, Any]
PASSWORD_LENGTH = 128
# For each kind of key in a database, the line of the user's model that declares it.
KEYS = {
    "integer": "id = models.AutoField(primary_key=True)",
    "bigint": "id = models.BigAutoField(primary_key=True)",
    "uuid": "id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)",
}


@dataclass(slots=True)
class Account:
    """An account of the old project, as far as the rules of this one concern it."""

    key: Any
    email: str
    # % if cookiecutter.login_field == "username"
    username: str
    # % endif
    password: str
    active: bool
    last_login: datetime | None
    joined: datetime | None
    never_activated: bool = False
    verified: bool = False
    archived: bool = False
    secondary: str = ""


@dataclass
class Reading:
    """What was read from an old project: its table of users, its accounts, and what is left behind, in words."""

    table: str
    accounts: list[Account]
    left: list[str] = field(default_factory=list)


class UnknownVerificationError(Exception):
    """The source does not know which addresses are verified."""


class NothingToReadError(Exception):
    """A table of the source is missing."""


class OtherKeysError(Exception):
    """The keys of the old users are of another kind than those of the users here."""


def read(source: str, connection: BaseDatabaseWrapper, verified: str | None) -> Reading:
    """Read the accounts of `source`, one of SOURCES.

    `verified`, "all" or "none", says which addresses are verified where the source does not know. Raises
    UnknownVerificationError if it is needed and None, NothingToReadError if a table is missing, and OtherKeysError.
    """
    return SOURCES[source](connection, verified)


def tables(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the tables in a database."""
    return {*connection.introspection.table_names()}


def columns(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """Return the names of a table's columns."""
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def key_of(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return the name of the column that is a table's primary key."""
    with connection.cursor() as cursor:
        return str(connection.introspection.get_primary_key_column(cursor, table))


def key_kind(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return the kind of a table's primary key: "integer", "bigint" or "uuid"."""
    key = key_of(connection, table)
    with connection.cursor() as cursor:
        (column,) = (each for each in connection.introspection.get_table_description(cursor, table) if each.name == key)
    kind = str(connection.introspection.get_field_type(column.type_code, column))
    if kind.startswith(("UUID", "Char")):
        return "uuid"
    return "bigint" if kind.startswith("Big") else "integer"


def rows(connection: BaseDatabaseWrapper, table: str, key: str) -> Iterator[Row]:
    """Yield the rows of a table by its key, a thousand at a time."""
    name, column = (connection.ops.quote_name(text) for text in (table, key))
    after = ""
    values: list[Any] = []
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {name} {after} ORDER BY {column} LIMIT 1000", values)  # noqa: S608  quoted
            names = [each[0] for each in cursor.description]
            some = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        yield from some
        if not some:
            return
        after, values = f"WHERE {column} > %s", [some[-1][key]]


def user_table(connection: BaseDatabaseWrapper, *referring: str) -> str:
    """Return the old project's table of users: the one to which a table of `referring` or the admin's log refers."""
    there = tables(connection)
    for table in (*referring, "django_admin_log"):
        if table not in there:
            continue
        with connection.cursor() as cursor:
            constraints = connection.introspection.get_constraints(cursor, table)
        for constraint in constraints.values():
            if constraint["foreign_key"] and constraint["columns"] == ["user_id"]:
                return str(constraint["foreign_key"][0])
    if "auth_user" not in there:
        raise NothingToReadError("No table of users was found: no table refers to one, and there is no auth_user.")
    return "auth_user"


def _of_graphql_auth(connection: BaseDatabaseWrapper, verified: str | None) -> Reading:
    """Read the tables of django-graphql-auth 0.3.16."""
    _require(connection, "graphql_auth_userstatus")
    reading = _users(connection, "graphql_auth_userstatus")
    statuses = {_owner(row): row for row in rows(connection, "graphql_auth_userstatus", "id")}
    for account in reading.accounts:
        status = statuses.get(account.key)
        if status is not None:
            account.verified, account.archived = bool(status["verified"]), bool(status["archived"])
            account.secondary = status["secondary_email"] or ""
    lacking = len(reading.accounts) - len(statuses)
    if lacking:
        reading.left.append(f"{lacking} accounts have no status: they are neither verified nor archived.")
    if count := _count(connection, "refresh_token_refreshtoken"):
        reading.left.append(f"{count} refresh tokens: everybody logs in again, but for --keep-logins.")
    return reading


def _of_allauth(connection: BaseDatabaseWrapper, verified: str | None) -> Reading:
    """Read the tables of django-allauth. An account has several addresses: the primary one and another are kept."""
    _require(connection, "account_emailaddress")
    reading = _users(connection, "account_emailaddress")
    addresses: dict[Any, list[Row]] = {}
    for row in rows(connection, "account_emailaddress", "id"):
        addresses.setdefault(_owner(row), []).append(row)
    for account in reading.accounts:
        _take_addresses(account, addresses.get(account.key, []), reading.left)
    for table, words in LEFT_BY_ALLAUTH.items():
        if count := _count(connection, table):
            reading.left.append(f"{count} {words}.")
    return reading


LEFT_BY_ALLAUTH = {
    "mfa_authenticator": "second factors: their owners log in with the password alone",
    "socialaccount_socialaccount": "logins with other providers: their owners reset their passwords",
    "usersessions_usersession": "sessions: everybody logs in again",
}


def _take_addresses(account: Account, addresses: list[Row], left: list[str]) -> None:
    """Give an account its primary address, and the newest other verified one."""
    same = [row for row in addresses if row["email"].lower() == account.email.lower()]
    primary = next((row for row in addresses if row["primary"]), None) or (same[-1] if same else None)
    if primary is not None:
        account.email, account.verified = primary["email"], bool(primary["verified"])
    others = [row for row in addresses if row is not primary]
    secondary = next((row for row in reversed(others) if row["verified"]), None)
    if secondary is not None:
        account.secondary = secondary["email"]
    left.extend(f"{row['email']}, another address of {account.key}." for row in others if row is not secondary)


def _of_djoser(connection: BaseDatabaseWrapper, verified: str | None) -> Reading:
    """Read the users of djoser, where an account that was not activated is inactive and has never logged in."""
    reading = _users(connection, "authtoken_token")
    for account in reading.accounts:
        if not account.active and account.last_login is None:
            account.never_activated = True
        else:
            account.verified = _said(verified)
    if count := _count(connection, "authtoken_token"):
        reading.left.append(f"{count} tokens: everybody logs in again.")
    return reading


def _of_django(connection: BaseDatabaseWrapper, verified: str | None) -> Reading:
    """Read plain users."""
    reading = _users(connection)
    for account in reading.accounts:
        account.verified = _said(verified)
    return reading


SOURCES: Mapping[str, Callable[[BaseDatabaseWrapper, str | None], Reading]] = {
    "django-graphql-auth": _of_graphql_auth,
    "django-allauth": _of_allauth,
    "djoser": _of_djoser,
    "django": _of_django,
}
# The tables whose rows are taken over, or of no use any more. Each refers to the ones after it.
EMPTIED: Mapping[str, list[str]] = {
    "django-graphql-auth": ["refresh_token_refreshtoken", "graphql_auth_userstatus"],
    "django-allauth": ["account_emailconfirmation", "account_emailaddress", "usersessions_usersession"],
    "djoser": ["authtoken_token"],
    "django": [],
}


def _said(verified: str | None) -> bool:
    if verified is None:
        raise UnknownVerificationError
    return verified == "all"


def _users(connection: BaseDatabaseWrapper, *referring: str) -> Reading:
    table = user_table(connection, *referring)
    key = key_of(connection, table)
    _require_same_keys(connection, table)
    return Reading(table, [_account(row, key, connection) for row in rows(connection, table, key)])


def _require_same_keys(connection: BaseDatabaseWrapper, table: str) -> None:
    had, has = key_kind(connection, table), _own_key_kind()
    # Integers can be copied whatever their size, and SQLite has only one size.
    any_size = connection.alias != DEFAULT_DB_ALIAS or connection.vendor == "sqlite"
    if had != has and not (any_size and "uuid" not in (had, has)):
        raise OtherKeysError(f"The keys in {table} are {had}, not {has}. Write in users/models.py: {KEYS[had]}")


def _own_key_kind() -> str:
    key = get_user_model()._meta.pk
    if isinstance(key, models.UUIDField):
        return "uuid"
    return "bigint" if isinstance(key, models.BigAutoField | models.BigIntegerField) else "integer"


def _account(row: Row, key: str, connection: BaseDatabaseWrapper) -> Account:
    return Account(
        key=as_key(row[key]),
        email=row.get("email") or "",
        # % if cookiecutter.login_field == "username"
        username=row.get("username") or "",
        # % endif
        password=row["password"],
        active=bool(row.get("is_active", True)),
        last_login=as_time(row.get("last_login"), connection),
        joined=as_time(row.get("date_joined"), connection),
    )


def _owner(row: Row) -> Any:
    return as_key(row["user_id"])


def as_key(value: Any) -> Any:
    """Return the key of a user as read by a cursor, which SQLite keeps as text if it is a UUID."""
    return get_user_model()._meta.pk.to_python(value)


def as_time(value: Any, connection: BaseDatabaseWrapper) -> datetime | None:
    """Return a time as read by a cursor, which SQLite keeps as text, as an aware datetime."""
    time: datetime | None = datetime.fromisoformat(value) if isinstance(value, str) else value
    if time is not None and timezone.is_naive(time):
        time = timezone.make_aware(time, connection.timezone)
    return time


def _count(connection: BaseDatabaseWrapper, table: str) -> int:
    if table not in tables(connection):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  a quoted name
        return int(cursor.fetchone()[0])


def _require(connection: BaseDatabaseWrapper, table: str) -> None:
    if table not in tables(connection):
        raise NothingToReadError(f"There is no table {table}.")
