"""Checks of GRAPHQL_AUTH."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import FieldDoesNotExist
from django.db.models import FileField
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django_filters.utils import get_model_field
from limits import parse_many

from endpoint.checks import check_keys
from endpoint.conf import EndpointSettings
from graphql_auth.api import columns
from graphql_auth.api.types import scalar_named
from graphql_auth.conf import SETTINGS, AuthSettings, auth_settings, field_types
from graphql_auth.features import STATUS_FIELDS
from graphql_auth.visible import shows, shows_path

MOVED = {
    "EMAIL_ASYNC_TASK": "Remove it: mails go through Django's tasks. Choose their backend with the setting TASKS.",
} | dict.fromkeys(EndpointSettings.declared(), "Move it to GRAPHQL_ENDPOINT.")
# These decide identity or permissions: being logged in is not enough to change them.
NOT_UPDATABLE = {"id", "email", "password", "last_login", "date_joined", "groups", "user_permissions"}
# % if cookiecutter.api == "relay"
# Names that the input object of a mutation needs for itself.
TAKEN_BY_AN_INPUT = ["client_mutation_id", "get"]
# % endif
# Arguments of a connection, and of graphene-django's functions that resolve it.
TAKEN_BY_A_PAGE = [
    *("first", "last", "after", "before", "offset", "cls", "root", "info", "resolver", "connection"),
    *("default_manager", "queryset_resolver", "max_limit", "enforce_first_or_last", "iterable", "args"),
]
NOT_REGISTRABLE = NOT_UPDATABLE - {"email"} | {"is_active", "is_staff", "is_superuser"}


@register(Tags.security)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that GRAPHQL_AUTH has only known keys, and values of the right type that do not contradict each other."""
    errors = [*check_keys(AuthSettings, "graphql_auth", moved=MOVED)]
    return errors or [
        *_contradictions(),
        *_wrong_fields(),
        *_wrong_registration(),
        *_wrong_columns(),
        *_wrong_lookups(),
        *_wrong_names(),
        *_wrong_paths(),
        *_wrong_limits(),
        *_wrong_templates(),
    ]


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
            "New accounts cannot log in before they are verified, and get no verification mail.",
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
        "LOGIN_ALLOWED_FIELDS": field_types(auth_settings.LOGIN_ALLOWED_FIELDS),
        "USER_NODE_EXCLUDE_FIELDS": field_types(auth_settings.USER_NODE_EXCLUDE_FIELDS),
    }
    for field in auth_settings.USER_NODE_FILTER_FIELDS:
        if get_model_field(users, field) is None:  # it follows relations, as in status__verified
            yield _unknown_field("USER_NODE_FILTER_FIELDS", field)
        elif "USER_NODE_FILTER_FIELDS" in getattr(settings, "GRAPHQL_AUTH", {}) and not shows_path(field):
            yield Error(
                f"GRAPHQL_AUTH['USER_NODE_FILTER_FIELDS'] filters by {field!r}, which UserNode does not show: a filter "
                "would reveal its value piece by piece.",
                hint="Remove it. `users` can be filtered by columns of the user, by the key of a relation that "
                "register or updateAccount accepts, and by "
                f"{', '.join(f'status__{name}' for name in STATUS_FIELDS)}, except those in USER_NODE_EXCLUDE_FIELDS.",
                id="graphql_auth.E031",
            )
    for setting, fields in named.items():
        for field, kind in fields.items():
            is_status_field = setting == "USER_NODE_EXCLUDE_FIELDS" and field in STATUS_FIELDS
            if not _has_field(users, field) and not is_status_field:
                yield _unknown_field(setting, field)
            if scalar_named(kind) is None:
                yield Error(
                    f"GRAPHQL_AUTH[{setting!r}] gives {field!r} the type {kind!r}.",
                    hint="Name a scalar of graphene: String, Int, Boolean, Date ...",
                    id="graphql_auth.E007",
                )
    if not auth_settings.LOGIN_ALLOWED_FIELDS:
        yield Error(
            "GRAPHQL_AUTH['LOGIN_ALLOWED_FIELDS'] is empty: nobody can log in.",
            hint=f'Set it to ["{users.USERNAME_FIELD}"], for instance.',
            id="graphql_auth.E014",
        )
    if "password" not in auth_settings.USER_NODE_EXCLUDE_FIELDS:
        yield Error(
            "GRAPHQL_AUTH['USER_NODE_EXCLUDE_FIELDS'] lacks 'password': UserNode shows the password hash.",
            hint='Add "password" to it.',
            id="graphql_auth.E015",
        )
    for field in auth_settings.LOGIN_ALLOWED_FIELDS:
        if _has_field(users, field) and not getattr(users._meta.get_field(field), "unique", False):
            yield Error(
                f"GRAPHQL_AUTH['LOGIN_ALLOWED_FIELDS'] names {field!r}, which is not unique.",
                hint="Make the field unique, or remove it from the setting.",
                id="graphql_auth.E012",
            )
    for field in sorted({users.EMAIL_FIELD, users.USERNAME_FIELD} - set(registered)):
        yield Error(
            f"GRAPHQL_AUTH['REGISTER_MUTATION_FIELDS'] lacks {field!r}.",
            hint="Add it: every account needs one.",
            id="graphql_auth.E008",
        )
    for field in updated:
        if field in NOT_UPDATABLE or field.startswith("is_"):
            yield Error(
                f"GRAPHQL_AUTH['UPDATE_MUTATION_FIELDS'] lets an account change its own {field!r}.",
                hint="Remove it. Being logged in is not enough to change a field that decides identity or permissions.",
                id="graphql_auth.E009",
            )


def _wrong_registration() -> Iterator[CheckMessage]:
    required, optional = auth_settings.REGISTER_MUTATION_FIELDS, auth_settings.REGISTER_MUTATION_FIELDS_OPTIONAL
    for field in required:
        if field in optional:
            yield Error(
                f"GRAPHQL_AUTH['REGISTER_MUTATION_FIELDS_OPTIONAL'] names {field!r}, which is required.",
                hint="Remove it there, or from REGISTER_MUTATION_FIELDS.",
                id="graphql_auth.E017",
            )
    refused = NOT_REGISTRABLE | NOT_UPDATABLE - {"email"}
    for setting, fields in _mutation_fields().items():
        for field, kind in fields.items():
            if field in NOT_REGISTRABLE and setting != "UPDATE_MUTATION_FIELDS":
                yield Error(
                    f"GRAPHQL_AUTH[{setting!r}] lets anybody who registers choose {field!r}.",
                    hint="Remove it: it decides identity or permissions.",
                    id="graphql_auth.E018",
                )
            elif field not in NOT_UPDATABLE and not _takes_a_value(field):
                yield Error(
                    f"GRAPHQL_AUTH[{setting!r}] names {field!r}, which does not take a single value.",
                    hint="Remove it, and write your own mutation for it: docs/extending.md shows how.",
                    id="graphql_auth.E019",
                )
            elif field not in refused and _has_field(get_user_model(), field) and shows(field) and scalar_named(kind):
                taking = columns.taken_by(get_user_model()._meta.get_field(field))
                if kind not in taking:
                    yield Error(
                        f"GRAPHQL_AUTH[{setting!r}] gives {field!r} the type {kind!r}, which does not take what `me` "
                        "shows.",
                        hint=f'Write it like {{"{field}": "{taking[0]}"}}.',
                        id="graphql_auth.E036",
                    )


def _wrong_lookups() -> Iterator[CheckMessage]:
    for path, lookups in auth_settings.USER_NODE_FILTER_FIELDS.items():
        column = get_model_field(get_user_model(), path)
        if column is None or not shows_path(path):
            continue
        for lookup in lookups:
            if columns.lookup_type(column, lookup) is None:
                yield Error(
                    f"GRAPHQL_AUTH['USER_NODE_FILTER_FIELDS'] gives {path!r} the lookup {lookup!r}, by which `users` "
                    "cannot be filtered.",
                    hint="Remove it. Django's lookups of the column can be used, but for regular expressions and what "
                    "is inside a JSON or an array.",
                    id="graphql_auth.E037",
                )


def _wrong_columns() -> Iterator[CheckMessage]:
    for column in get_user_model()._meta.fields:
        if shows(column.name) and not columns.is_shown(column):
            yield Warning(
                f"UserNode does not show {column.name!r}: GraphQL has no name or no type for such a column.",
                hint=f'Add "{column.name}" to GRAPHQL_AUTH["USER_NODE_EXCLUDE_FIELDS"], and write a field of your own '
                "where it is meant to be shown.",
                id="graphql_auth.W039",
            )


def _wrong_names() -> Iterator[CheckMessage]:
    """Look for names that are one in GraphQL."""
    of = _mutation_fields()
    users = get_user_model()
    shown = [column.name for column in users._meta.fields if shows(column.name) and columns.is_shown(column)]
    own = ["pk", *filter(shows, STATUS_FIELDS)]
    filters = [
        path if lookup == "exact" else f"{path}__{lookup}"
        for path, lookups in auth_settings.USER_NODE_FILTER_FIELDS.items()
        for lookup in lookups
    ]
    register = [*of["REGISTER_MUTATION_FIELDS"], *of["REGISTER_MUTATION_FIELDS_OPTIONAL"]]
    # % if cookiecutter.api == "relay"
    yield from _same_names("REGISTER_MUTATION_FIELDS", register, ["password1", "password2", *TAKEN_BY_AN_INPUT])
    yield from _same_names("UPDATE_MUTATION_FIELDS", [*of["UPDATE_MUTATION_FIELDS"]], TAKEN_BY_AN_INPUT)
    # % else
    yield from _same_names("REGISTER_MUTATION_FIELDS", register, ["password1", "password2"])
    yield from _same_names("UPDATE_MUTATION_FIELDS", [*of["UPDATE_MUTATION_FIELDS"]], [])
    # % endif
    yield from _same_names("USER_NODE_FILTER_FIELDS", filters, TAKEN_BY_A_PAGE)
    yield from _same_names("USER_NODE_EXCLUDE_FIELDS", shown, own)


def _same_names(setting: str, names: list[str], own: list[str]) -> Iterator[CheckMessage]:
    known = {columns.graphql_name(name): name for name in own}
    for name in dict.fromkeys(names):
        other = known.setdefault(columns.graphql_name(name), name)
        if other != name or name in own:
            what = "the API has that name already" if other in own else f"{other!r} has that name too"
            user, in_graphql = get_user_model().__name__, columns.graphql_name(name)
            yield Error(
                f"{user} has a field {name!r}, which is {in_graphql!r} in GraphQL: {what}.",
                hint=f"Rename the field, or see that GRAPHQL_AUTH[{setting!r}] leaves it out.",
                id="graphql_auth.E038",
            )


def _mutation_fields() -> dict[str, dict[str, str]]:
    names = ("REGISTER_MUTATION_FIELDS", "REGISTER_MUTATION_FIELDS_OPTIONAL", "UPDATE_MUTATION_FIELDS")
    return {name: field_types(getattr(auth_settings, name)) for name in names}


def _wrong_paths() -> Iterator[CheckMessage]:
    paths = {setting: getattr(auth_settings, setting) for setting in SETTINGS if setting.endswith("_PATH_ON_EMAIL")}
    for setting, path in paths.items():
        if path.strip("/ ") != path or not path:
            yield Error(
                f"GRAPHQL_AUTH[{setting!r}] is {path!r}: links have the form FRONTEND_URL/<path>/<token>.",
                hint=f"Write it without / at its ends, like {SETTINGS[setting].default!r}.",
                id="graphql_auth.E020",
            )
        if list(paths.values()).count(path) > 1:
            yield Error(
                f"GRAPHQL_AUTH[{setting!r}] is {path!r}, like another path. Each kind of link needs its own page.",
                hint=f"Choose another path, like {SETTINGS[setting].default!r}.",
                id="graphql_auth.E020",
            )


def _wrong_limits() -> Iterator[CheckMessage]:
    known = SETTINGS["RATE_LIMITS"].default
    given = auth_settings.RATE_LIMITS
    left_out = [scope for scope in known if scope not in given]
    if given and left_out:
        yield Warning(
            f"GRAPHQL_AUTH['RATE_LIMITS'] lacks {', '.join(left_out)}: these attempts are not limited.",
            hint="Add the defaults that you want to keep, or an empty string for no limit: "
            + ", ".join(f'"{scope}": "{known[scope]}"' for scope in left_out),
            id="graphql_auth.W013",
        )
    for scope, text in given.items():
        if scope not in known:
            yield Error(
                f"GRAPHQL_AUTH['RATE_LIMITS'] has an unknown scope: {scope}.",
                hint=f"The scopes are {', '.join(known)}.",
                id="graphql_auth.E010",
            )
        try:
            parse_many(text) if text != "" else []
        except (ValueError, TypeError):
            yield Error(
                f"GRAPHQL_AUTH['RATE_LIMITS'][{scope!r}] is {text!r}.",
                hint="Write limits like '5/15 minutes;20/hour'.",
                id="graphql_auth.E011",
            )


def _wrong_templates() -> Iterator[CheckMessage]:
    for setting in SETTINGS:
        if not setting.startswith(("EMAIL_SUBJECT_", "EMAIL_TEMPLATE_")) or setting == "EMAIL_TEMPLATE_VARIABLES":
            continue
        name = getattr(auth_settings, setting)
        try:
            get_template(name)
        except TemplateDoesNotExist:
            yield Error(
                f"GRAPHQL_AUTH[{setting!r}] names {name!r}, which does not exist.",
                hint=f"Create templates/{name}, or remove the key to use {SETTINGS[setting].default!r}.",
                id="graphql_auth.E016",
            )
        except TemplateSyntaxError as error:
            yield Error(
                f"GRAPHQL_AUTH[{setting!r}] names {name!r}, which is not a valid template: {error}",
                hint=f"Fix {name}.",
                id="graphql_auth.E016",
            )


def _takes_a_value(name: str) -> bool:
    users: Any = get_user_model()
    field = users._meta.get_field(name) if _has_field(users, name) else None
    # Another check reports a missing field.
    return field is None or (
        field.concrete
        and field.editable
        and not field.many_to_many
        and not isinstance(field, FileField)
        and bool(columns.taken_by(field))
    )


def _unknown_field(setting: str, field: str) -> CheckMessage:
    return Error(
        f"GRAPHQL_AUTH[{setting!r}] names {field!r}, which {get_user_model().__name__} does not have.",
        hint="Add the field to the model, or remove it from the setting.",
        id="graphql_auth.E006",
    )


def _has_field(model: Any, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
