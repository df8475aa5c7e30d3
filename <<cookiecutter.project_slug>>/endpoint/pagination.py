"""Keyset pagination of a list that is ordered by primary key.

A cursor contains a key, not an offset: a page far down the list costs as much as the first one, and rows that are
added or deleted do not shift other rows to another page. Follows https://relay.dev/graphql/connections.htm.
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
    """A row and its cursor."""

    model: type[Model]
    node: Any

    @property
    def cursor(self) -> str:
        """Return the cursor of the row."""
        return cursor_of(self.model, self.node.pk)


@dataclass(slots=True)
class Page:
    """A page of a list, and whether there are pages before and after it."""

    edges: Sequence[Edge]
    has_previous_page: bool
    has_next_page: bool

    @property
    def page_info(self) -> "Page":
        """Return the page itself, which has the fields of PageInfo."""
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
    # It names the model and the ordering, so that a cursor of another list is recognised.
    return base64.b64encode(f"{model._meta.label_lower}.pk:{key}".encode()).decode()


def key_of(model: type[Model], cursor: str) -> Any:
    """Return the primary key of `model` in a cursor. Raises ValueError unless `cursor_of` returned it."""
    try:
        text = base64.b64decode(cursor).decode()
        key = model._meta.pk.to_python(text.rpartition(":")[2])
    except (ValueError, ValidationError):
        key = None
    if key is None or cursor_of(model, key) != cursor:
        raise ValueError("not a cursor of this list")
    return key


def paginate(
    rows: QuerySet[Any],
    *,
    first: int | None = None,
    last: int | None = None,
    after: Any = None,
    before: Any = None,
    offset: int = 0,
) -> Page:
    """Return a page of `rows`, which are objects or named tuples with a `pk`.

    Arguments: `first` and `last`, the number of rows from the start or end of the list, at least one of which is given;
    `after` and `before`, the primary keys that limit the list, whose rows may have been deleted; `offset`, the number
    of rows to skip at its start.

    There is a page beyond the returned one if a further row was found, and a page before it if the row of the cursor,
    or the last skipped row, still exists.
    """
    if offset:
        skipped = rows if after is None else rows.filter(pk__gt=after)
        after = skipped.order_by("pk").values("pk")[offset - 1 : offset]
    if first is None:
        found, behind, beyond = _count_off(rows.order_by("-pk"), last or 0, ("pk__lte", before), ("pk__gt", after))
        return _page(rows, reversed(found), has_previous_page=beyond, has_next_page=behind)
    found, behind, beyond = _count_off(rows.order_by("pk"), first, ("pk__gte", after), ("pk__lt", before))
    if last is not None:
        behind = len(found) > last
        found = found[-last:] if last else []
    return _page(rows, found, has_previous_page=behind, has_next_page=beyond)


def _page(rows: QuerySet[Any], found: Iterable[Any], **beside: bool) -> Page:
    return Page([Edge(rows.model, row) for row in found], **beside)


def _count_off(
    rows: QuerySet[Any], size: int, start: tuple[str, Any], stop: tuple[str, Any]
) -> tuple[list[Any], bool, bool]:
    """Return `size` rows after `start`, whether the row at `start` exists, and whether there are more before `stop`."""
    key = start[1]
    most = size + (1 if key is None else 2)
    between = {lookup: value for lookup, value in (start, stop) if value is not None}
    listed = rows.filter(**between) if between else rows
    if listed.query.where and _joins(rows):
        # Select the keys before joining: a database may join rows that it then skips.
        listed = rows.filter(pk__in=listed.values("pk")[:most])
    found = list(listed[:most])
    # If the key is a subquery, its row exists whenever there are any rows.
    started = bool(found) and key is not None and (isinstance(key, QuerySet) or found[0].pk == key)
    return found[started : size + started], started, len(found) > size + started


def _joins(rows: QuerySet[Any]) -> bool:
    return bool(rows.query.select_related) or any(LOOKUP_SEP in column for column in rows.query.values_select)
