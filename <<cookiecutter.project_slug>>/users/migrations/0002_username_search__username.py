"""Indexes on PostgreSQL for the filters username_Istartswith and username_Icontains.

Django compares UPPER(username). The beginning of a name is found by an index in the order of its characters, any part
of it by an index of its trigrams, which takes the extension pg_trgm. The owner of a database may create it, where the
server has it. Without it all names are read; when it can be had, `migrate users 0001` and `migrate` catch up.
"""

from contextlib import suppress
from typing import Any

from django.db import DatabaseError, migrations, transaction

BEGINNING = "users_customuser_username_prefix"
PART = "users_customuser_username_trigram"
# How frequent a text is decides whether to search for it or to read the list until it came up often enough; the usual
# hundred samples do not tell one in a hundred from one in a million.
SAMPLES = "ALTER INDEX {} ALTER COLUMN 1 SET STATISTICS 1000"


def create_indexes(apps: Any, schema_editor: Any) -> None:
    """Create what the server allows."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(f"CREATE INDEX {BEGINNING} ON users_customuser (UPPER(username) text_pattern_ops)")
    schema_editor.execute(SAMPLES.format(BEGINNING))
    with suppress(DatabaseError), transaction.atomic(schema_editor.connection.alias):
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(f"CREATE INDEX {PART} ON users_customuser USING gin (UPPER(username) gin_trgm_ops)")
        schema_editor.execute(SAMPLES.format(PART))


def drop_indexes(apps: Any, schema_editor: Any) -> None:
    """Drop what there is; the extension may serve others too."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {BEGINNING}, {PART}")


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(create_indexes, drop_indexes),
    ]
