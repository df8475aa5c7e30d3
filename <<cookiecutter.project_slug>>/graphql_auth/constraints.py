"""Finds the fields of a model whose constraint the database reports as violated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import BaseConstraint, CheckConstraint, Model, Q, UniqueConstraint

# What SQLite says: the columns, or the name of the constraint.
SQLITE = re.compile(
    r"(?:UNIQUE|(?P<null>NOT NULL)|CHECK) constraint failed: "
    r"(?:index '(?P<index>.+)'|(?P<columns>\w+\.\w+(?:, \w+\.\w+)*)|(?P<name>.+))"
)
DEFAULT_MESSAGE = BaseConstraint.default_violation_error_message
NOT_NULL = "23502"  # the SQLSTATE of PostgreSQL


@dataclass(frozen=True)
class Violation:
    """A violated constraint of a model: its fields, and the error for a form."""

    fields: list[str]
    error: ValidationError


def violation(error: IntegrityError, instance: Model) -> Violation | None:
    """Return what `error` says about the constraints of `instance`, which was being saved.

    None for a constraint of another table, or of a kind that the database does not describe, such as a foreign key.
    """
    name, columns, is_null = _reported(error, {model._meta.db_table for model in _tables(instance)})
    by_column = {field.column: field.name for field in instance._meta.concrete_fields}
    fields = [by_column[column] for column in columns if column in by_column]
    # SQLite does not say the name of a constraint of columns.
    declared = next((found for found in _constraints(instance) if found.name == name or _has(found, fields)), None)
    if declared is not None:
        fields = [*_fields_of(declared)]
    elif name:
        fields = [by_column[column] for column in _columns(instance, name) if column in by_column]
    if not fields:
        return None
    if is_null:
        [message] = (
            column.error_messages["null"] for column in instance._meta.concrete_fields if column.name == fields[0]
        )
        return Violation(fields, ValidationError(message, "null"))
    return Violation(fields, _error(declared, instance, fields))


def _reported(error: IntegrityError, tables: set[str]) -> tuple[str, list[str], bool]:
    """Return the name of the constraint or its columns, and whether a column was null."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:  # PostgreSQL
        if diagnosis.table_name not in tables:
            return "", [], False
        columns = [diagnosis.column_name] if diagnosis.column_name else []
        return diagnosis.constraint_name or "", columns, diagnosis.sqlstate == NOT_NULL
    found = SQLITE.fullmatch(str(error))
    if found is None:
        return "", [], False
    parts = [part.split(".") for part in (found["columns"] or "").split(", ") if part]
    columns = [column for table, column in parts if table in tables]
    return found["index"] or found["name"] or "", columns, bool(found["null"])


def _tables(instance: Model) -> list[type[Model]]:
    return [type(instance), *instance._meta.get_parent_list()]


def _constraints(instance: Model) -> Iterator[Any]:
    for model in _tables(instance):
        yield from model._meta.constraints


def _columns(instance: Model, name: str) -> list[str]:
    """Return the columns of a constraint that Django named, for `unique=True` or `unique_together`."""
    with connection.cursor() as cursor:
        for model in _tables(instance):
            found = connection.introspection.get_constraints(cursor, model._meta.db_table).get(name)
            if found is not None:
                return [column for column in found["columns"] if column]
    return []


def _fields_of(constraint: Any) -> Iterator[str]:
    if isinstance(constraint, UniqueConstraint):
        yield from constraint.fields
        expressions: Any = constraint.expressions
        for expression in expressions:
            # A column alone is no expression of Django's.
            parts = expression.flatten() if hasattr(expression, "flatten") else [expression]
            yield from (part.name for part in parts if hasattr(part, "name"))
    elif isinstance(constraint, CheckConstraint) and isinstance(constraint.condition, Q):
        yield from sorted(constraint.condition.referenced_base_fields)


def _has(constraint: Any, fields: list[str]) -> bool:
    return bool(fields) and isinstance(constraint, UniqueConstraint) and [*_fields_of(constraint)] == fields


def _error(constraint: Any, instance: Model, fields: list[str]) -> ValidationError:
    is_unique = not isinstance(constraint, CheckConstraint)
    if constraint is None or (is_unique and constraint.violation_error_message == DEFAULT_MESSAGE):
        return instance.unique_error_message(type(instance), tuple(fields))
    code = constraint.violation_error_code or ("unique" if is_unique else "invalid")
    return ValidationError(constraint.get_violation_error_message(), code)
