"""System checks: GRAPHQL_ENDPOINT makes sense, and the endpoint is set up. The hint of each is its fix.

endpoint.E001   GRAPHQL_ENDPOINT has an unknown key
endpoint.E002   GRAPHQL_ENDPOINT, or a value in it, has a wrong type or size
endpoint.E003   GRAPHQL_ENDPOINT names a function that cannot be imported
endpoint.W004   the middleware that serves the API is missing
endpoint.W005   GraphiQL or introspection is on in production
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from endpoint.conf import EndpointSettings, Settings, endpoint_settings

MIDDLEWARE = "endpoint.middleware.APIMiddleware"


@register(Tags.security)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that GRAPHQL_ENDPOINT has only known keys, of the right type, and names functions that exist."""
    return [*check_keys(EndpointSettings, "endpoint"), *_check_hooks()]


@register(Tags.security)
def check_middleware(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that API requests skip the middleware of pages."""
    if MIDDLEWARE in settings.MIDDLEWARE:
        return []
    return [
        Warning(
            f"The middleware {MIDDLEWARE} is missing: the middleware that only pages need runs for the API too.",
            hint=f"Add {MIDDLEWARE!r} to MIDDLEWARE, before the first that is a PageMiddleware.",
            id="endpoint.W004",
        )
    ]


@register(Tags.security, deploy=True)
def check_switches(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that GraphiQL and introspection, which are for development, are off in production."""
    if any(EndpointSettings.problems()):
        return []
    return [
        Warning(
            f"GRAPHQL_ENDPOINT[{switch!r}] is on: {effect}.",
            hint=f"Set {switch} to False in production, or remove the key.",
            id="endpoint.W005",
        )
        for switch, effect, is_on in (
            ("GRAPHIQL", "browsers get a page for trying the API", endpoint_settings.GRAPHIQL),
            ("INTROSPECTION", "the API shows strangers its whole schema", endpoint_settings.INTROSPECTION),
        )
        if is_on
    ]


def check_keys(owner: type[Settings], label: str, *, moved: Mapping[str, str] | None = None) -> Iterator[CheckMessage]:
    """Yield an error for each key of a mapping of settings that is unknown or has a value of the wrong type or size.

    Arguments: `owner`, the class that declares the keys; `label`, the app label in the ids; `moved`, a mapping of
    removed keys to hints.
    """
    for problem in owner.problems():
        yield Error(problem.message, hint=problem.fix, id=f"{label}.E002")
    given = getattr(settings, owner.setting, {})
    known = owner.declared()
    for key in given if isinstance(given, Mapping) else ():
        if key not in known:
            close = get_close_matches(str(key), known, n=1)
            hint = (moved or {}).get(key) or (f"Did you mean {close[0]}?" if close else "Remove it.")
            yield Error(f"{owner.setting} has an unknown key: {key}.", hint=hint, id=f"{label}.E001")


def _check_hooks() -> Iterator[CheckMessage]:
    given = getattr(settings, EndpointSettings.setting, {})
    for key, setting in EndpointSettings.declared().items():
        path = given.get(key) if isinstance(given, Mapping) else None
        if setting.default is not None or not isinstance(path, str):
            continue
        try:
            found = callable(import_string(path))
        except ImportError:
            found = False
        if not found:
            yield Error(
                f"GRAPHQL_ENDPOINT[{key!r}] names {path!r}, which is not a function that can be imported.",
                hint=f"Name a function by its dotted path, or remove the key. {setting.meaning}",
                id="endpoint.E003",
            )
