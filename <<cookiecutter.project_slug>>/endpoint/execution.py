"""How documents are executed: what a client may not see looks like what is not there."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from graphql import (
    ExecutionContext,
    GraphQLAbstractType,
    GraphQLList,
    GraphQLObjectType,
    get_nullable_type,
    is_abstract_type,
)


class Hidden(PermissionDenied):
    """Raised by a type's `is_type_of` for an object that the client may not see.

    At this endpoint it becomes null; whatever else executes the schema makes an error of it.
    """

    def __init__(self) -> None:
        super().__init__("You may not see this.")


class EndpointExecutionContext(ExecutionContext):
    """Completes an object that its type hides as null, and leaves it out of a list.

    A graphene type hides objects by a class method `hides(root, info)`, beside its `is_type_of`.
    """

    def complete_object_value(self, *wiring: Any) -> Any:
        """Return the object, or None where it is hidden."""
        try:
            return super().complete_object_value(*wiring)
        except Hidden:
            return None

    def complete_abstract_value(self, *wiring: Any) -> Any:
        """Return the object, or None where it is hidden."""
        try:
            return super().complete_abstract_value(*wiring)
        except Hidden:
            return None

    def complete_list_value(
        self, return_type: GraphQLList[Any], field_nodes: Any, info: Any, path: Any, result: Any
    ) -> Any:
        """Return the list without what is hidden."""
        hiding = self._hiding_types(get_nullable_type(return_type.of_type))
        if hiding and isinstance(result, Iterable):
            result = [item for item in result if not any(kind.hides(item, info) for kind in hiding)]
        return super().complete_list_value(return_type, field_nodes, info, path, result)

    def _hiding_types(self, item_type: Any) -> list[Any]:
        kinds: Iterable[Any] = [item_type]
        if is_abstract_type(item_type):
            abstract: GraphQLAbstractType = item_type
            kinds = self.schema.get_possible_types(abstract)
        types = [getattr(kind, "graphene_type", None) for kind in kinds if isinstance(kind, GraphQLObjectType)]
        return [kind for kind in types if hasattr(kind, "hides")]
