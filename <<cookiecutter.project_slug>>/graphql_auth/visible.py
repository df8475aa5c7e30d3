"""Decides which fields of a user UserNode shows and `users` can be filtered by."""

from django.contrib.auth import get_user_model

from graphql_auth.conf import auth_settings
from graphql_auth.features import STATUS_FIELDS


def shows(name: str) -> bool:
    """Return whether a field of the user, or one of STATUS_FIELDS, is not in USER_NODE_EXCLUDE_FIELDS."""
    return name not in auth_settings.USER_NODE_EXCLUDE_FIELDS


def shows_path(path: str) -> bool:
    """Return whether UserNode shows the value that a filter's `path` leads to, such as `email` or `status__verified`.

    It shows no fields of other related objects.
    """
    if path.startswith("status__"):
        name = path.removeprefix("status__")
        return name in STATUS_FIELDS and shows(name)
    columns = {field.name for field in get_user_model()._meta.fields if not field.is_relation}
    return path in columns and shows(path)
