"""Copies the users of an old project from its database into this project's."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from graphql_auth.moving_in import writing
from graphql_auth.moving_in.afterwards import verify
from graphql_auth.moving_in.plan import Plan
from graphql_auth.moving_in.sources import Reading


def keys_here() -> set[Any]:
    """Return the keys of the users in this project's database, after its migrations."""
    call_command("migrate", verbosity=0, interactive=False)
    return {*get_user_model()._base_manager.values_list("pk", flat=True)}


def copy(source: str, old: BaseDatabaseWrapper, reading: Reading, plan: Plan, *, keep_logins: int) -> list[str]:
    """Copy the users, and return what was left behind. Raises an exception, and changes nothing, if a step fails."""
    with transaction.atomic():
        writing.write_users(old, reading.table, plan)
        left = writing.write_memberships(writing.read_memberships(old, reading.table), with_groups=True)
        if keep_logins and source == "django-graphql-auth":
            writing.keep_logins(old, keep_logins)
        verify(plan)
    return left
