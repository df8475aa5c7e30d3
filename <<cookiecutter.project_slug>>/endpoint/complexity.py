"""How large a GraphQL document may be: measured before it is validated.

The cost grows with the length of the document alone. A fragment is measured once, however often it is spread, and
measuring stops at the first limit that is exceeded.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from endpoint.conf import endpoint_settings

# GraphiQL's introspection query is 15 deep.
INTROSPECTION_DEPTH = 15
MOST_OPERATIONS = 50
# Levels of selection sets, those of inline fragments and of the fragments that are spread included.
MOST_NESTED = 100
# Fields, inline fragments and fragment spreads, with fragments spread out. Some rules follow every path through them.
MOST_SELECTIONS = 2_000
ABOUT_SCHEMA = {"__schema", "__type"}


@dataclass(slots=True)
class Size:
    """What a selection set amounts to when its fragments are spread out.

    `root_fields` counts the fields at its top, and `credentials` those among them that are credential mutations.
    """

    depth: int = 0
    introspection_depth: int = 0
    selections: int = 0
    fields: int = 0
    aliases: int = 0
    root_fields: int = 0
    credentials: int = 0


def check_document(document: DocumentNode, credentials: frozenset[str]) -> None:
    """Reject a document that is too large.

    `credentials` names the root mutations that try a password or token, or send a mail. An operation may have one.
    Raises GraphQLError with the code QUERY_TOO_COMPLEX.
    """
    meter = _Meter(document, credentials)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    _require(len(operations), MOST_OPERATIONS, _("The document has too many operations: at most %(most)d."))
    for operation in operations:
        size = meter.measure(operation.selection_set)
        _require(size.depth, endpoint_settings.MAX_DEPTH, _("The operation is too deep: at most %(most)d."))
        _require(size.introspection_depth, INTROSPECTION_DEPTH, _("Introspection is too deep: at most %(most)d."))
        _require(
            size.root_fields, endpoint_settings.MAX_ROOT_FIELDS, _("The root has too many fields: at most %(most)d.")
        )
        if operation.operation is OperationType.MUTATION and size.credentials > 1:
            raise too_complex(_("One operation can try a password or token, or send a mail, only once."))
    for name in meter.fragments:
        # A fragment that no operation spreads is validated too.
        meter.measure_fragment(name)


def too_complex(message: str) -> GraphQLError:
    """Return the error for a document over a limit."""
    return GraphQLError(message, extensions={"code": "QUERY_TOO_COMPLEX"})


def nested_too_deep() -> GraphQLError:
    """Return the error for a document whose braces or brackets are nested too deep."""
    return too_complex(_("The operation is nested too deep."))


def _require(amount: int, most: int, message: str) -> None:
    if amount > most:
        raise too_complex(message % {"most": most})


class _Meter:
    """Measures the selection sets of one document."""

    def __init__(self, document: DocumentNode, credentials: frozenset[str]) -> None:
        self.credentials = credentials
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        # The size of each fragment that was met; None while it is being measured.
        self.sizes: dict[str, Size | None] = {}
        self.most_fields, self.most_aliases = endpoint_settings.MAX_FIELDS, endpoint_settings.MAX_ALIASES

    def measure(self, selection_set: SelectionSetNode, level: int = 1) -> Size:
        """Return the size of a selection set at a level of nesting. Raises GraphQLError at the first limit."""
        if level > MOST_NESTED:
            raise nested_too_deep()
        total = Size()
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                self.add_field(total, node, level)
            elif isinstance(node, FragmentSpreadNode):
                self.add_fragment(total, self.measure_fragment(node.name.value, level))
            elif isinstance(node, InlineFragmentNode):
                self.add_fragment(total, self.measure(node.selection_set, level + 1))
            self.check(total)
        return total

    def measure_fragment(self, name: str, level: int = 0) -> Size:
        """Return the size of a fragment, measured once. One that is not in the document counts as a field."""
        if name not in self.fragments:
            return Size(fields=1)  # Validation rejects it by its name.
        if name not in self.sizes:
            self.sizes[name] = None
            self.sizes[name] = self.measure(self.fragments[name].selection_set, level + 1)
        size = self.sizes[name]
        if size is None:
            raise too_complex(_("The fragment %(name)s spreads itself.") % {"name": name})
        return size

    def add_field(self, total: Size, node: FieldNode, level: int) -> None:
        """Add a field, with what is selected of it."""
        name = node.name.value
        total.fields += 1
        total.selections += 1
        total.root_fields += 1
        total.aliases += node.alias is not None
        total.credentials += name in self.credentials
        inner = self.measure(node.selection_set, level + 1) if node.selection_set else Size()
        if name in ABOUT_SCHEMA:
            total.introspection_depth = max(total.introspection_depth, inner.depth + 1)
        else:
            total.depth = max(total.depth, inner.depth + 1)
            total.introspection_depth = max(total.introspection_depth, inner.introspection_depth)
        total.fields += inner.fields
        total.selections += inner.selections
        total.aliases += inner.aliases

    def add_fragment(self, total: Size, inner: Size) -> None:
        """Add what a fragment selects, named or inline."""
        total.depth = max(total.depth, inner.depth)
        total.introspection_depth = max(total.introspection_depth, inner.introspection_depth)
        total.fields += inner.fields
        total.selections += inner.selections + 1
        total.aliases += inner.aliases
        total.root_fields += inner.root_fields
        total.credentials += inner.credentials

    def check(self, total: Size) -> None:
        """Check the totals, which only grow."""
        if total.fields > self.most_fields:
            raise too_complex(_("The operation has too many fields: at most %(most)d.") % {"most": self.most_fields})
        if total.aliases > self.most_aliases:
            raise too_complex(_("The operation has too many aliases: at most %(most)d.") % {"most": self.most_aliases})
        if total.selections > MOST_SELECTIONS:
            raise too_complex(_("The operation spreads fragments too often."))
