"""GRAPHQL_ENDPOINT: the settings of the endpoint, with their types, defaults and meanings.

    from endpoint.conf import endpoint_settings

    if endpoint_settings.INTROSPECTION: ...

A value of the wrong type prevents the project from starting. Settings are read when they are used, so tests can
override them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

T = TypeVar("T")

# Read once, because the test runner turns settings.DEBUG off after loading the settings.
DEVELOPMENT = settings.DEBUG


class Problem(NamedTuple):
    """What is wrong with a setting, and how to fix it."""

    message: str
    fix: str


class Setting(Generic[T]):
    """One key of a setting that is a mapping.

    Arguments: `default`, the value when the key is absent; `meaning`, one sentence that documents the key; `types`, the
    types of valid values.
    """

    def __init__(self, default: T, meaning: str, types: type | tuple[type, ...] | None = None) -> None:
        self.default = default
        self.meaning = meaning
        self.types: Any = types or type(default)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: "type[Settings]") -> T:
        value: Any = owner.given().get(self.name, self.default)
        if not self.accepts(value):
            raise ImproperlyConfigured(f"{owner.setting}[{self.name!r}] is a {type(value).__name__}. {self.meaning}")
        return cast(T, value)

    @property
    def help(self) -> str:
        """The meaning of the setting, and its default."""
        return f"{self.meaning} The default is {self.default!r}."

    def accepts(self, value: object) -> bool:
        """Return whether `value` has the right type. A bool does not count as an int."""
        return isinstance(value, self.types) and not (isinstance(value, bool) and self.types is int)


class Settings:
    """The keys of the Django setting named `setting`, one class attribute each, explained in `documentation`."""

    setting: ClassVar[str]
    documentation: ClassVar[str]

    @classmethod
    def declared(cls) -> dict[str, Setting[Any]]:
        """Return every key with its declaration, those of base classes first."""
        attributes = [attribute for kind in reversed(cls.__mro__) for attribute in vars(kind).items()]
        return {name: setting for name, setting in attributes if isinstance(setting, Setting)}

    @classmethod
    def given(cls) -> Mapping[str, Any]:
        """Return the value of the Django setting. Raises ImproperlyConfigured when it is not a mapping."""
        given = getattr(settings, cls.setting, {})
        if not isinstance(given, Mapping):
            raise ImproperlyConfigured(f"{cls.setting} is a {type(given).__name__}. Write {cls.setting} = {{...}}.")
        return given

    @classmethod
    def problems(cls) -> Iterator[Problem]:
        """Yield a problem for each value of a wrong type or size."""
        given = getattr(settings, cls.setting, {})
        if not isinstance(given, Mapping):
            yield Problem(
                f"{cls.setting} is a {type(given).__name__}.",
                f"Write {cls.setting} = {{...}}; {cls.documentation} explains each key.",
            )
            return
        for name, setting in cls.declared().items():
            if name in given:
                yield from (
                    cls.check_value(name, given[name])
                    if setting.accepts(given[name])
                    else [Problem(f"{cls.setting}[{name!r}] is a {type(given[name]).__name__}.", setting.help)]
                )

    @classmethod
    def check_value(cls, name: str, value: Any) -> Iterator[Problem]:
        """Yield the problems of a value that has the right type."""
        if isinstance(value, timedelta) and value <= timedelta(0):
            yield Problem(f"{cls.setting}[{name!r}] is not a positive duration.", "Make it longer than 0.")
        elif isinstance(value, int) and not isinstance(value, bool) and value <= 0:
            yield Problem(f"{cls.setting}[{name!r}] is {value}.", "Make it more than 0.")

    @classmethod
    def require_types(cls) -> None:
        """Raise ImproperlyConfigured, listing each fix, when a value has a wrong type or size."""
        problems = [" ".join(problem) for problem in cls.problems()]
        if problems:
            raise ImproperlyConfigured("\n".join(problems))


def hook(meaning: str) -> Setting[str | None]:
    """Return a setting that is the dotted path of a function, or None."""
    return Setting[str | None](None, meaning, (str, type(None)))


class EndpointSettings(Settings):
    """The settings of the endpoint."""

    setting = "GRAPHQL_ENDPOINT"
    documentation = "endpoint/conf.py"

    # Hooks into the rest of the project
    AUTHENTICATE = hook(
        "Takes the request and returns its user. Without it, request.user is whatever the middleware set."
    )
    IS_CREDENTIAL = hook(
        "Takes a field of the mutation root and returns whether it tries a secret or sends a mail. An operation may "
        "select only one such field."
    )
    FORMAT_ERROR = hook(
        "Takes the request and a GraphQLError and returns the error as the client sees it, or None to let the endpoint "
        "format it."
    )
    FINISH_RESPONSE = hook(
        "Takes the request, the ExecutionResult and the response before its body is written, to add headers, cookies "
        "and extensions."
    )
    GRAPHIQL_TABS = hook("Returns the tabs that GraphiQL opens with, each a mapping with a query and variables.")
    GRAPHIQL_LINKS = hook("Returns the links to other pages that GraphiQL shows, each a mapping with a url and text.")

    # Switches and limits
    GRAPHIQL = Setting(DEVELOPMENT, "Browsers get GraphiQL at the endpoint.")
    INTROSPECTION = Setting(DEVELOPMENT, "Clients may read the schema, and errors suggest names.")
    MAX_BODY_BYTES = Setting(64 * 1024, "The longest body, in bytes.")
    MAX_TOKENS = Setting(1000, "The most lexical tokens in a document.")
    MAX_DEPTH = Setting(10, "The deepest nesting of fields.")
    MAX_FIELDS = Setting(500, "The most fields, with fragments expanded.")
    MAX_ROOT_FIELDS = Setting(10, "The most fields at the root of an operation.")
    MAX_ALIASES = Setting(15, "The most aliases, with fragments expanded.")


endpoint_settings = EndpointSettings()


def load_hook(path: str | None) -> Callable[..., Any] | None:
    """Return the function at a dotted path; None for None. Raises ImportError when it does not exist."""
    return _import(path) if path else None


@cache
def _import(path: str) -> Callable[..., Any]:
    function: Callable[..., Any] = import_string(path)
    return function
