"""Adds indexes on PostgreSQL for the filters username_Istartswith and username_Icontains.

Django compares UPPER(username). A text_pattern_ops index finds the start of a name. A trigram index finds any part of
it; this requires the extension pg_trgm, which the owner of a database can create if the server provides it. Without it,
searches scan all names. Once it is available, run `migrate users 0001` and `migrate` to add the index.
"""

from contextlib import suppress
from typing import Any

from django.db import DatabaseError, migrations, transaction

BEGINNING = "users_customuser_username_prefix"
PART = "users_customuser_username_trigram"
# The planner chooses between an index and a scan by the estimated frequency of a text. The default of 100 samples cannot
# distinguish one match in a hundred from one in a million.
SAMPLES = "ALTER INDEX {} ALTER COLUMN 1 SET STATISTICS 1000"


def create_indexes(apps: Any, schema_editor: Any) -> None:
    """Create the indexes that the server supports."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(f"CREATE INDEX {BEGINNING} ON users_customuser (UPPER(username) text_pattern_ops)")
    schema_editor.execute(SAMPLES.format(BEGINNING))
    with suppress(DatabaseError), transaction.atomic(schema_editor.connection.alias):
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(f"CREATE INDEX {PART} ON users_customuser USING gin (UPPER(username) gin_trgm_ops)")
        schema_editor.execute(SAMPLES.format(PART))


def drop_indexes(apps: Any, schema_editor: Any) -> None:
    """Drop the indexes, but not the extension, which may have other uses."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {BEGINNING}, {PART}")


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0001_custom_user"),
    ]

    operations = [
        migrations.RunPython(create_indexes, drop_indexes),
    ]
