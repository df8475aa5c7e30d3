"""Writes the accounts of an old project into the tables of this one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field

from graphql_auth import sessions
from graphql_auth.models import UserStatus
from graphql_auth.moving_in import sources
from graphql_auth.moving_in.plan import Plan
from graphql_auth.moving_in.sources import Row

BATCH_SIZE = 500


@dataclass(frozen=True)
class Memberships:
    """The groups and permissions of an old project's users: pairs of keys, and what the keys stand for."""

    groups: list[tuple[Any, Any]]
    permissions: list[tuple[Any, Any]]
    names: dict[Any, str]
    codes: dict[Any, tuple[str, str, str]]  # app label, model, code name
    of_groups: list[tuple[Any, Any]]


def taken_columns(old: BaseDatabaseWrapper, table: str) -> dict[str, Field]:
    """Map the columns that both an old table and the user have to the fields of the user."""
    there = {*sources.columns(old, table)}
    return {field.column: field for field in get_user_model()._meta.concrete_fields if field.column in there}


def lacking_columns(old: BaseDatabaseWrapper, table: str) -> list[str]:
    """Return the columns of an old table of users that the user does not have."""
    taken = {*taken_columns(old, table), sources.key_of(old, table)}
    return [column for column in sources.columns(old, table) if column not in taken]


def write_users(old: BaseDatabaseWrapper, table: str, plan: Plan) -> None:
    """Create a user and a status for each move, with the other columns as in the old table."""
    users = get_user_model()
    made = (_user(row, move, old, table) for row, move in _pairs(old, table, plan))
    while some := list(islice(made, BATCH_SIZE)):
        users._base_manager.bulk_create([user for user, _ in some])
        UserStatus.objects.bulk_create([status for _, status in some])
    _continue_keys()


def keep_logins(old: BaseDatabaseWrapper, most: int) -> int:
    """Turn the newest refresh tokens of each user, at most `most`, into sessions; return their number."""
    kept: dict[Any, int] = {}
    users = get_user_model()._base_manager.select_related("status")
    tokens = [row for row in sources.rows(old, "refresh_token_refreshtoken", "id") if row["revoked"] is None]
    for row in sorted(tokens, key=lambda row: row["created"], reverse=True):
        if kept.get(row["user_id"], 0) < most:
            created = sources.as_time(row["created"], old)
            if created and sessions.adopt(users.get(pk=row["user_id"]), row["token"], created):
                kept[row["user_id"]] = kept.get(row["user_id"], 0) + 1
    return sum(kept.values())


def read_memberships(old: BaseDatabaseWrapper, table: str) -> Memberships:
    """Read the groups and permissions of the users in an old table."""
    types = {row["id"]: (row["app_label"], row["model"]) for row in _rows(old, "django_content_type")}
    own = next((kind for kind in types.values() if "_".join(kind) == table), None)
    codes = {}
    for row in _rows(old, "auth_permission"):
        label, model, code = *types[row["content_type_id"]], row["codename"]
        if (label, model) == own:
            label, model, code = _as_of_user(code, model)
        codes[row["id"]] = (label, model, code)
    return Memberships(
        groups=_members(old, f"{table}_groups", "group_id"),
        permissions=_members(old, f"{table}_user_permissions", "permission_id"),
        names={row["id"]: row["name"] for row in _rows(old, "auth_group")},
        codes=codes,
        of_groups=[(row["group_id"], row["permission_id"]) for row in _rows(old, "auth_group_permissions")],
    )


def write_memberships(members: Memberships, *, with_groups: bool) -> list[str]:
    """Give the users their groups and permissions. With `with_groups`, create the groups and their permissions too.

    Returns the permissions that do not exist here, in words.
    """
    users = get_user_model()
    here = {
        (label, model, code): key
        for key, label, model, code in Permission.objects.values_list(
            "pk", "content_type__app_label", "content_type__model", "codename"
        )
    }
    groups = {key: Group.objects.get_or_create(name=name)[0].pk for key, name in members.names.items()}
    _link(users.groups.through, "group_id", ((user, groups[key]) for user, key in members.groups))
    known = {key: here[names] for key, names in members.codes.items() if names in here}
    granted = ((user, known[key]) for user, key in members.permissions if key in known)
    _link(users.user_permissions.through, "permission_id", granted)
    if with_groups:
        through = Group.permissions.through
        rows = [
            through(group_id=groups[group], permission_id=known[key])
            for group, key in members.of_groups
            if key in known
        ]
        through.objects.bulk_create(rows, BATCH_SIZE, ignore_conflicts=True)
    used = {key for _, key in [*members.permissions, *(members.of_groups if with_groups else [])]}
    return [f"The permission {'.'.join(members.codes[key])}, which is not here." for key in used - known.keys()]


def rename_content_type(table: str) -> None:
    """Let rows about the users of an old table, such as permissions and the admin's log, be about the users here."""
    meta = get_user_model()._meta
    for kind in ContentType.objects.exclude(app_label=meta.app_label, model=meta.model_name):
        if f"{kind.app_label}_{kind.model}" != table:
            continue
        for permission in Permission.objects.filter(content_type=kind):
            *_, permission.codename = _as_of_user(permission.codename, kind.model)
            permission.save(update_fields=["codename"])
        ContentType.objects.filter(pk=kind.pk).update(app_label=meta.app_label, model=meta.model_name)
    ContentType.objects.clear_cache()


def _pairs(old: BaseDatabaseWrapper, table: str, plan: Plan) -> Iterator[tuple[Row, Any]]:
    return zip(sources.rows(old, table, sources.key_of(old, table)), plan.moves, strict=True)


def _user(row: Row, move: Any, old: BaseDatabaseWrapper, table: str) -> tuple[Any, UserStatus]:
    users = get_user_model()
    values = {field.attname: _value(field, row[column], old) for column, field in taken_columns(old, table).items()}
    values |= {users._meta.pk.attname: move.account.key, "password": move.password, "is_active": move.active}
    # % if cookiecutter.login_field == "username"
    user = users(**values | {"email": move.email, "username": move.username})
    # % else
    user = users(**values | {"email": move.email})
    # % endif
    status = UserStatus(
        user=user, verified=move.verified, archived=move.account.archived, secondary_email=move.secondary
    )
    return user, status


def _value(field: Field, value: Any, old: BaseDatabaseWrapper) -> Any:
    """Return the value of a column as the field has it, cut to its length."""
    column = field.get_col(field.model._meta.db_table)
    for convert in [*old.ops.get_db_converters(column), *field.get_db_converters(old)]:
        value = convert(value, column, old)
    return value[: field.max_length] if isinstance(value, str) and field.max_length else value


def _continue_keys() -> None:
    """Let new keys follow the ones that were written."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [get_user_model(), UserStatus]):
            cursor.execute(statement)


def _rows(old: BaseDatabaseWrapper, table: str) -> Iterator[Row]:
    return sources.rows(old, table, "id") if table in sources.tables(old) else iter(())


def _members(old: BaseDatabaseWrapper, table: str, other: str) -> list[tuple[Any, Any]]:
    to_python = get_user_model()._meta.pk.to_python
    found = []
    for row in _rows(old, table):
        (user,) = (value for name, value in row.items() if name not in ("id", other))
        found.append((to_python(user), row[other]))
    return found


def _link(through: Any, other: str, pairs: Iterator[tuple[Any, Any]]) -> None:
    user = next(field.attname for field in through._meta.fields if field.related_model is get_user_model())
    through.objects.bulk_create([through(**{user: one, other: two}) for one, two in pairs], BATCH_SIZE)


def _as_of_user(code: str, model: str) -> tuple[str, str, str]:
    """Return the app label, model and code name of a permission on the old user, as one on the user here."""
    meta = get_user_model()._meta
    verb = code.removesuffix(f"_{model}")
    return meta.app_label, str(meta.model_name), code if verb == code else f"{verb}_{meta.model_name}"
