"""System checks: GRAPHQL_ENDPOINT makes sense, and the endpoint is wired up. The hint of each is its fix.

endpoint.E001   GRAPHQL_ENDPOINT has an unknown key
endpoint.E002   GRAPHQL_ENDPOINT, or a value in it, has a wrong type or size
endpoint.E003   GRAPHQL_ENDPOINT names a function that cannot be imported
endpoint.W004   the middleware that answers the API is missing
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from endpoint.conf import EndpointSettings, Settings

MIDDLEWARE = "endpoint.middleware.APIMiddleware"


@register(Tags.security)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that GRAPHQL_ENDPOINT has only known keys, of the right type, and names functions that exist."""
    return [
        *check_keys(EndpointSettings, "endpoint", explained_in="endpoint/conf.py"),
        *_check_values(),
        *_check_hooks(),
    ]


@register(Tags.security)
def check_middleware(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that API requests skip the middleware of pages."""
    if MIDDLEWARE in settings.MIDDLEWARE:
        return []
    return [
        Warning(
            f"The middleware {MIDDLEWARE} is missing: the middleware that only pages need runs for the API too.",
            hint=f"Add {MIDDLEWARE!r} to MIDDLEWARE, before the middleware that is only for pages.",
            id="endpoint.W004",
        )
    ]


def check_keys(
    owner: type[Settings], label: str, *, explained_in: str, moved: Mapping[str, str] | None = None
) -> Iterator[CheckMessage]:
    """Yield an error for each key of a mapping of settings that is unknown or has a value of the wrong type.

    Arguments: `owner`, which declares the keys; `label`, the app in the ids; `explained_in`, the file that documents
    the keys; `moved`, keys that are gone, each with what to do instead.
    """
    given = _given(owner)
    if not isinstance(given, Mapping):
        yield Error(
            f"{owner.setting} is a {type(given).__name__}.",
            hint=f"Write {owner.setting} = {{...}}; {explained_in} explains each key.",
            id=f"{label}.E002",
        )
        return
    known = owner.declared()
    for key, value in given.items():
        if key not in known:
            close = get_close_matches(str(key), known, n=1)
            hint = (moved or {}).get(key) or (f"Did you mean {close[0]}?" if close else "Remove it.")
            yield Error(f"{owner.setting} has an unknown key: {key}.", hint=hint, id=f"{label}.E001")
        elif not isinstance(value, known[key].types):
            yield Error(
                f"{owner.setting}[{key!r}] is a {type(value).__name__}.",
                hint=f"{known[key].meaning} The default is {known[key].default!r}.",
                id=f"{label}.E002",
            )


def _check_values() -> Iterator[CheckMessage]:
    for key, value in _mapping().items():
        if key.startswith("MAX_") and isinstance(value, int) and value <= 0:
            yield Error(f"GRAPHQL_ENDPOINT[{key!r}] is {value}.", hint="Make it more than 0.", id="endpoint.E002")


def _check_hooks() -> Iterator[CheckMessage]:
    for key, declared in EndpointSettings.declared().items():
        path = _mapping().get(key)
        if declared.default is not None or not isinstance(path, str):
            continue
        try:
            found = callable(import_string(path))
        except ImportError:
            found = False
        if not found:
            yield Error(
                f"GRAPHQL_ENDPOINT[{key!r}] names {path!r}, which is no function that can be imported.",
                hint=f"Name a function by its dotted path, or remove the key. {declared.meaning}",
                id="endpoint.E003",
            )


def _mapping() -> Mapping[str, Any]:
    given = _given(EndpointSettings)
    return given if isinstance(given, Mapping) else {}


def _given(owner: type[Settings]) -> Any:
    return getattr(settings, owner.setting, {})
