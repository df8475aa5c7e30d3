"""Finds the fields that a client selected, so that resolvers read only these."""

from collections.abc import Iterable, Iterator

import graphene
from graphql import FieldNode, FragmentSpreadNode, Node


def selected(info: graphene.ResolveInfo, *path: str) -> set[str]:
    """Return the names of the fields selected under `path`, which starts at the field being resolved.

    Includes the fields of all fragments, whatever their type condition, and fields with @skip or @include.
    """
    nodes: Iterable[Node] = info.field_nodes
    for name in path:
        nodes = [node for node in _fields(info, nodes) if node.name.value == name]
    return {node.name.value for node in _fields(info, nodes)}


def _fields(info: graphene.ResolveInfo, nodes: Iterable[Node]) -> Iterator[FieldNode]:
    for node in nodes:
        selection_set = getattr(node, "selection_set", None)
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, FragmentSpreadNode):
                yield from _fields(info, [info.fragments[selection.name.value]])
            else:
                yield from _fields(info, [selection])
