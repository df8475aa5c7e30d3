"""The users of databases that the old packages made move in. Copied into a rendering by test_moving_in."""

import contextlib
import io
import os
import sqlite3
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import connection, connections
from django.test import override_settings

from graphql_auth.models import Session, UserStatus
from graphql_auth.moving_in import writing

DUMPS = Path(os.environ["DUMPS"])
KEY = os.environ["KEY"]  # of the users here: bigint or uuid
BY_EMAIL = get_user_model().USERNAME_FIELD == "email"
VENDOR = connection.vendor
SOURCES = ["django-graphql-auth", "django-allauth", "djoser", "django"]
# A user model of one's own has keys of the kind here; SQLite has one kind of integer.
NAMES = [f"{source}-{KEY}" for source in SOURCES]
PLAIN = SOURCES if VENDOR == "sqlite" and KEY == "bigint" else []
HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",  # for the new hashes: quick
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
]
PASSWORD = "correct-horse-battery"
SURE = ("--clashes", "keep-verified", "--drop-columns")
EMAILS = {
    "ada": "ada@example.com",
    "Bob": "bob@example.com",
    "carol": "",
    "carol2": "carol@example.com",
    "dave": "dave@example.com",
    "Dave": "dave.other@example.com",
    "erin@example.com": "erin@example.com",
    "frank@example.com": "frank.other@example.com",
    "frank": "frank@example.com",
    "josé": "jose@xn--bcher-kva.example",
    "nobody": "",
    "nobody2": "",
    "banned": "banned@example.com",
    "new": "new@example.com",
    "sleeping": "sleeping@example.com",
    "grace": "grace@example.com",
    "heidi": "heidi@example.com",
    "quoted": "",
    "lost": "lost@example.com",
}


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker):
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=HASHERS):
        yield


@pytest.fixture(autouse=True)
def no_secret_is_left():
    """Switch off the search of the project's tests, which have a database of their own."""


@pytest.fixture
def database(tmp_path):
    """Return `database(alias, dump)`, which points a connection to a new database, filled from a dump."""
    made = []

    def point(alias="default", dump=None):
        name = str(tmp_path / f"{alias}.sqlite3") if VENDOR == "sqlite" else f"moving_in_{uuid4().hex[:12]}"
        text = (DUMPS / f"{dump}.{'sqlite3' if VENDOR == 'sqlite' else VENDOR}.sql").read_text() if dump else ""
        if VENDOR == "sqlite":
            with contextlib.closing(sqlite3.connect(name)) as file:
                file.executescript(text)
        else:
            run_on_postgresql("postgres", f"CREATE DATABASE {name}")
            run_on_postgresql(name, text)
        if alias not in connections.settings:
            connections.settings[alias] = {**connections.settings["default"]}
        connections[alias].close()
        made.append((alias, connections[alias].settings_dict["NAME"], name))
        connections[alias].settings_dict["NAME"] = name
        return connections[alias]

    yield point
    for alias, before, name in made:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = before
        if VENDOR == "postgresql":
            run_on_postgresql("postgres", f"DROP DATABASE {name} WITH (FORCE)")
    if "old" in connections.settings:
        del connections["old"], connections.settings["old"]


def run_on_postgresql(name, text):
    with psycopg.connect(host="127.0.0.1", user="postgres", dbname=name, autocommit=True) as server:
        server.execute(text or "SELECT 1")


def move_in(name, *options):
    """Run the command and return what it printed."""
    output = io.StringIO()
    source = name.removesuffix(f"-{KEY}")
    unknown = ["--verified", "all"] if source in ("django", "djoser") else []
    call_command("move_in", source, *unknown, *options, stdout=output, no_color=True)
    return output.getvalue()


def content(database):
    """Return everything in a database, to compare it later."""
    with database.cursor() as cursor:
        tables = sorted(database.introspection.table_names(cursor))
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(str, cursor.fetchall()))
    return found


def count(table):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
        return cursor.fetchone()[0]


def user(name):
    """Return a user of the old project by the number of the name in EMAILS, since names and addresses may change."""
    key = [*EMAILS].index(name)
    return get_user_model().objects.select_related("status").order_by("date_joined")[key]


@pytest.mark.parametrize("name", [*NAMES, *PLAIN])
def test_users_move_in_place_and_log_in_with_their_passwords(database, name):
    old = database(dump=name)
    notes = count("notes_note")

    assert "19 users have moved in." in move_in(name, *SURE, "--apply", "--keep-logins", "2")

    check_accounts(name.removesuffix(f"-{KEY}"))
    assert count("notes_note") == count("notes_note_readers") == notes
    connection.check_constraints()
    call_command("migrate", check_unapplied=True, verbosity=0)
    left = {"auth_user", "people_person", "authtoken_token", "account_emailaddress", "refresh_token_refreshtoken"}
    assert not left & {*connection.introspection.table_names()}
    moved = content(old)
    assert "There is nothing to do" in move_in(name, *SURE, "--apply")
    assert content(old) == moved
    assert "token 2 of ada" not in str(moved)
    kept = 2 if name.startswith("django-graphql-auth") else 0
    assert {found.account_sessions.count() for found in get_user_model().objects.all()} == {kept}


def check_accounts(source):
    """Check that each account has what it had, as far as the rules of this project allow."""
    users = {old: user(old) for old in EMAILS}
    for old, email in EMAILS.items():
        found = users[old]
        assert found.email == (email or f"user-{found.pk}@moved.invalid")
        assert found.check_password(PASSWORD) == (old != "nobody")
        assert email or not found.status.verified
        if not BY_EMAIL:
            # Among several, the verified one keeps the name. A name that is another's address is lost.
            loses = old in ("frank@example.com", "Dave")
            assert found.username == (f"user-{found.pk}" if loses else old)
    assert users["sleeping"].status.archived == (source == "django-graphql-auth")
    assert not users["banned"].is_active
    assert users["new"].is_active == (source == "djoser")
    assert users["new"].status.verified == (source == "django")
    assert users["Bob"].status.verified
    assert users["lost"].status.verified == (source != "django-graphql-auth")
    second = "heidi.second@example.com" if source in ("django-graphql-auth", "django-allauth") else None
    assert users["heidi"].status.secondary_email == second
    # What the old project had is the primary address of another account.
    second = "older.grace@example.com" if source == "django-allauth" else None
    assert users["grace"].status.secondary_email == second
    for old in ("ada", "heidi"):
        assert [group.name for group in users[old].groups.all()] == ["Editors"]
        assert users[old].has_perm("users.change_customuser")
    assert not users["Bob"].has_perm("users.change_customuser")
    assert Permission.objects.filter(content_type__model="customuser").count() == 4
    if KEY != "uuid":
        names = {} if BY_EMAIL else {"username": "later"}
        later = get_user_model().objects.create_user(email="later@example.com", password=None, **names)
        assert later.pk > max(found.pk for found in users.values())
        later.delete()


@pytest.mark.parametrize("name", NAMES)
def test_a_report_changes_nothing(database, name):
    old = database(dump=name)
    before = content(old)

    report = move_in(name, *SURE)

    assert "Nothing was changed." in report
    assert "carol@example.com: " in report
    assert content(old) == before


@pytest.mark.parametrize("name", NAMES[:1])
@pytest.mark.parametrize("step", ["write_users", "write_memberships"])
def test_a_failure_half_way_changes_nothing(database, monkeypatch, name, step):
    old = database(dump=name)
    before = content(old)
    work = getattr(writing, step)

    def work_and_fail(*arguments, **options):
        work(*arguments, **options)
        raise RuntimeError("a failure half-way")

    monkeypatch.setattr(writing, step, work_and_fail)
    with pytest.raises(RuntimeError):
        move_in(name, *SURE, "--apply")

    assert content(old) == before


@pytest.mark.parametrize(
    ("options", "hashers", "message"),
    [
        (("--drop-columns",), HASHERS, "--clashes keep-verified"),
        (("--clashes", "keep-verified"), HASHERS, "--drop-columns"),
        (SURE, HASHERS[:2], "BCryptSHA256PasswordHasher"),
    ],
)
def test_what_stands_in_the_way_is_named(database, options, hashers, message):
    name = f"django-graphql-auth-{KEY}"
    old = database(dump=name)
    before = content(old)

    with override_settings(PASSWORD_HASHERS=hashers), pytest.raises(CommandError, match=message):
        move_in(name, *options, "--apply")

    assert content(old) == before


@pytest.mark.parametrize("source", ["django", "djoser"])
def test_nobody_guesses_who_is_verified(database, source):
    database(dump=f"{source}-{KEY}")

    with pytest.raises(CommandError, match="--verified all or --verified none"):
        call_command("move_in", source, *SURE, "--apply")


def test_a_key_of_another_kind_is_named(database):
    database(dump="django-graphql-auth" if KEY == "uuid" else "django-graphql-auth-uuid")
    line = "models.AutoField" if KEY == "uuid" else "models.UUIDField"

    with pytest.raises(CommandError, match=line):
        move_in("django-graphql-auth", *SURE)


@pytest.mark.parametrize("name", NAMES)
def test_users_move_in_from_a_second_database(database, name):
    database()
    old = database("old", name)
    before = content(old)

    assert "19 users have moved in." in move_in(name, *SURE, "--apply", "--database", "old")

    check_accounts(name.removesuffix(f"-{KEY}"))
    assert content(old) == before
    moved = content(connection)
    assert "There is nothing to do" in move_in(name, *SURE, "--apply", "--database", "old")
    assert content(connection) == moved


def test_migrate_names_the_tables_of_the_old_package(database):
    """It must not say that there is nothing to migrate: every login would fail then."""
    old = database(dump=f"django-graphql-auth-{KEY}")
    before = content(old)

    with pytest.raises(SystemCheckError, match="move_in django-graphql-auth"):
        call_command("migrate", skip_checks=False)

    assert content(old) == before
    assert (Session._meta.db_table, UserStatus._meta.db_table) == ("graphql_auth_session", "graphql_auth_userstatus")
