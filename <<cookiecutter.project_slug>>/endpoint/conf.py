"""GRAPHQL_ENDPOINT: every setting of the endpoint with its type, default and meaning.

    from endpoint.conf import endpoint_settings

    if endpoint_settings.INTROSPECTION: ...

A value of a wrong type stops the app's start. A setting is read when it is used, so that a test can override it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

T = TypeVar("T")

# Decided once: a test runner turns settings.DEBUG off after the settings were read.
DEVELOPMENT = settings.DEBUG


class Problem(NamedTuple):
    """What is wrong with a setting, and how to put it right."""

    message: str
    fix: str


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
        value: Any = owner.given().get(self.name, self.default)
        if not self.accepts(value):
            raise ImproperlyConfigured(f"{owner.setting}[{self.name!r}] is a {type(value).__name__}. {self.meaning}")
        return value

    @property
    def help(self) -> str:
        """What the setting means, and its default."""
        return f"{self.meaning} The default is {self.default!r}."

    def accepts(self, value: object) -> bool:
        """Return whether `value` has the right type. A bool is an int to Python, and not here."""
        return isinstance(value, self.types) and not (isinstance(value, bool) and self.types is int)


class Settings:
    """The keys of the Django setting that `setting` names, one class attribute each; `documentation` is their file."""

    setting: ClassVar[str]
    documentation: ClassVar[str]

    @classmethod
    def declared(cls) -> dict[str, Setting[Any]]:
        """Return every key with its declaration."""
        return {name: setting for name, setting in vars(cls).items() if isinstance(setting, Setting)}

    @classmethod
    def given(cls) -> Mapping[str, Any]:
        """Return what the project set. Raises ImproperlyConfigured when that is no mapping."""
        given = getattr(settings, cls.setting, {})
        if not isinstance(given, Mapping):
            raise ImproperlyConfigured(f"{cls.setting} is a {type(given).__name__}. Write {cls.setting} = {{...}}.")
        return given

    @classmethod
    def problems(cls) -> Iterator[Problem]:
        """Yield what is wrong with the type or the size of each value."""
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
        """Yield what is wrong with a value of the right type."""
        if isinstance(value, timedelta) and value <= timedelta(0):
            yield Problem(f"{cls.setting}[{name!r}] is not a time to come.", "Make it longer than 0.")
        elif isinstance(value, int) and not isinstance(value, bool) and value <= 0:
            yield Problem(f"{cls.setting}[{name!r}] is {value}.", "Make it more than 0.")

    @classmethod
    def require_types(cls) -> None:
        """Raise ImproperlyConfigured, with each fix, when a value has a wrong type or size."""
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
