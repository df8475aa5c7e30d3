"""System checks: the account system is wired up, and its settings make sense."""

import difflib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import graphene
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import FieldDoesNotExist
from limits import parse_many

from graphql_auth.conf import SETTINGS, auth_settings, field_types

BACKENDS = {
    "graphql_auth.backends.GraphQLAuthBackend": "access tokens",
    "graphql_auth.backends.AccountBackend": "logins",
}
MIN_KEY_BYTES = 32
GONE = {
    "EMAIL_ASYNC_TASK": "Remove it: mails go through Django's tasks. Choose their backend with the setting TASKS.",
}
# These decide who somebody is or what they may do: changing them takes more than being logged in.
NOT_UPDATABLE = {"id", "email", "password", "last_login", "date_joined", "groups", "user_permissions"}


@register(Tags.security)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """GRAPHQL_AUTH has only known keys, of the right type, that do not contradict each other."""
    given = getattr(settings, "GRAPHQL_AUTH", {})
    errors = [*_unknown_keys(given), *_wrong_types(given)]
    return errors or [*_contradictions(), *_wrong_fields(), *_wrong_limits()]


@register(Tags.security)
def check_stack(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The backend, the keys, the frontend's address and the transactions are as the account system needs them."""
    errors: list[CheckMessage] = []
    errors += [
        Error(
            f"The authentication backend of the {purpose} is missing.",
            hint=f"Add {backend!r} to AUTHENTICATION_BACKENDS.",
            id="graphql_auth.E101",
        )
        for backend, purpose in BACKENDS.items()
        if backend not in settings.AUTHENTICATION_BACKENDS
    ]
    if settings.PASSWORD_HASHES_AT_ONCE < 1:
        errors.append(
            Error(
                "No password can be hashed.",
                hint="Set PASSWORD_HASHES_AT_ONCE to 1 or more.",
                id="graphql_auth.E107",
            )
        )
    jwt: dict[str, Any] = settings.GRAPHQL_JWT
    key = jwt.get("JWT_SECRET_KEY", settings.SECRET_KEY)
    if len(key.encode()) < MIN_KEY_BYTES or key == settings.SECRET_KEY:
        errors.append(
            Error(
                "Access tokens are signed with a weak key.",
                hint=f"Set JWT_SIGNING_KEY to a secret of its own, other than SECRET_KEY, of {MIN_KEY_BYTES} bytes "
                "or more.",
                id="graphql_auth.E102",
            )
        )
    if not settings.FRONTEND_URL.startswith(("http://", "https://")):
        errors.append(
            Error(
                "The links in mails lead nowhere.",
                hint="Set FRONTEND_URL to an address that starts with https://.",
                id="graphql_auth.E103",
            )
        )
    if any(database.get("ATOMIC_REQUESTS") for database in settings.DATABASES.values()):
        errors.append(
            Error(
                "ATOMIC_REQUESTS wraps the transactions of the account flows, which must be the outermost.",
                hint="Turn ATOMIC_REQUESTS off and use transaction.atomic where you need it.",
                id="graphql_auth.E104",
            )
        )
    return errors


@register(Tags.security)
def check_public_mutations(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """JWT_ALLOW_ANY_CLASSES names just the mutations that declare themselves public."""
    from graphql_auth.operations import Operation

    mutations = [kind for kind in _mutation_classes() if issubclass(kind, Operation)]
    jwt: dict[str, Any] = settings.GRAPHQL_JWT
    listed = set(jwt.get("JWT_ALLOW_ANY_CLASSES", ()))
    public = {_path(kind) for kind in mutations if kind.public}
    private = {_path(kind) for kind in mutations if not kind.public}
    return [
        *(
            Error(
                f"The mutation {path} is public, but GRAPHQL_JWT['JWT_ALLOW_ANY_CLASSES'] does not name it.",
                hint="Add it to the list, or set `public = False` in the class.",
                id="graphql_auth.E105",
            )
            for path in sorted(public - listed)
        ),
        *(
            Error(
                f"GRAPHQL_JWT['JWT_ALLOW_ANY_CLASSES'] names {path}, which is not a public mutation of the schema.",
                hint="Remove it from the list, or set `public = True` in the class.",
                id="graphql_auth.E106",
            )
            for path in sorted(listed - public)
            if path in private or path.startswith("graphql_auth.")
        ),
    ]


def _unknown_keys(given: Iterable[str]) -> Iterator[CheckMessage]:
    for key in given:
        if key in SETTINGS:
            continue
        close = difflib.get_close_matches(key, SETTINGS, n=1)
        hint = GONE.get(key) or (f"Did you mean {close[0]}?" if close else "Remove it.")
        yield Error(f"GRAPHQL_AUTH has an unknown key: {key}.", hint=hint, id="graphql_auth.E001")


def _wrong_types(given: dict[str, Any]) -> Iterator[CheckMessage]:
    for key, value in given.items():
        setting = SETTINGS.get(key)
        if setting is not None and not isinstance(value, setting.types):
            yield Error(
                f"GRAPHQL_AUTH[{key!r}] is a {type(value).__name__}.",
                hint=f"{setting.meaning} The default is {setting.default!r}.",
                id="graphql_auth.E002",
            )
        elif isinstance(value, timedelta) and value <= timedelta(0):
            yield Error(
                f"GRAPHQL_AUTH[{key!r}] is not a time to come.", hint="Make it longer than 0.", id="graphql_auth.E002"
            )


def _contradictions() -> Iterator[CheckMessage]:
    if auth_settings.USERS_QUERY not in ("public", "authenticated", "staff"):
        yield Error(
            f"GRAPHQL_AUTH['USERS_QUERY'] is {auth_settings.USERS_QUERY!r}.",
            hint="Choose 'public', 'authenticated' or 'staff'.",
            id="graphql_auth.E003",
        )
    if auth_settings.SEND_PASSWORD_SET_EMAIL and not auth_settings.ALLOW_PASSWORDLESS_REGISTRATION:
        yield Error(
            "GRAPHQL_AUTH['SEND_PASSWORD_SET_EMAIL'] has no effect without ALLOW_PASSWORDLESS_REGISTRATION.",
            hint="Turn ALLOW_PASSWORDLESS_REGISTRATION on, or SEND_PASSWORD_SET_EMAIL off.",
            id="graphql_auth.E004",
        )
    if not auth_settings.ALLOW_LOGIN_NOT_VERIFIED and not auth_settings.SEND_ACTIVATION_EMAIL:
        yield Warning(
            "New accounts may not log in before they are verified, and get no mail to verify them.",
            hint="Turn ALLOW_LOGIN_NOT_VERIFIED or SEND_ACTIVATION_EMAIL on.",
            id="graphql_auth.W005",
        )


def _wrong_fields() -> Iterator[CheckMessage]:
    users = get_user_model()
    registered = field_types(auth_settings.REGISTER_MUTATION_FIELDS)
    optional = field_types(auth_settings.REGISTER_MUTATION_FIELDS_OPTIONAL)
    updated = field_types(auth_settings.UPDATE_MUTATION_FIELDS)
    named = {
        "REGISTER_MUTATION_FIELDS": registered,
        "REGISTER_MUTATION_FIELDS_OPTIONAL": optional,
        "UPDATE_MUTATION_FIELDS": updated,
        "LOGIN_ALLOWED_FIELDS": dict.fromkeys(auth_settings.LOGIN_ALLOWED_FIELDS, "String"),
    }
    for setting, fields in named.items():
        for field, kind in fields.items():
            if not _has_field(users, field):
                yield Error(
                    f"GRAPHQL_AUTH[{setting!r}] names {field!r}, which {users.__name__} does not have.",
                    hint="Add the field to the model, or remove it from the setting.",
                    id="graphql_auth.E006",
                )
            if not _is_scalar(kind):
                yield Error(
                    f"GRAPHQL_AUTH[{setting!r}] gives {field!r} the type {kind!r}.",
                    hint="Name a scalar of graphene: String, Int, Boolean, Date ...",
                    id="graphql_auth.E007",
                )
    for field in auth_settings.LOGIN_ALLOWED_FIELDS:
        if _has_field(users, field) and not getattr(users._meta.get_field(field), "unique", False):
            yield Error(
                f"GRAPHQL_AUTH['LOGIN_ALLOWED_FIELDS'] names {field!r}, which more than one account can share.",
                hint="Make the field unique, or remove it from the setting.",
                id="graphql_auth.E012",
            )
    for field in sorted({users.EMAIL_FIELD, users.USERNAME_FIELD} - set(registered)):
        yield Error(
            f"GRAPHQL_AUTH['REGISTER_MUTATION_FIELDS'] lacks {field!r}.",
            hint="An account needs it: add it.",
            id="graphql_auth.E008",
        )
    for field in updated:
        if field in NOT_UPDATABLE or field.startswith("is_"):
            yield Error(
                f"GRAPHQL_AUTH['UPDATE_MUTATION_FIELDS'] lets an account change its own {field!r}.",
                hint="Remove it: who somebody is and what they may do takes more proof than being logged in.",
                id="graphql_auth.E009",
            )


def _wrong_limits() -> Iterator[CheckMessage]:
    known = SETTINGS["RATE_LIMITS"].default
    for scope, text in auth_settings.RATE_LIMITS.items():
        if scope not in known:
            yield Error(
                f"GRAPHQL_AUTH['RATE_LIMITS'] has an unknown scope: {scope}.",
                hint=f"The scopes are {', '.join(known)}.",
                id="graphql_auth.E010",
            )
        try:
            parse_many(text)
        except ValueError:
            yield Error(
                f"GRAPHQL_AUTH['RATE_LIMITS'][{scope!r}] is {text!r}.",
                hint="Write limits like '5/15 minutes;20/hour'.",
                id="graphql_auth.E011",
            )


def _is_scalar(name: Any) -> bool:
    kind = getattr(graphene, name, None) if isinstance(name, str) else None
    return isinstance(kind, type) and issubclass(kind, graphene.Scalar)


def _has_field(model: Any, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _mutation_classes() -> Iterator[Any]:
    from graphene_django.settings import graphene_settings

    schema = graphene_settings.SCHEMA.graphql_schema
    for field in schema.mutation_type.fields.values() if schema.mutation_type else ():
        kind = getattr(field.type, "graphene_type", None)
        if kind is not None:
            yield kind


def _path(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
