"""No type of the project shows, or finds by a filter, users whom the client may not see."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import FieldDoesNotExist
from django_filters import OrderingFilter

from graphql_auth.conf import AuthSettings, auth_settings
from graphql_auth.features import STATUS_FIELDS
from graphql_auth.visible import shows


@register(Tags.security)
def check_public_fields(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """USER_PUBLIC_FIELDS names columns of the user that UserNode shows."""
    # check_settings names problems; of the default, what UserNode does not show is left out.
    if [*AuthSettings.problems()] or "USER_PUBLIC_FIELDS" not in AuthSettings.given():
        return []
    users: Any = get_user_model()
    columns = {field.name for field in users._meta.fields if not field.is_relation}
    found: list[CheckMessage] = [
        Error(
            f"GRAPHQL_AUTH['USER_PUBLIC_FIELDS'] names {name!r}, which is no column that UserNode shows.",
            hint="Remove it, or name a column of the user that USER_NODE_EXCLUDE_FIELDS does not name.",
            id="graphql_auth.E032",
        )
        for name in auth_settings.USER_PUBLIC_FIELDS
        if name != "id" and not (name in columns and shows(name))
    ]
    if not auth_settings.USER_PUBLIC_FIELDS:
        found.append(
            Error(
                "GRAPHQL_AUTH['USER_PUBLIC_FIELDS'] is empty: a type needs a field.",
                hint="Name at least 'id'.",
                id="graphql_auth.E032",
            )
        )
    return found


@register(Tags.security)
def check_relations(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Relations to users can be null, lead to UserNode, and are no filter."""
    try:
        from graphql_auth.api.users.relations import schema_types

        kinds = schema_types()
    except Exception:  # check_public_mutations says why
        return []
    types = [kind.graphene_type for kind in kinds if hasattr(getattr(kind, "graphene_type", None), "_meta")]
    return [*_other_types(), *_required_users(kinds), *_telling_filters(types)]


def _other_types() -> Iterator[CheckMessage]:
    from graphql_auth.api.users.readers import UserType
    from graphql_auth.api.users.relations import related_type

    kind = related_type(get_user_model())
    if kind is not None and not issubclass(kind, UserType):
        yield Error(
            f"Relations to users lead to {kind.__name__}, which shows them to anybody.",
            hint=f"Write `skip_registry = True` in the Meta of {kind.__name__}: then they lead to UserNode again.",
            id="graphql_auth.E151",
        )


def _required_users(kinds: list[Any]) -> Iterator[CheckMessage]:
    from graphql import is_non_null_type

    for kind in kinds:
        for name, field in (getattr(kind, "fields", None) or {}).items():
            if is_non_null_type(field.type) and _hides(getattr(field.type.of_type, "graphene_type", None)):
                yield Error(
                    f"{kind.name}.{name} is never null, but its user may be hidden: then it fails.",
                    hint="Leave out `required=True`.",
                    id="graphql_auth.E152",
                )


def _telling_filters(types: list[Any]) -> Iterator[CheckMessage]:
    told = set()
    for kind in types:
        for declared in (getattr(kind._meta, "fields", None) or {}).values():
            field = _mounted(declared)
            if not hasattr(field, "filterset_class"):
                continue
            for name, path in _paths(field.filterset_class.base_filters):
                node = field.node_type
                if (node, name, path) in told or not _tells_of_users(node, path):
                    continue
                told.add((node, name, path))
                yield Error(
                    f"{node._meta.name} has the filter {name!r}, which finds out {path!r} of users whom the client may "
                    "not see.",
                    hint=f"Remove it from the filters of {node._meta.name}; or write it with `method`, and look at "
                    "`self.request.user` there; or show the user as PublicUser, and filter by USER_PUBLIC_FIELDS.",
                    id="graphql_auth.E153",
                )


def _paths(filters: Any) -> Iterator[tuple[str, str]]:
    """Yield the name of each filter with each path that it looks up; one with a method looks up what it likes."""
    for name, found in filters.items():
        if isinstance(found, OrderingFilter):
            yield from ((name, str(path)) for path in found.param_map)
        elif found.method is None and found.field_name:
            yield name, "__".join(filter(None, [found.field_name, _text(found.lookup_expr)]))


def _text(lookup: Any) -> str:
    return lookup if isinstance(lookup, str) and lookup != "exact" else ""


def _tells_of_users(kind: Any, path: str) -> bool:
    """Return whether a lookup from the type `kind` leads to more of a user than PublicUser shows there."""
    model, names = kind._meta.model, path.split("__")
    for place, name in enumerate(names):
        try:
            related = model._meta.get_field(name).related_model
        except FieldDoesNotExist:
            return False
        if not isinstance(related, type):
            return False
        if issubclass(related, get_user_model()):
            return not (_is_public(kind, name) and _shows_publicly(related, names[place + 1 :]))
        model, kind = related, kind and kind._meta.registry.get_type_for_model(related)
    return False


def _is_public(kind: Any, name: str) -> bool:
    from graphql_auth.api.users.public import PublicUser

    shown = _mounted(kind._meta.fields.get(name)) if kind else None
    output = getattr(shown, "type", None)
    return getattr(output, "of_type", output) is PublicUser


def _shows_publicly(users: Any, rest: list[str]) -> bool:
    key = {"pk", users._meta.pk.name}
    names = {field.name for field in users._meta.get_fields()} | {*STATUS_FIELDS, *key}
    name = rest[0] if rest and rest[0] in names else "id"
    return name in auth_settings.USER_PUBLIC_FIELDS or (name in key and "id" in auth_settings.USER_PUBLIC_FIELDS)


def _mounted(field: Any) -> Any:
    # A relation, whose type is looked up when the schema is made.
    return field.get_type() if hasattr(field, "get_type") else field


def _hides(kind: Any) -> bool:
    return hasattr(kind, "hides")
