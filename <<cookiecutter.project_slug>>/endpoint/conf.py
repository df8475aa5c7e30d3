"""GRAPHQL_ENDPOINT: every setting of the endpoint with its type, default and meaning.

    from endpoint.conf import endpoint_settings

    if endpoint_settings.INTROSPECTION: ...

A setting is read when it is used, so that a test can override it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

T = TypeVar("T")

# Decided once: a test runner turns settings.DEBUG off after the settings were read.
DEVELOPMENT = settings.DEBUG


class Setting(Generic[T]):
    """One key of a setting that is a mapping.

    Arguments: `default`, the value when the key is absent; `meaning`, one sentence for people; `types`, what a value
    may be an instance of.
    """

    def __init__(self, default: T, meaning: str, types: type | tuple[type, ...] | None = None) -> None:
        self.default = default
        self.meaning = meaning
        self.types: Any = types or type(default)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: "type[Settings]") -> T:
        # A value of the wrong type counts as absent here, so that `manage.py check` gets as far as naming it.
        given = getattr(settings, owner.setting, {})
        value: Any = given.get(self.name, self.default) if isinstance(given, Mapping) else self.default
        return value if isinstance(value, self.types) else self.default


class Settings:
    """The keys of the Django setting that `setting` names, one class attribute each."""

    setting: ClassVar[str]

    @classmethod
    def declared(cls) -> dict[str, Setting[Any]]:
        """Return every key with its declaration."""
        return {name: setting for name, setting in vars(cls).items() if isinstance(setting, Setting)}


def hook(meaning: str) -> Setting[str | None]:
    """Return a setting that is the dotted path of a function, or None."""
    return Setting[str | None](None, meaning, (str, type(None)))


class EndpointSettings(Settings):
    """The settings of the endpoint."""

    setting = "GRAPHQL_ENDPOINT"

    # What the endpoint asks the rest of the project
    AUTHENTICATE = hook("Takes the request and returns its user. Without it, request.user is what middleware made it.")
    IS_CREDENTIAL = hook(
        "Takes a field of the mutation root and returns whether it tries a secret or sends a mail: an operation may "
        "select one such field."
    )
    FORMAT_ERROR = hook(
        "Takes the request and a GraphQLError and returns the error as the client sees it, or None to leave it to the "
        "endpoint."
    )
    FINISH_RESPONSE = hook(
        "Takes the request, the ExecutionResult and the response before its body is written: for headers, cookies and "
        "the extensions of the result."
    )
    GRAPHIQL_TABS = hook("Returns the tabs that GraphiQL opens with, each a mapping with a query and variables.")

    # Switches and limits
    GRAPHIQL = Setting(DEVELOPMENT, "A browser gets GraphiQL at the endpoint.")
    INTROSPECTION = Setting(DEVELOPMENT, "Clients may read the schema, and errors suggest names.")
    MAX_BODY_BYTES = Setting(64 * 1024, "The longest body, in bytes.")
    MAX_TOKENS = Setting(1000, "The most lexical tokens in a document.")
    MAX_DEPTH = Setting(10, "The deepest nesting of fields.")
    MAX_FIELDS = Setting(500, "The most fields, fragments spread out.")
    MAX_ROOT_FIELDS = Setting(10, "The most fields at the root of an operation.")
    MAX_ALIASES = Setting(15, "The most aliases, fragments spread out.")


endpoint_settings = EndpointSettings()


def load_hook(path: str | None) -> Callable[..., Any] | None:
    """Return the function at a dotted path; None for None. Raises ImportError where there is none."""
    return _import(path) if path else None


@cache
def _import(path: str) -> Callable[..., Any]:
    function: Callable[..., Any] = import_string(path)
    return function
