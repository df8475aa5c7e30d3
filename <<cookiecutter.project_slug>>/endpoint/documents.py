"""Parses, measures and validates GraphQL documents, and caches valid ones by their text.

Clients send the same few documents over and over with different variables. The cache is limited in its number of
documents (least recently used first out) and in the length of each. Rejected documents are not cached, and neither are
documents that contain a string, because it may be a password.
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
from endpoint.request_errors import ValuesOfCorrectType, max_errors, syntax_error

# 200 typical documents take about 4 MiB; the request limits keep the worst case under 80 MiB.
CACHED_DOCUMENTS = 200
MAX_CACHED_LENGTH = 3_000  # characters

RULES = [ValuesOfCorrectType if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules]
# The work of some rules of graphql-core can grow faster than the document. It stops validation at these limits: the
# comparisons of fields with the same response key (two for each pair), and the visits of fragments and their variables
# for each operation. Its own defaults allow a tenth of a second and more.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000
validation_context.MAX_FRAGMENT_WORK = 5_000


class Refused(Exception):
    """A document was rejected; `errors` says why."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


def read(schema: GraphQLSchema, text: str) -> DocumentNode:
    """Return the parsed document. Raises Refused unless it is valid and within the limits."""
    if '"' in text or len(text) > MAX_CACHED_LENGTH:
        return _read(schema, text)
    return _read_cached(schema, text)


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
        max_errors(),
        hide_suggestions=not endpoint_settings.INTROSPECTION,
    )
    if errors:
        raise Refused(_explained(errors))
    return document


_read_cached = lru_cache(CACHED_DOCUMENTS)(_read)


@receiver(setting_changed)
def forget(**kwargs: Any) -> None:
    """Clear the cache when a test overrides a setting, which may be a limit."""
    _read_cached.cache_clear()


def _parse(text: str) -> DocumentNode:
    lexer = Lexer(Source(text))
    first = lexer.token
    try:
        document = Parser(lexer.source, lexer=lexer, max_tokens=endpoint_settings.MAX_TOKENS).parse_document()
    except RecursionError:
        raise nested_too_deep() from None
    except GraphQLSyntaxError as error:
        raise syntax_error(error, first) from None
    # Without the text, graphql-core does not count its lines again for each error, and a printed error does not quote
    # them. Each node's position is known from its first token.
    lexer.source.body = ""
    return document


def _explained(errors: list[GraphQLError]) -> list[GraphQLError]:
    """Return the errors, or a single QUERY_TOO_COMPLEX error when graphql-core stopped validation at a limit."""
    aborted = isinstance(errors[-1], ValidationAbortedError)
    if aborted and len(errors) <= max_errors():
        return [too_complex(_("The operation repeats fields, fragments or variables too often."))]
    return errors


class _TextOnly(Visitor):
    """Rejects strings with an escaped NUL."""

    def enter_string_value(self, node: StringValueNode, *args: Any) -> None:
        if "\0" in node.value:
            raise GraphQLError(_("A string contains a NUL character."), node, extensions={"code": "BAD_REQUEST"})


@cache
def _credentials(schema: GraphQLSchema) -> frozenset[str]:
    is_credential = load_hook(endpoint_settings.IS_CREDENTIAL)
    if is_credential is None or schema.mutation_type is None:
        return frozenset()
    return frozenset(name for name, field in schema.mutation_type.fields.items() if is_credential(field))
