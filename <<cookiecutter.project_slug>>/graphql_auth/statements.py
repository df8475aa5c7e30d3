"""Look-ups of single rows, whose SQL is composed only once.

Django composes the SQL for every query, which takes longer than an index lookup. COMPOSE_LOOKUPS_ONCE turns this off.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet, Value

from graphql_auth.conf import auth_settings

M = TypeVar("M", bound=Model)


class Lookup(Generic[M]):
    """Finds a row by one or more values.

    Argument: `rows`, a function that takes the values as expressions and returns the query. Only the values may differ
    between its queries.
    """

    def __init__(self, rows: Callable[..., QuerySet[M]]) -> None:
        self.rows = rows
        self.composed: dict[int, Statement[M]] = {}

    def first(self, *values: Any) -> M | None:
        """Return the first row for `values`, given as they are stored; None if there is none."""
        if not auth_settings.COMPOSE_LOOKUPS_ONCE:
            return next(iter(self.rows(*map(Value, values))), None)
        count = len(values)
        if count not in self.composed:
            self.composed[count] = Statement(self.rows(*(Value(Placeholder(place)) for place in range(count))))
        return self.composed[count].first(values)


@dataclass(frozen=True)
class Placeholder:
    """Stands for the value at a place in the arguments of a look-up."""

    place: int


class Statement(Generic[M]):
    """The composed SQL of a query, and how to create its first object.

    This and Record are the only code that uses what Django does not document: they read the columns in the way of its
    ModelIterable.
    """

    def __init__(self, rows: QuerySet[M]) -> None:
        compiler: Any = rows.query.get_compiler(rows.db)
        self.sql, self.parameters = compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        self.conversions = [
            (place, convert, column)
            for place, (conversions, column) in compiler.get_converters(columns).items()
            for convert in conversions
        ]
        self.annotations: Iterable[tuple[str, int]] = compiler.annotation_col_map.items()
        self.record = Record(compiler.klass_info, columns)

    def first(self, values: Sequence[Any]) -> M | None:
        """Return the first object for `values`; None if there is none."""
        parameters = [values[given.place] if isinstance(given, Placeholder) else given for given in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for place, convert, column in self.conversions:
            row[place] = convert(row[place], column, connection)
        instance: M = self.record.read(row)
        for name, place in self.annotations:
            setattr(instance, name, row[place])
        return instance


class Record:
    """Creates an object, and the related ones that were selected with it, from the columns of a row.

    Arguments: `info`, where the compiler says what to create; `columns`, all columns of the row.
    """

    def __init__(self, info: Mapping[str, Any], columns: Sequence[Any]) -> None:
        places = info["select_fields"]
        self.model: type[Model] = info["model"]
        self.columns = slice(places[0], places[-1] + 1)
        self.names = [column.target.attname for column in columns[self.columns]]
        self.key = self.names.index(self.model._meta.pk.attname)
        self.related = [
            (Record(other, columns), other["local_setter"], other["remote_setter"])
            for other in info.get("related_klass_infos", ())
        ]

    def read(self, row: Sequence[Any]) -> Any:
        """Return the object; None if the joined row does not exist."""
        values = row[self.columns]
        if values[self.key] is None:
            return None
        instance = self.model.from_db(connection.alias, self.names, values)
        for record, set_related, set_back in self.related:
            related = record.read(row)
            set_related(instance, related)
            if related is not None:
                set_back(related, instance)
        return instance
