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
from graphene_django.settings import graphene_settings
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    StringValueNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from endpoint.complexity import check_document, too_complex
from endpoint.conf import endpoint_settings, load_hook

# So many take some 4 MiB as clients write them; the limits of the door keep them under 80, whatever is sent.
MOST_REMEMBERED = 200
# In characters.
LONGEST_REMEMBERED = 3_000


class Refused(Exception):
    """A document that is not executed, and the errors why."""

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
        visit(document, _TextOnly())
        errors = validate(
            schema,
            document,
            [*specified_rules, *([] if endpoint_settings.INTROSPECTION else [NoSchemaIntrospectionCustomRule])],
            graphene_settings.MAX_VALIDATION_ERRORS,
            hide_suggestions=not endpoint_settings.INTROSPECTION,
        )
    except RecursionError:
        raise Refused([too_complex(_("The operation is nested too deep."))]) from None
    except GraphQLError as error:
        raise Refused([error]) from None
    if errors:
        raise Refused(errors)
    return document


_remember = lru_cache(MOST_REMEMBERED)(_read)


@receiver(setting_changed)
def forget(**kwargs: Any) -> None:
    """Forget all documents: a test changed the limits, maybe."""
    _remember.cache_clear()


def _parse(text: str) -> DocumentNode:
    most = endpoint_settings.MAX_TOKENS
    try:
        return parse(text, max_tokens=most)
    except GraphQLSyntaxError as error:
        if "nested too deep" in error.message:
            raise too_complex(_("The operation is nested too deep.")) from None
        if "token" in error.message and str(most) in error.message:
            raise too_complex(_("The operation is too long: at most %(most)d tokens.") % {"most": most}) from None
        raise


class _TextOnly(Visitor):
    """Refuses a NUL in a string of the document, where an escape can hide it."""

    def enter_string_value(self, node: StringValueNode, *args: Any) -> None:
        if "\0" in node.value:
            raise GraphQLError(_("A string has a NUL character."), node, extensions={"code": "BAD_REQUEST"})


@cache
def _credentials(schema: GraphQLSchema) -> frozenset[str]:
    is_credential = load_hook(endpoint_settings.IS_CREDENTIAL)
    if is_credential is None or schema.mutation_type is None:
        return frozenset()
    return frozenset(name for name, field in schema.mutation_type.fields.items() if is_credential(field))
