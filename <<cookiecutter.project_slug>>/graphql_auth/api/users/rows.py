"""Reads users as rows of the selected columns.

Creating model instances takes as long as the rest of a response. Rows are only for fields that need nothing but a
column. All other fields receive model instances: those that you add, and those whose resolver or column you replace.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import graphene
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Manager, QuerySet
from django.db.models.query_utils import DeferredAttribute
from graphene.utils.str_converters import to_camel_case
from graphene_django import DjangoObjectType
from graphene_django.settings import graphene_settings

from graphql_auth.models import UserStatus
from graphql_auth.user import User


@dataclass(frozen=True)
class StatusValue:
    """The resolver of a field of the status. It takes a user or a row."""

    name: str

    def __call__(self, user: User, info: graphene.ResolveInfo) -> Any:
        """Return the value, which is the default for a user without a status."""
        if not is_row(user):
            return getattr(UserStatus.of(user), self.name)
        value = getattr(user, f"status__{self.name}")
        field: Any = UserStatus._meta.get_field(self.name)
        return field.get_default() if value is None else value


def is_row(root: Any) -> bool:
    """Return whether `root` is a row, not a model instance."""
    return isinstance(root, tuple)


def rows(kind: Any, fields: set[str]) -> QuerySet[Any] | None:
    """Return the rows of all users for `fields` of the type `kind`; None if these need model instances."""
    columns = columns_of(kind)
    # Field middleware may need model instances, too.
    if graphene_settings.MIDDLEWARE or not fields <= columns.keys():
        return None
    selected = frozenset(columns[field] for field in fields)
    # A custom manager may return different users for each request.
    is_custom = type(get_user_model()._default_manager).get_queryset is not Manager.get_queryset
    return _query(selected) if is_custom else _cached_query(selected).all()


@cache
def columns_of(kind: Any) -> dict[str, str]:
    """Return the fields of the type `kind` that need only a column, with the columns, by their names in GraphQL."""
    if kind.has_own_queryset():
        # An overridden get_queryset expects model instances, and may need other columns.
        return {}
    found = {
        field.name or to_camel_case(name): _column(kind, name)
        for name, field in kind._meta.fields.items()
        if not isinstance(field, graphene.Dynamic)  # a relation
    }
    return {"__typename": "pk"} | {name: column for name, column in found.items() if column is not None}


def _column(kind: Any, name: str) -> str | None:
    """Return the column for a field of the type `kind`; None if the field may need more."""
    resolver = getattr(kind, f"resolve_{name}", None)
    if isinstance(resolver, StatusValue):
        return f"status__{resolver.name}"
    if name == "id" and graphene.relay.Node in kind._meta.interfaces:
        return "pk" if resolver is DjangoObjectType.resolve_id else None
    if resolver is not None or getattr(kind._meta.fields[name], "resolver", None) is not None:
        return None
    return name if name == "pk" or _is_plain(name) else None


def _is_plain(name: str) -> bool:
    """Return whether `name` is a column of users whose value is the attribute of the model instance."""
    try:
        field = get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    # Rows have no attributes with a leading underscore. Files and related objects need more than a column.
    if not isinstance(field, Field) or name.startswith("_"):
        return False
    return type(getattr(get_user_model(), name)) is DeferredAttribute


def _query(columns: frozenset[str]) -> QuerySet[Any]:
    return get_user_model()._default_manager.values_list(*sorted(columns | {"pk"}), named=True)


_cached_query = lru_cache(100)(_query)
