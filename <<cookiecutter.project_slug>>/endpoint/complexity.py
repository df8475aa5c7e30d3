"""Limits on the size of a GraphQL document, checked before it is validated.

Measuring takes time proportional to the length of the document: a fragment is measured once, however often it is
spread, and measuring stops at the first limit that is exceeded.
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
MAX_OPERATIONS = 50
# Levels of selection sets, including those of inline fragments and of fragment spreads.
MAX_NESTING = 100
# Fields, inline fragments and fragment spreads, with fragments expanded. Some validation rules follow every path.
MAX_SELECTIONS = 2_000
INTROSPECTION_FIELDS = {"__schema", "__type"}


@dataclass(slots=True)
class Complexity:
    """The complexity of a selection set whose fragments are expanded.

    `root_fields` counts its top-level fields; `credentials` counts the credential mutations among them.
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

    `credentials` names the root mutations that try a password or token, or send a mail: one per operation.
    Raises GraphQLError with the code QUERY_TOO_COMPLEX.
    """
    meter = _Meter(document, credentials)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    _require(len(operations), MAX_OPERATIONS, _("The document has too many operations: at most %(most)d."))
    for operation in operations:
        complexity = meter.measure(operation.selection_set)
        _require(complexity.depth, endpoint_settings.MAX_DEPTH, _("The operation is too deep: at most %(most)d."))
        _require(complexity.introspection_depth, INTROSPECTION_DEPTH, _("Introspection is too deep: at most %(most)d."))
        _require(
            complexity.root_fields,
            endpoint_settings.MAX_ROOT_FIELDS,
            _("The root has too many fields: at most %(most)d."),
        )
        if operation.operation is OperationType.MUTATION and complexity.credentials > 1:
            raise too_complex(_("One operation can try a password or token, or send a mail, only once."))
    for name in meter.fragments:
        # Validation also visits fragments that no operation spreads.
        meter.measure_fragment(name)


def too_complex(message: str) -> GraphQLError:
    """Return the error for a document over a limit."""
    return GraphQLError(message, extensions={"code": "QUERY_TOO_COMPLEX"})


def nested_too_deep() -> GraphQLError:
    """Return the error for a document whose braces or brackets are nested too deeply."""
    return too_complex(_("The operation is nested too deeply."))


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
        # The complexity of each fragment that was found; None while it is being measured.
        self.measured: dict[str, Complexity | None] = {}
        self.max_fields, self.max_aliases = endpoint_settings.MAX_FIELDS, endpoint_settings.MAX_ALIASES

    def measure(self, selection_set: SelectionSetNode, level: int = 1) -> Complexity:
        """Return the complexity of a selection set at a nesting level. Raises GraphQLError when it is over a limit."""
        if level > MAX_NESTING:
            raise nested_too_deep()
        total = Complexity()
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                self.add_field(total, node, level)
            elif isinstance(node, FragmentSpreadNode):
                self.add_fragment(total, self.measure_fragment(node.name.value, level))
            elif isinstance(node, InlineFragmentNode):
                self.add_fragment(total, self.measure(node.selection_set, level + 1))
            self.check(total)
        return total

    def measure_fragment(self, name: str, level: int = 0) -> Complexity:
        """Return the complexity of a fragment, measured once. An unknown fragment counts as one field."""
        if name not in self.fragments:
            return Complexity(fields=1)  # Validation reports its name.
        if name not in self.measured:
            self.measured[name] = None
            self.measured[name] = self.measure(self.fragments[name].selection_set, level + 1)
        complexity = self.measured[name]
        if complexity is None:
            raise too_complex(_("The fragment %(name)s spreads itself.") % {"name": name})
        return complexity

    def add_field(self, total: Complexity, node: FieldNode, level: int) -> None:
        """Add a field and its selections."""
        name = node.name.value
        total.fields += 1
        total.selections += 1
        total.root_fields += 1
        total.aliases += node.alias is not None
        total.credentials += name in self.credentials
        inner = self.measure(node.selection_set, level + 1) if node.selection_set else Complexity()
        if name in INTROSPECTION_FIELDS:
            total.introspection_depth = max(total.introspection_depth, inner.depth + 1)
        else:
            total.depth = max(total.depth, inner.depth + 1)
            total.introspection_depth = max(total.introspection_depth, inner.introspection_depth)
        total.fields += inner.fields
        total.selections += inner.selections
        total.aliases += inner.aliases

    def add_fragment(self, total: Complexity, inner: Complexity) -> None:
        """Add the selections of a named or inline fragment."""
        total.depth = max(total.depth, inner.depth)
        total.introspection_depth = max(total.introspection_depth, inner.introspection_depth)
        total.fields += inner.fields
        total.selections += inner.selections + 1
        total.aliases += inner.aliases
        total.root_fields += inner.root_fields
        total.credentials += inner.credentials

    def check(self, total: Complexity) -> None:
        """Raise GraphQLError when a total exceeds its limit."""
        if total.fields > self.max_fields:
            raise too_complex(_("The operation has too many fields: at most %(most)d.") % {"most": self.max_fields})
        if total.aliases > self.max_aliases:
            raise too_complex(_("The operation has too many aliases: at most %(most)d.") % {"most": self.max_aliases})
        if total.selections > MAX_SELECTIONS:
            raise too_complex(_("The operation spreads fragments too often."))
