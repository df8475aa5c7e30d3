"""How large a GraphQL document may be: measured before it is validated, in time linear in its length.

The depth and the number of fields are those of the document with its fragments spread out; each fragment is measured
once, so that one that is spread a thousand times costs no more than one that is spread twice.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from endpoint.conf import endpoint_settings

# GraphiQL's own question about the schema is 15 deep.
INTROSPECTION_DEPTH = 15
# Validation compares each two fields that answer at one place, to see that they are the same.
MOST_AT_ONE_PLACE = 25


@dataclass(frozen=True)
class Size:
    """What a selection amounts to.

    `roots` are the names of the fields at its top, `places` how many fields there are for each path of the answer.
    """

    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    aliases: int = 0
    roots: tuple[str, ...] = ()
    places: Counter[tuple[str, ...]] = field(default_factory=Counter)


def check_document(document: DocumentNode, credentials: frozenset[str]) -> None:
    """Refuse a document that is too large.

    `credentials`: the root mutations that try a password or token or send a mail, of which an operation may have one.
    Raises GraphQLError with the code QUERY_TOO_COMPLEX.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measured: dict[str, Size] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            size = _measure(definition.selection_set, fragments, measured, ())
            _check(size, definition.operation is OperationType.MUTATION, credentials)
        elif isinstance(definition, FragmentDefinitionNode):
            # It is validated even if nothing spreads it. How deep that would be, and in which root, is not known here.
            size = _measure_fragment(definition.name.value, fragments, measured, ())
            _check(replace(size, depth=0, roots=()), False, credentials)


def too_complex(message: str) -> GraphQLError:
    """Return the error for a document over a limit."""
    return GraphQLError(message, extensions={"code": "QUERY_TOO_COMPLEX"})


def _check(size: Size, mutation: bool, credentials: frozenset[str]) -> None:
    limits = (
        (_("The operation is too deep: at most %(most)d."), size.depth, endpoint_settings.MAX_DEPTH),
        (_("Introspection is too deep: at most %(most)d."), size.introspection_depth, INTROSPECTION_DEPTH),
        (_("The operation has too many fields: at most %(most)d."), size.fields, endpoint_settings.MAX_FIELDS),
        (_("The root has too many fields: at most %(most)d."), len(size.roots), endpoint_settings.MAX_ROOT_FIELDS),
        (_("The operation has too many aliases: at most %(most)d."), size.aliases, endpoint_settings.MAX_ALIASES),
        (
            _("A field is repeated too often at one place: at most %(most)d."),
            max(size.places.values(), default=0),
            MOST_AT_ONE_PLACE,
        ),
    )
    for message, amount, most in limits:
        if amount > most:
            raise too_complex(message % {"most": most})
    if mutation and sum(name in credentials for name in size.roots) > 1:
        raise too_complex(_("One operation can try a password or token, or send a mail, only once."))


def _measure(
    selection: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    measured: dict[str, Size],
    spreading: tuple[str, ...],
) -> Size:
    parts = [
        _measure_node(node, fragments, measured, spreading) for node in (selection.selections if selection else ())
    ]
    places: Counter[tuple[str, ...]] = Counter()
    for part in parts:
        for path, times in part.places.items():
            places[path] = min(places[path] + times, 10_000)
    # Ten thousand is over every limit: more need not be told apart.
    return Size(
        depth=max((part.depth for part in parts), default=0),
        introspection_depth=max((part.introspection_depth for part in parts), default=0),
        fields=min(sum(part.fields for part in parts), 10_000),
        aliases=min(sum(part.aliases for part in parts), 10_000),
        roots=tuple(name for part in parts for name in part.roots)[: endpoint_settings.MAX_ROOT_FIELDS + 1],
        places=places,
    )


def _measure_node(
    node: Any,
    fragments: Mapping[str, FragmentDefinitionNode],
    measured: dict[str, Size],
    spreading: tuple[str, ...],
) -> Size:
    if isinstance(node, FieldNode):
        inner = _measure(node.selection_set, fragments, measured, spreading)
        about_schema = node.name.value in {"__schema", "__type"}
        name = (node.alias or node.name).value
        return Size(
            depth=0 if about_schema else inner.depth + 1,
            introspection_depth=inner.depth + 1 if about_schema else inner.introspection_depth,
            fields=inner.fields + 1,
            aliases=inner.aliases + (node.alias is not None),
            roots=(node.name.value,),
            places=Counter({(name,): 1} | {(name, *path): times for path, times in inner.places.items()}),
        )
    if not isinstance(node, FragmentSpreadNode):
        return _measure(node.selection_set, fragments, measured, spreading)
    return _measure_fragment(node.name.value, fragments, measured, spreading)


def _measure_fragment(
    name: str,
    fragments: Mapping[str, FragmentDefinitionNode],
    measured: dict[str, Size],
    spreading: tuple[str, ...],
) -> Size:
    if name in spreading:
        raise too_complex(_("The fragment %(name)s spreads itself.") % {"name": name})
    if name not in fragments:
        return Size()  # Validation names it.
    if name not in measured:
        measured[name] = _measure(fragments[name].selection_set, fragments, measured, (*spreading, name))
    return measured[name]
