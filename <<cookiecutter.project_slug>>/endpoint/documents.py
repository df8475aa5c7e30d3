"""GraphQL documents: parsed, measured and validated, once for each text.

A client sends the same few documents over and over, with other variables. So what passed is remembered by its text, and
costs nothing the next time. What is remembered is bounded: by number, the least recently used going first, and each by
its length. A refused document is not remembered. Nor is one with a string in it: that may be a password, which has no
business to stay in memory.
"""

from functools import cache, lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.translation import gettext as _
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Lexer,
    NoSchemaIntrospectionCustomRule,
    Source,
    StringValueNode,
    ValuesOfCorrectTypeRule,
    Visitor,
    specified_rules,
    validate,
    visit,
)
from graphql.language.parser import Parser
from graphql.validation import validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError

from endpoint.complexity import check_document, nested_too_deep, too_complex
from endpoint.conf import endpoint_settings, load_hook
from endpoint.request_errors import ValuesOfCorrectType, most_errors, syntax_error

# Documents as clients write them take about 4 MiB together; whatever is sent, the request limits keep it under 80 MiB.
MOST_REMEMBERED = 200
# In characters.
LONGEST_REMEMBERED = 3_000

RULES = [ValuesOfCorrectType if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules]
# Some rules of graphql-core do work that can grow faster than the document. It counts that work, and gives up at these
# amounts: comparisons of fields that answer at one place (two for each pair), and visits of fragments and of their
# variables for each operation. Its own defaults take a tenth of a second and more.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000
validation_context.MAX_FRAGMENT_WORK = 5_000


class Refused(Exception):
    """A document that is not executed, with its errors."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


def read(schema: GraphQLSchema, text: str) -> DocumentNode:
    """Return the document, which is valid and within the limits. Raises Refused."""
    if '"' in text or len(text) > LONGEST_REMEMBERED:
        return _read(schema, text)
    return _remember(schema, text)


def _read(schema: GraphQLSchema, text: str) -> DocumentNode:
    try:
        document = _parse(text)
        check_document(document, _credentials(schema))
        if "\\u" in text:
            visit(document, _TextOnly())
    except GraphQLError as error:
        raise Refused([error]) from None
    errors = validate(
        schema,
        document,
        [*RULES, *([] if endpoint_settings.INTROSPECTION else [NoSchemaIntrospectionCustomRule])],
        most_errors(),
        hide_suggestions=not endpoint_settings.INTROSPECTION,
    )
    if errors:
        raise Refused(_without_abortion(errors))
    return document


_remember = lru_cache(MOST_REMEMBERED)(_read)


@receiver(setting_changed)
def forget(**kwargs: Any) -> None:
    """Forget all documents: a test changed the limits, maybe."""
    _remember.cache_clear()


def _parse(text: str) -> DocumentNode:
    lexer = Lexer(Source(text))
    first = lexer.token
    try:
        document = Parser(lexer.source, lexer=lexer, max_tokens=endpoint_settings.MAX_TOKENS).parse_document()
    except RecursionError:
        raise nested_too_deep() from None
    except GraphQLSyntaxError as error:
        raise syntax_error(error, first) from None
    # Nothing needs the text from here on. graphql-core would count its lines anew for each error, and an error that is
    # printed would quote them; where a node starts is known from its first token.
    lexer.source.body = ""
    return document


def _without_abortion(errors: list[GraphQLError]) -> list[GraphQLError]:
    """Return the errors, or the one that the document is too complex where validation was given up for that."""
    aborted = isinstance(errors[-1], ValidationAbortedError)
    if aborted and len(errors) <= most_errors():
        return [too_complex(_("The operation repeats fields, fragments or variables too often."))]
    return errors


class _TextOnly(Visitor):
    """Rejects a NUL in a string of the document, where an escape can hide it."""

    def enter_string_value(self, node: StringValueNode, *args: Any) -> None:
        if "\0" in node.value:
            raise GraphQLError(_("A string has a NUL character."), node, extensions={"code": "BAD_REQUEST"})


@cache
def _credentials(schema: GraphQLSchema) -> frozenset[str]:
    is_credential = load_hook(endpoint_settings.IS_CREDENTIAL)
    if is_credential is None or schema.mutation_type is None:
        return frozenset()
    return frozenset(name for name, field in schema.mutation_type.fields.items() if is_credential(field))
