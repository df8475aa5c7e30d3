"""Pages of a list that is ordered by primary key.

A page is told by the keys beside it and not by numbers: one far down costs what the first one costs, and a row that
comes or goes moves no other to another page. The rules are those of https://relay.dev/graphql/connections.htm.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP


@dataclass(slots=True)
class Edge:
    """A row and its place in the list."""

    model: type[Model]
    node: Any

    @property
    def cursor(self) -> str:
        """Return the cursor of the row."""
        return cursor_of(self.model, self.node.pk)


@dataclass(slots=True)
class Page:
    """A part of a list, and what there is on either side of it."""

    edges: Sequence[Edge]
    has_previous_page: bool
    has_next_page: bool

    @property
    def page_info(self) -> "Page":
        """Return the page itself, which knows."""
        return self

    @property
    def start_cursor(self) -> str | None:
        """Return the cursor of the first row; None on an empty page."""
        return self.edges[0].cursor if self.edges else None

    @property
    def end_cursor(self) -> str | None:
        """Return the cursor of the last row; None on an empty page."""
        return self.edges[-1].cursor if self.edges else None


def cursor_of(model: type[Model], key: Any) -> str:
    """Return the cursor for a primary key of `model`."""
    # It says what it is a key of, so that those of another list, or of another order some day, are told apart.
    return base64.b64encode(f"{model._meta.label_lower}.pk:{key}".encode()).decode()


def key_of(model: type[Model], cursor: str) -> Any:
    """Return the primary key of `model` in a cursor. Raises ValueError for what `cursor_of` did not return."""
    try:
        text = base64.b64decode(cursor).decode()
        key = model._meta.pk.to_python(text.rpartition(":")[2])
    except (ValueError, ValidationError):
        key = None
    if key is None or cursor_of(model, key) != cursor:
        raise ValueError("not a cursor of this list")
    return key


def paginate(
    rows: QuerySet,
    *,
    first: int | None = None,
    last: int | None = None,
    after: Any = None,
    before: Any = None,
    offset: int = 0,
) -> Page:
    """Return a page of `rows`, which are objects or named tuples with a `pk`.

    Arguments: `first` and `last`, a number of rows from the start or from the end of the list, of which one must be
    given; `after` and `before`, the primary keys between which the list lies, of rows that may be gone; `offset`, how
    many rows to leave out where it starts.

    At the end that was counted towards, there is another page when one more row was found. At the other end there is
    one when the row of the cursor, or the last one left out, is still there.
    """
    if offset:
        left_out = rows if after is None else rows.filter(pk__gt=after)
        after = left_out.order_by("pk").values("pk")[offset - 1 : offset]
    if first is None:
        found, behind, beyond = _count_off(rows.order_by("-pk"), last or 0, ("pk__lte", before), ("pk__gt", after))
        return _page(rows, reversed(found), has_previous_page=beyond, has_next_page=behind)
    found, behind, beyond = _count_off(rows.order_by("pk"), first, ("pk__gte", after), ("pk__lt", before))
    if last is not None:
        behind = len(found) > last
        found = found[-last:] if last else []
    return _page(rows, found, has_previous_page=behind, has_next_page=beyond)


def _page(rows: QuerySet, found: Iterable[Any], **beside: bool) -> Page:
    return Page([Edge(rows.model, row) for row in found], **beside)


def _count_off(
    rows: QuerySet, size: int, start: tuple[str, Any], stop: tuple[str, Any]
) -> tuple[list[Any], bool, bool]:
    """Return `size` rows behind `start`, whether the row at `start` is there, and whether more come before `stop`."""
    key = start[1]
    most = size + (1 if key is None else 2)
    between = {lookup: value for lookup, value in (start, stop) if value is not None}
    listed = rows.filter(**between) if between else rows
    if listed.query.where and _joins(rows):
        # First which rows, then what belongs to them: a database may join before it counts, and join what it skips.
        listed = rows.filter(pk__in=listed.values("pk")[:most])
    found = list(listed[:most])
    # A key that is a query is that of a row which is there, or there are no rows.
    started = bool(found) and key is not None and (isinstance(key, QuerySet) or found[0].pk == key)
    return found[started : size + started], started, len(found) > size + started


def _joins(rows: QuerySet) -> bool:
    return bool(rows.query.select_related) or any(LOOKUP_SEP in column for column in rows.query.values_select)
