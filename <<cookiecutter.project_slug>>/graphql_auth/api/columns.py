"""Columns of the user in GraphQL: how each kind is shown, which arguments take it, and which lookups filter by it."""

import json
from collections.abc import Mapping
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import graphene
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.validators import validate_ipv46_address
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_duration
from django.utils.duration import duration_string
from graphene.utils.str_converters import to_camel_case
from graphene_django.compat import RangeField
from graphene_django.converter import convert_django_field, get_django_field_description
from graphene_django.registry import get_global_registry
from graphql import GraphQLError, StringValueNode
from graphql_relay import from_global_id

from graphql_auth.conf import accepted_fields


class Duration(graphene.Scalar):
    """A duration in days, hours, minutes and seconds, such as "3 04:05:06.789". ISO 8601 is accepted too."""

    @staticmethod
    def serialize(value: timedelta) -> str:
        """Return the duration as text."""
        return duration_string(value)

    @staticmethod
    def parse_value(value: Any) -> timedelta:
        """Return the duration of a text. Raises GraphQLError."""
        try:
            duration = parse_duration(value)
        except (TypeError, OverflowError):
            duration = None
        if duration is None:
            raise GraphQLError("Duration cannot represent this value.")
        return duration

    @classmethod
    def parse_literal(cls, node: Any, variables: Any = None) -> timedelta:
        """Return the duration of a literal. Raises GraphQLError."""
        return cls.parse_value(node.value if isinstance(node, StringValueNode) else None)


# The first class that matches a column decides.
SHOWN: list[tuple[type[models.Field], type[graphene.Scalar]]] = [
    (models.BooleanField, graphene.Boolean),
    (models.BigIntegerField, graphene.BigInt),
    (models.IntegerField, graphene.Int),
    (models.FloatField, graphene.Float),
    (models.DecimalField, graphene.Decimal),
    (models.DateTimeField, graphene.DateTime),
    (models.DateField, graphene.Date),
    (models.TimeField, graphene.Time),
    (models.DurationField, Duration),
    (models.UUIDField, graphene.UUID),
    (models.JSONField, graphene.JSONString),
    (models.GenericIPAddressField, graphene.String),
    (models.CharField, graphene.String),
    (models.TextField, graphene.String),
    (models.FilePathField, graphene.String),
]
TEXTS = (models.CharField, models.TextField, models.FilePathField)

# For each scalar, the argument types that accept its values. The first is recommended.
TAKING = {
    graphene.Boolean: ("Boolean",),
    graphene.BigInt: ("BigInt",),
    graphene.Int: ("Int", "BigInt"),
    graphene.Float: ("Float",),
    graphene.Decimal: ("Decimal", "String"),
    graphene.DateTime: ("DateTime", "String"),
    graphene.Date: ("Date", "String"),
    graphene.Time: ("Time", "String"),
    Duration: ("String",),
    graphene.UUID: ("UUID", "String", "ID"),
    graphene.JSONString: ("JSONString", "String"),
    graphene.String: ("String", "ID"),
    graphene.ID: ("ID", "String"),
}

# Databases store microseconds in 64 bits.
LONGEST_DURATION = timedelta(microseconds=2**63 - 1)

ORDERED = {"gt", "gte", "lt", "lte", "range"}
PARTS_OF_TEXT = {
    "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith",
}  # fmt: skip
PARTS_OF_DATE = {"year", "iso_year", "month", "day", "week", "week_day", "iso_week_day", "quarter"}
PARTS_OF_TIME = {"hour", "minute", "second"}


def graphql_name(name: str) -> str:
    """Return the name of a column in GraphQL."""
    return str(to_camel_case(name))


def shown_as(column: Any) -> type[graphene.Scalar] | None:
    """Return the scalar that shows a column, or None if UserNode does not show it."""
    if column.primary_key or column.is_relation:
        return graphene.ID
    return next((scalar for kind, scalar in SHOWN if isinstance(column, kind)), None)


def taken_by(column: Any) -> tuple[str, ...]:
    """Return the names of the graphene scalars that accept a value of the column as it is shown."""
    scalar = shown_as(column)
    return TAKING[scalar] if scalar is not None else ()


def is_shown(column: Any) -> bool:
    """Return whether GraphQL can name a column and graphene-django has a type that shows its values."""
    converter, none = (convert_django_field.dispatch(kind) for kind in (type(column), object))
    # graphene-django's type of a range is a list, but the values are none.
    return column.name.isascii() and converter is not none and not isinstance(column, RangeField)


def lookup_type(column: Any, lookup: str) -> Any:
    """Return the GraphQL type of the values that a lookup accepts, or None if the lookup is not supported.

    Regular expressions are not supported, because some of them keep the database busy for hours.
    """
    first, _separator, rest = lookup.partition("__")
    if rest or first in {"date", "time"} | PARTS_OF_DATE | PARTS_OF_TIME:
        part = _part(column, first)
        return lookup_type(part, rest or "exact") if part is not None else None
    scalar = shown_as(column)
    is_key = scalar is graphene.ID
    if scalar is None or (column.is_relation and not is_key):
        return None
    if lookup == "isnull":
        return graphene.Boolean
    is_comparable = scalar is not graphene.JSONString
    if lookup in {"exact", "in"} and is_comparable:
        return scalar if lookup == "exact" else graphene.List(scalar)
    if lookup in PARTS_OF_TEXT and isinstance(column, TEXTS) and not is_key:
        return scalar
    has_order = is_comparable and not is_key and scalar is not graphene.Boolean
    if lookup in ORDERED and has_order and not isinstance(column, models.GenericIPAddressField):
        return graphene.List(scalar) if lookup == "range" else scalar
    return None


def prepare(column: Any, value: Any) -> Any:
    """Return the value of a filter as the database expects it. Raises an exception if the column cannot have it."""
    if column.primary_key or column.is_relation:
        model = get_user_model() if column.primary_key else column.related_model
        value = column.to_python(key_in(value, model))
    if isinstance(column, models.GenericIPAddressField):
        validate_ipv46_address(value)
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("PostgreSQL stores no NUL")
        value.encode()
    if isinstance(value, datetime) and settings.USE_TZ and timezone.is_naive(value):
        value = timezone.make_aware(value)
    if isinstance(value, timedelta) and abs(value) > LONGEST_DURATION:
        raise ValueError("more than SQLite keeps")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("more than the 64 bits of a database's integer")
    return value


def key_in(given: str, model: type[models.Model]) -> str:
    """Return the key in a global id of `model`. Any other text is returned unchanged, as a key."""
    try:
        type_name, key = from_global_id(given)
    except Exception:  # of several libraries that decode
        return given
    names = {kind.__name__ for kind in (get_global_registry().get_type_for_model(model),) if kind is not None}
    return key if type_name in names else given


def as_typed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments for columns of the user as a Django form expects them."""
    return {name: _as_typed(get_user_model()._meta.get_field(name), value) for name, value in fields.items()}


def _as_typed(column: Any, value: Any) -> Any:
    is_json = isinstance(column, models.JSONField) and accepted_fields().get(column.name) == "JSONString"
    if is_json and value is not None:
        return json.dumps(value)
    if column.is_relation and isinstance(value, str):
        return key_in(value, column.related_model)
    return value


def _part(column: Any, name: str) -> Any:
    """Return a column of the type of a part of a date or time, such as its year."""
    is_time = isinstance(column, models.DateTimeField | models.TimeField)
    if isinstance(column, models.DateTimeField) and name in {"date", "time"}:
        return models.DateField() if name == "date" else models.TimeField()
    if (isinstance(column, models.DateField) and name in PARTS_OF_DATE) or (is_time and name in PARTS_OF_TIME):
        return models.IntegerField()
    return None


@convert_django_field.register(models.DurationField)
def convert_duration(column: Any, registry: Any = None) -> Duration:
    """Convert a duration. graphene-django would convert it to a Float."""
    return Duration(description=get_django_field_description(column), required=not column.null)


@convert_django_field.register(models.GeneratedField)
def convert_generated(column: Any, registry: Any = None) -> Any:
    """Convert a column that the database computes."""
    output = copy(column.output_field)
    output.null = True
    return convert_django_field(output, registry)


to_one = convert_django_field.dispatch(models.ForeignKey)


@convert_django_field.register(models.OneToOneField)
@convert_django_field.register(models.ForeignKey)
def convert_to_one(column: Any, registry: Any = None) -> graphene.Dynamic:
    """Convert a relation to an object, or to a key if its model has no type and mutations accept the column."""
    return graphene.Dynamic(partial(_object_or_key, to_one(column, registry), column))


def _object_or_key(as_object: graphene.Dynamic, column: Any) -> Any:
    found = as_object.get_type()
    if found is not None or column.model is not get_user_model() or column.name not in accepted_fields():
        return found
    return graphene.ID(
        description=get_django_field_description(column),
        required=not column.null,
        resolver=lambda user, _info: getattr(user, column.attname),
    )
