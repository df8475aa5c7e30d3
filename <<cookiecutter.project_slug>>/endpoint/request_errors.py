"""Errors about a document, its variables and its operation name.

graphql-core quotes the wrong value or the object that contains it. This may be a password, and errors are shown, logged
and reported. The errors here name the place and the expected type, never a value. They keep the names of fields,
arguments and variables, which help to find the mistake.
"""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from graphene_django.settings import graphene_settings
from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NullValueNode,
    ObjectFieldNode,
    Token,
    TokenKind,
    Undefined,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    get_named_type,
    get_operation_ast,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    type_from_ast,
)
from graphql.pyutils import did_you_mean, suggestion_list

from endpoint.complexity import too_complex
from endpoint.conf import endpoint_settings

# Messages quote names, and a name may be as long as the body.
MAX_MESSAGE_LENGTH = 500  # characters
NAME = re.compile(r"[_A-Za-z]\w{0,99}", re.ASCII)


def max_errors() -> int:
    """Return the maximum number of errors for one document or its variables."""
    return graphene_settings.MAX_VALIDATION_ERRORS or 20


def formatted(error: GraphQLError) -> dict[str, Any]:
    """Return an error in the format of the GraphQL specification, its message cut to MAX_MESSAGE_LENGTH.

    The locations come from the tokens, because `documents` has discarded the text.
    """
    result: dict[str, Any] = {**error.formatted, "message": error.message[:MAX_MESSAGE_LENGTH]}
    if error.nodes:
        tokens = [node.loc.start_token for node in error.nodes if node.loc]
        result["locations"] = [{"line": token.line, "column": token.column} for token in tokens]
    return result


def syntax_error(error: GraphQLSyntaxError, first: Token) -> GraphQLError:
    """Return a QUERY_TOO_COMPLEX error if there are too many tokens, otherwise a syntax error that quotes no value.

    `first` is the first token that was read; each token links to the next.
    """
    most = endpoint_settings.MAX_TOKENS
    tokens = list(_following(first))
    if sum(token.kind is not TokenKind.EOF for token in tokens) > most:
        return too_complex(_("The operation is too long: at most %(most)d tokens.") % {"most": most})
    message = _("Syntax Error: this character, number or string cannot be read.")
    for token in tokens:
        if token.start in (error.positions or ()):
            # A name may be a value that somebody forgot to quote.
            message = error.message.replace(f" '{token.value}'", "") if token.value else error.message
    found = GraphQLError(message, source=error.source, positions=error.positions)
    # Otherwise a printed error would quote the line of the document.
    found.source = None
    return found


def _following(token: Token) -> Iterator[Token]:
    while token.next:
        token = token.next
        yield token


class ValuesOfCorrectType(ValuesOfCorrectTypeRule):
    """graphql-core's rule for the values in a document, with errors that do not quote them."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.path: list[str] = []

    def enter_argument(self, node: ArgumentNode, *_args: Any) -> None:
        """Start at an argument."""
        self.path = [node.name.value]

    def enter_variable_definition(self, node: VariableDefinitionNode, *_args: Any) -> None:
        """Start at a default value."""
        self.path = [f"${node.variable.name.value}"]

    def enter_object_field(self, node: ObjectFieldNode, *args: Any) -> None:
        """Step into a field of an input object."""
        super().enter_object_field(node, *args)
        self.path.append(node.name.value)

    def leave_object_field(self, *_args: Any) -> None:
        """Step out of the field."""
        self.path.pop()

    def enter_null_value(self, node: NullValueNode, *_args: Any) -> None:
        """Reject null where the type does not allow it."""
        if is_non_null_type(self.context.get_input_type()):
            self.report_value(node)

    def is_valid_value_node(self, node: ValueNode) -> None:
        """Reject a value of another type than the expected one."""
        expected = self.context.get_input_type()
        if expected and not _accepts(get_named_type(expected), "parse_literal", node):
            self.report_value(node)

    def report_value(self, node: ValueNode) -> None:
        """Report the place of a value and its expected type."""
        self.report_error(GraphQLError(_expected(".".join(self.path), self.context.get_input_type()), node))


def without_values(
    errors: list[GraphQLError],
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    operation_name: str | None,
) -> list[GraphQLError]:
    """Return the errors of an execution, replacing those that quote a variable, an argument or the operation name."""
    if operation_name is not None and get_operation_ast(document, operation_name) is None:
        return [GraphQLError(_('The document has no operation with the name in "operationName".'))]
    result: list[GraphQLError] = []
    # The variables with invalid values, in the order of their definitions.
    definitions: dict[str, VariableDefinitionNode] = {}
    for error in errors:
        node = error.nodes[0] if error.nodes else None
        if isinstance(node, VariableDefinitionNode) and error.original_error:
            definitions[node.variable.name.value] = node
        elif isinstance(node, ValueNode):
            message = _("An argument is null, or has a field that is null, where its type does not allow it.")
            result.append(GraphQLError(message, node, path=error.path))
        else:
            result.append(error)
    mistakes = (
        GraphQLError(message, node)
        for name, node in definitions.items()
        for message in _mistakes(variables[name], type_from_ast(schema, node.type), f"${name}")
    )
    return [*result, *islice(mistakes, max_errors())]


def _mistakes(value: Any, expected: Any, path: str) -> Iterator[str]:
    """Yield a message for each part of a variable's value at `path` that is not of the expected type."""
    kind = expected.of_type if is_non_null_type(expected) else expected
    if value is None:
        if kind is not expected:
            yield _expected(path, expected)
    elif is_list_type(kind):
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            yield from _mistakes(item, kind.of_type, f"{path}[{index}]")
    elif is_input_object_type(kind) and isinstance(value, dict):
        for name, field in kind.fields.items():
            if name in value:
                yield from _mistakes(value[name], field.type, f"{path}.{name}")
            elif is_required_input_field(field):
                yield _expected(f"{path}.{name}", field.type)
        for name in value:
            if name not in kind.fields:
                yield _unknown(path, name, kind)
    elif not _accepts(kind, "parse_value", value):
        yield _expected(path, expected)


def _accepts(kind: Any, parse: str, value: Any) -> bool:
    """Return whether a scalar or enum accepts a value; `parse` is the name of its method for values or literals."""
    try:
        parsed = getattr(kind, parse)(value) if is_leaf_type(kind) else Undefined
        # A literal such as 1e999 is read as infinity.
        return parsed is not Undefined and not (isinstance(parsed, float) and math.isinf(parsed))
    except Exception:
        # The exception is discarded because it may quote the value.
        return False


def _expected(path: str, kind: Any) -> str:
    return f"{path}: " + _("expected a value of type %(type)s.") % {"type": kind}


def _unknown(path: str, name: str, kind: Any) -> str:
    known = NAME.fullmatch(name)
    place = f"{path}.{name}" if known else path
    suggestions = suggestion_list(name, list(kind.fields)) if known and endpoint_settings.INTROSPECTION else []
    return f"{place}: " + _("there is no such field in %(type)s.") % {"type": kind} + did_you_mean(suggestions)
