"""Frequent statements about single rows, whose SQL is composed only once.

Django composes the SQL for every query, which takes longer than an index lookup.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet


class Lookup:
    """Finds a row by one or more values, together with related rows.

    Arguments: `rows`, the query for a placeholder value; `value`, the placeholder as it is stored, which is replaced by
    the actual value, or a tuple of them; `path`, a relation to follow, then one of the related model, and so on.
    """

    def __init__(self, rows: QuerySet, value: Any, *path: str) -> None:
        self.sql, self.parameters = rows.select_related("__".join(path)).query.sql_with_params()
        self.values = value if isinstance(value, tuple) else (value,)
        self.records = [Record(rows.model)]
        self.relations: list[Any] = []
        for name in path:
            relation: Any = self.records[-1].model._meta.get_field(name)
            self.relations.append(relation)
            self.records.append(Record(relation.related_model))

    def first(self, *values: Any) -> Any:
        """Return the first row for `values`, given as they are stored; None if there is none."""
        replaced = dict(zip(self.values, values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [replaced.get(given, given) for given in self.parameters])
            row = cursor.fetchone()
        return self._read(row) if row else None

    def _read(self, row: Sequence[Any]) -> Model | None:
        found = []
        for record in self.records:
            found.append(record.read(row[: record.width]))
            row = row[record.width :]
        for relation, (instance, related) in zip(self.relations, pairwise(found), strict=True):
            if instance is not None:
                relation.set_cached_value(instance, related)
            if related is not None and relation.one_to_one:
                relation.remote_field.set_cached_value(related, instance)
        return found[0]


class Record:
    """Creates instances of a model from its columns."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        columns: list[Any] = [field.get_col(model._meta.db_table) for field in model._meta.concrete_fields]
        self.names = [column.target.attname for column in columns]
        self.width = len(columns)
        self.conversions = [
            (place, convert, column)
            for place, column in enumerate(columns)
            for convert in [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        ]

    def read(self, columns: Sequence[Any]) -> Model | None:
        """Return the instance; None if the joined row does not exist."""
        if all(value is None for value in columns):
            return None
        values = list(columns)
        for place, convert, column in self.conversions:
            values[place] = convert(values[place], column, connection)
        return self.model.from_db(connection.alias, self.names, values)
