"""A check of the database, which `migrate` and `check --database default` run."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connection

from graphql_auth.models import UserStatus


@register(Tags.database)
def check_tables(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Look for the tables of django-graphql-auth, which has the same label.

    `migrate` would not touch them, and every login would fail.
    """
    table = UserStatus._meta.db_table
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return []
        columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
    if UserStatus._meta.get_field("link_revision").column in columns:
        return []
    return [
        Error(
            f"The table {table} belongs to django-graphql-auth.",
            hint="Take over its users: `manage.py move_in django-graphql-auth` says what will happen.",
            id="graphql_auth.E160",
        )
    ]
