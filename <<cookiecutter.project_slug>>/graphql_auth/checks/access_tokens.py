"""Checks of GRAPHQL_JWT: how access tokens are signed, and which mutations are public."""

import difflib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils.module_loading import import_string
from graphql_jwt.settings import DEFAULTS

from graphql_auth import keys

ALGORITHMS = ("HS256", "HS384", "HS512")


@register(Tags.security)
def check_tokens(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that GRAPHQL_JWT has only known keys and a strong secret, and verifies the expiry of tokens."""
    jwt = _given()
    found: list[CheckMessage] = []
    for key in jwt:
        if key not in DEFAULTS:
            close = difflib.get_close_matches(str(key), DEFAULTS, n=1)
            found.append(
                Error(
                    f"GRAPHQL_JWT has an unknown key: {key}.",
                    hint=f"Did you mean {close[0]}?" if close else "Remove it.",
                    id="graphql_auth.E111",
                )
            )
    weakness = _weakness(jwt.get("JWT_SECRET_KEY", settings.SECRET_KEY))
    if weakness:
        found.append(
            Error(
                f"The key that signs access tokens, GRAPHQL_JWT['JWT_SECRET_KEY'], {weakness}.",
                hint="Set JWT_SIGNING_KEY to a secret of its own. This command prints one: " + keys.HOW_TO_MAKE_ONE,
                id="graphql_auth.E102",
            )
        )
    for key in getattr(settings, "JWT_SIGNING_KEY_FALLBACKS", []):
        if _weakness(key):
            found.append(
                Error(
                    f"A key in JWT_SIGNING_KEY_FALLBACKS {_weakness(key)}: tokens signed with it are accepted.",
                    hint="Remove it. Users whose tokens it signed log in again.",
                    id="graphql_auth.E102",
                )
            )
    for key in ("JWT_VERIFY", "JWT_VERIFY_EXPIRATION"):
        if not jwt.get(key, DEFAULTS[key]):
            found.append(
                Error(
                    f"GRAPHQL_JWT[{key!r}] is off: tokens would be valid forever.",
                    hint=f'Set GRAPHQL_JWT = {{"{key}": True, ...}}.',
                    id="graphql_auth.E112",
                )
            )
    if jwt.get("JWT_ALGORITHM", "HS256") not in ALGORITHMS:
        found.append(
            Error(
                f"GRAPHQL_JWT['JWT_ALGORITHM'] is {jwt['JWT_ALGORITHM']!r}, which does not sign with JWT_SIGNING_KEY.",
                hint=f"Choose one of {', '.join(ALGORITHMS)}.",
                id="graphql_auth.E113",
            )
        )
    return found


@register(Tags.security)
def check_public_mutations(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that JWT_ALLOW_ANY_CLASSES names exactly the mutations that are declared public."""
    try:
        # Importing the API builds its types, which fails for settings that other checks report.
        from graphql_auth.api.base import served_mutations

        mutations = served_mutations()
    except Exception as error:  # importing the schema can fail in any way
        return [
            Error(
                f"The GraphQL schema cannot be loaded: {error}",
                hint="Fix the error that `python manage.py shell --command 'import config.schema'` shows, or the path "
                "in GRAPHENE['SCHEMA'].",
                id="graphql_auth.E107",
            )
        ]
    given = _given().get("JWT_ALLOW_ANY_CLASSES")
    listed = (
        {path: _imported(path) for path in given if isinstance(path, str)} if isinstance(given, list | tuple) else {}
    )
    public = {kind for kind in mutations if kind.public}
    private = {kind for kind in mutations if not kind.public}
    return [
        *(
            Error(
                f"The mutation {_path(kind)} is public, but GRAPHQL_JWT['JWT_ALLOW_ANY_CLASSES'] does not name it.",
                hint=f'Add "{_path(kind)}" to the list, or set `public = False` in the class.',
                id="graphql_auth.E105",
            )
            for kind in sorted(public - {*listed.values()}, key=_path)
        ),
        *(
            Error(
                f"GRAPHQL_JWT['JWT_ALLOW_ANY_CLASSES'] names {path}, which is not a public mutation of the schema.",
                hint=f'Remove "{path}" from the list, or set `public = True` in the class.',
                id="graphql_auth.E106",
            )
            for path, kind in sorted(listed.items())
            if kind is None or kind in private or (kind not in public and path.startswith("graphql_auth."))
        ),
    ]


def _given() -> Mapping[str, Any]:
    given = getattr(settings, "GRAPHQL_JWT", {})
    return given if isinstance(given, Mapping) else {}


def _weakness(key: Any) -> str:
    return "is SECRET_KEY" if key == settings.SECRET_KEY else keys.weakness(key)


def _imported(path: str) -> Any:
    try:
        return import_string(path)
    except ImportError:
        return None


def _path(kind: type) -> str:
    """Return the dotted path by which the settings name a mutation: its public path if it has one."""
    from graphql_auth.api.base import PUBLIC_MODULE

    public = f"{PUBLIC_MODULE}.{kind.__name__}"
    return public if _imported(public) is kind else f"{kind.__module__}.{kind.__qualname__}"
