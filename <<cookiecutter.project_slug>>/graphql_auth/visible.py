"""Decides which fields of a user UserNode shows and `users` can be filtered by."""

from typing import Any

from django.contrib.auth import get_user_model

from graphql_auth.conf import accepted_fields, auth_settings
from graphql_auth.features import STATUS_FIELDS


def shows(name: str) -> bool:
    """Return whether a field of the user, or one of STATUS_FIELDS, is not in USER_NODE_EXCLUDE_FIELDS."""
    return name not in auth_settings.USER_NODE_EXCLUDE_FIELDS


def shows_path(path: str) -> bool:
    """Return whether UserNode shows the value that a filter's `path` leads to, such as `email` or `status__verified`.

    It shows the key of a related object if register or updateAccount accepts it, but no other fields, and no key of
    another user, who may be hidden.
    """
    if path.startswith("status__"):
        name = path.removeprefix("status__")
        return name in STATUS_FIELDS and shows(name)
    column = next((column for column in get_user_model()._meta.fields if column.name == path), None)
    if column is None or not shows(path):
        return False
    if not column.is_relation:
        return True
    related: Any = column.related_model
    return path in accepted_fields() and not issubclass(related, get_user_model())
