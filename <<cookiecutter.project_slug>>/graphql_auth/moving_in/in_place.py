"""Moves the users of an old project in its own database, where other apps refer to them.

The migrations make the tables of this project, the rows are copied, and the foreign keys of other apps are turned to
the new table, all in one transaction. The old tables are dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from graphql_auth.moving_in import sources, writing
from graphql_auth.moving_in.afterwards import verify
from graphql_auth.moving_in.plan import Plan
from graphql_auth.moving_in.sources import Reading

# The old table gets this prefix where the new one has its name.
ASIDE = "moved_"


def is_done() -> bool:
    """Return whether this project's table of users was made by its migrations."""
    label = get_user_model()._meta.app_label
    first = MigrationExecutor(connection).loader.graph.root_nodes(label)
    return any(node in MigrationRecorder(connection).applied_migrations() for node in first)


def move(source: str, reading: Reading, plan: Plan, *, keep_logins: int) -> list[str]:
    """Move the users, and return what was left behind. Raises an exception, and changes nothing, if a step fails."""
    table = reading.table
    with _unchecked(), transaction.atomic():
        members = writing.read_memberships(connection, table)
        for emptied in (f"{table}_groups", f"{table}_user_permissions", "graphql_auth_userstatus"):
            _drop(emptied)
        writing.rename_content_type(table)
        table = _set_aside(table)
        _migrate()
        writing.write_users(connection, table, plan)
        left = writing.write_memberships(members, with_groups=False)
        if keep_logins and source == "django-graphql-auth":
            writing.keep_logins(connection, keep_logins)
        for emptied in sources.EMPTIED[source]:
            if emptied != "graphql_auth_userstatus":
                _drop(emptied)
        _turn_foreign_keys(table)
        verify(plan)
        connection.check_constraints()
    return left


@contextmanager
def _unchecked() -> Iterator[None]:
    """Let SQLite rebuild tables, which it cannot do in a transaction that checks foreign keys."""
    with connection.constraint_checks_disabled():
        yield


def _set_aside(table: str) -> str:
    """Rename the old table, with its indexes, where the new one has its name; return its name."""
    if table != get_user_model()._meta.db_table:
        return table
    for index in _indexes(table):
        _run(f"ALTER INDEX {_quoted(index)} RENAME TO {_quoted(ASIDE + index)}")
    _run(f"ALTER TABLE {_quoted(table)} RENAME TO {_quoted(ASIDE + table)}")
    return ASIDE + table


def _indexes(table: str) -> list[str]:
    """Return the names of the old table's indexes and sequences. On SQLite, drop its indexes instead."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname FROM pg_class "
                "WHERE relkind IN ('i', 'S') AND relnamespace = current_schema()::regnamespace "
                "AND (oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = %s::regclass) "
                "OR oid IN (SELECT objid FROM pg_depend WHERE refobjid = %s::regclass AND deptype IN ('a', 'i')))",
                [table, table],
            )
            return [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL", [table]
        )
        for (name,) in cursor.fetchall():
            _drop(name, "INDEX")
    return []


def _migrate() -> None:
    """Run the migrations of the users, then all others.

    The history contains migrations that depend on those of the users. It is set aside until these have run.
    """
    label = get_user_model()._meta.app_label
    recorded = MigrationRecorder(connection).migration_qs
    recorded.filter(app__in=[label, "graphql_auth", "refresh_token"]).delete()
    graph = MigrationExecutor(connection).loader.graph
    needed = {node for leaf in graph.leaf_nodes(label) for node in graph.forwards_plan(leaf)}
    others = [row for row in recorded if (row.app, row.name) not in needed]
    recorded.filter(pk__in=[row.pk for row in others]).delete()
    MigrationExecutor(connection).migrate(graph.leaf_nodes(label))
    recorded.bulk_create(others)
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)


def _turn_foreign_keys(table: str) -> None:
    """Turn the foreign keys to the old table to the new one, and drop the old one."""
    meta = get_user_model()._meta
    if connection.vendor == "postgresql":
        _turn_on_postgresql(table, meta.db_table, str(meta.pk.column))
        _drop(table)
        return
    # Renaming a table renames it in the foreign keys of others too, unless `legacy_alter_table` is on.
    copy = f"new_{meta.db_table}"
    _rename_alone(meta.db_table, copy)
    _run(f"ALTER TABLE {_quoted(table)} RENAME TO {_quoted(meta.db_table)}")
    _drop(meta.db_table)
    _rename_alone(copy, meta.db_table)


def _turn_on_postgresql(table: str, new: str, key: str) -> None:
    _run("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND confrelid = %s::regclass AND conrelid <> confrelid",
            [_quoted(table)],
        )
        for referring, name, definition in cursor.fetchall():
            columns, _, rest = definition.partition(" REFERENCES ")
            options = rest.partition(")")[2]
            cursor.execute(f"ALTER TABLE {referring} DROP CONSTRAINT {_quoted(name)}")
            cursor.execute(
                f"ALTER TABLE {referring} ADD CONSTRAINT {_quoted(name)} {columns} "
                f"REFERENCES {_quoted(new)} ({_quoted(key)}){options}"
            )


def _rename_alone(table: str, name: str) -> None:
    _run("PRAGMA legacy_alter_table = ON")
    _run(f"ALTER TABLE {_quoted(table)} RENAME TO {_quoted(name)}")
    _run("PRAGMA legacy_alter_table = OFF")


def _drop(name: str, kind: str = "TABLE") -> None:
    _run(f"DROP {kind} IF EXISTS {_quoted(name)}")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
