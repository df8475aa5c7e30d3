"""Keeps accounts on the primary database, because a replica may lag behind it."""

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS

# The apps whose rows are read soon after they are written, or decide what a request may do.
APPS = {"admin", "auth", "contenttypes", "django_tasks_database", "graphql_auth", "sessions"}


class PrimaryRouter:
    """Routes users, their status, sessions, permissions and mails to the database `default`.

    A router of your own comes after it in DATABASE_ROUTERS. It may send the reads of other models to a replica.
    """

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Return the primary database for what belongs to accounts, and None for anything else."""
        return DEFAULT_DB_ALIAS if model._meta.app_label in primary_apps() else None

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        """Return the same database as for reads."""
        return self.db_for_read(model)


@cache
def primary_apps() -> set[str]:
    """Return the labels of the apps that stay on the primary database."""
    return APPS | {get_user_model()._meta.app_label}
