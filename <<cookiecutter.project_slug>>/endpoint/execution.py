"""Execution of documents: objects that the client may not see look like missing ones."""

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

    The endpoint turns it into null. Other code that executes the schema gets an error.
    """

    def __init__(self) -> None:
        super().__init__("You may not see this.")


class EndpointExecutionContext(ExecutionContext):
    """Turns hidden objects into null, and leaves them out of lists.

    A graphene type hides objects with a class method `hides(root, info)` and an `is_type_of` that raises Hidden.
    """

    def complete_object_value(self, *wiring: Any) -> Any:
        """Return the object, or None if it is hidden."""
        try:
            return super().complete_object_value(*wiring)
        except Hidden:
            return None

    def complete_abstract_value(self, *wiring: Any) -> Any:
        """Return the object, or None if it is hidden."""
        try:
            return super().complete_abstract_value(*wiring)
        except Hidden:
            return None

    def complete_list_value(
        self, return_type: GraphQLList[Any], field_nodes: Any, info: Any, path: Any, result: Any
    ) -> Any:
        """Return the list without hidden objects."""
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
