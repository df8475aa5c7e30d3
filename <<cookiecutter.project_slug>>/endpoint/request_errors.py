"""Errors about a document, its variables and its operation name.

graphql-core quotes the value that is wrong, or the object that it is in. That may be a password, and an error is shown,
logged and reported. The errors here name the place and the type that is expected, and never a value. Names of fields,
arguments and variables stay: they are how a client finds its mistake.
"""

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

# Characters. Names are quoted, and a name may be as long as the body.
LONGEST_MESSAGE = 500
NAME = re.compile(r"[_A-Za-z]\w{0,99}", re.ASCII)


def most_errors() -> int:
    """Return how many errors a client gets for one document or its variables."""
    return graphene_settings.MAX_VALIDATION_ERRORS or 20


def formatted(error: GraphQLError) -> dict[str, Any]:
    """Return an error as the specification formats it, its message cut to LONGEST_MESSAGE.

    The document's text is gone by now (see `documents`): where a node starts is known from its first token.
    """
    result: dict[str, Any] = {**error.formatted, "message": error.message[:LONGEST_MESSAGE]}
    if error.nodes:
        tokens = [node.loc.start_token for node in error.nodes if node.loc]
        result["locations"] = [{"line": token.line, "column": token.column} for token in tokens]
    return result


def syntax_error(error: GraphQLSyntaxError, first: Token) -> GraphQLError:
    """Return the error of a limit that stopped the parser, or a syntax error that quotes nothing.

    `first` is the first of the tokens that were read, each of which leads to the next.
    """
    most = endpoint_settings.MAX_TOKENS
    tokens = list(_from(first))
    if sum(token.kind is not TokenKind.EOF for token in tokens) > most:
        return too_complex(_("The operation is too long: at most %(most)d tokens.") % {"most": most})
    message = _("Syntax Error: this character, number or string cannot be read.")
    for token in tokens:
        if token.start in (error.positions or ()):
            # A word counts as a value, too: somebody may have forgotten to quote it.
            message = error.message.replace(f" '{token.value}'", "") if token.value else error.message
    found = GraphQLError(message, source=error.source, positions=error.positions)
    # With it, the error would be printed with the line of the document.
    found.source = None
    return found


def _from(token: Token) -> Iterator[Token]:
    while token.next:
        token = token.next
        yield token


class ValuesOfCorrectType(ValuesOfCorrectTypeRule):
    """graphql-core's rule for the values in a document."""

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
        """Step out of it."""
        self.path.pop()

    def enter_null_value(self, node: NullValueNode, *_args: Any) -> None:
        """Reject null where the type does not allow it."""
        if is_non_null_type(self.context.get_input_type()):
            self.report_value(node)

    def is_valid_value_node(self, node: ValueNode) -> None:
        """Reject a value that is not of the type."""
        expected = self.context.get_input_type()
        if expected and not _accepts(get_named_type(expected), "parse_literal", node):
            self.report_value(node)

    def report_value(self, node: ValueNode) -> None:
        """Report a value by its place."""
        self.report_error(GraphQLError(_expected(".".join(self.path), self.context.get_input_type()), node))


def of_execution(
    errors: list[GraphQLError],
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    operation_name: str | None,
) -> list[GraphQLError]:
    """Return the errors of an execution with those replaced that quote a value: of a variable, argument or the name."""
    if operation_name is not None and get_operation_ast(document, operation_name) is None:
        return [GraphQLError(_('The document has no operation of the name in "operationName".'))]
    result: list[GraphQLError] = []
    # Variables that have values of another type, in the order of their definitions.
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
    return [*result, *islice(mistakes, most_errors())]


def _mistakes(value: Any, expected: Any, path: str) -> Iterator[str]:
    """Yield a message for each part of a variable's value that is not of the type; `path` leads to the value."""
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
    """Return whether a scalar or enum takes a value; `parse` names its method for values or for literals."""
    try:
        return is_leaf_type(kind) and getattr(kind, parse)(value) is not Undefined
    except Exception:
        # What it says is not passed on: it quotes the value.
        return False


def _expected(path: str, kind: Any) -> str:
    return f"{path}: " + _("expected a value of type %(type)s.") % {"type": kind}


def _unknown(path: str, name: str, kind: Any) -> str:
    known = NAME.fullmatch(name)
    place = f"{path}.{name}" if known else path
    suggestions = suggestion_list(name, list(kind.fields)) if known and endpoint_settings.INTROSPECTION else []
    return f"{place}: " + _("there is no such field in %(type)s.") % {"type": kind} + did_you_mean(suggestions)
