"""Who may see which users, on every path of the schema."""

from collections.abc import Iterable, Mapping
from typing import Any

import graphene
from django.contrib.auth import get_user_model
from django.db.models import Manager, QuerySet
from django.utils.translation import gettext as _
from graphene.utils.str_converters import to_camel_case
from graphene_django import DjangoObjectType
from graphql import GraphQLError

from endpoint.execution import Hidden
from endpoint.selection import selected
from graphql_auth.conf import auth_settings
from graphql_auth.features import STATUS_FIELDS
from graphql_auth.models import UserStatus
from graphql_auth.permissions import may_view

STATUS_NAMES = {to_camel_case(name) for name in STATUS_FIELDS}


def all_users() -> QuerySet:
    """Return all users of the default manager, with their statuses."""
    return get_user_model()._default_manager.select_related("status")


def sees_users(user: Any) -> bool:
    """Return whether USERS_QUERY allows `user` to see other users."""
    readers = auth_settings.USERS_QUERY
    if readers == "public" or not user.is_authenticated:
        return bool(readers == "public")
    return readers == "authenticated" or (user.is_staff and may_view(user, get_user_model()))


def sees_status(user: Any) -> bool:
    """Return whether `user`, who may see other users, may also see their status."""
    return auth_settings.USERS_QUERY != "staff" or may_view(user, UserStatus)


def require_reader(user: Any, fields: set[str], arguments: Mapping[str, Any] | None = None) -> None:
    """Raise GraphQLError unless `user` may see `fields` of other users, filtered by `arguments`."""
    if not sees_users(user):
        if not user.is_authenticated:
            raise GraphQLError(_("Log in to see users."), extensions={"code": "UNAUTHENTICATED"})
        raise GraphQLError(_("You may not see users."), extensions={"code": "FORBIDDEN"})
    filters = {name for name, value in (arguments or {}).items() if value not in (None, "")}
    about_status = fields & STATUS_NAMES or any(name.startswith("status__") for name in filters)
    if about_status and not sees_status(user):
        raise GraphQLError(_("You may not see the status of users."), extensions={"code": "FORBIDDEN"})


def sees_others(info: graphene.ResolveInfo) -> bool:
    """Return whether the client may see the selected and filtered fields of other users."""
    user = getattr(info.context, "user", None)
    return user is not None and sees_users(user) and (sees_status(user) or not _is_about_status(info))


def prove(request: Any, user: Any) -> None:
    """Let the rest of the request see `user`, because it contained the password or a token of that user."""
    request.proved_users = (*getattr(request, "proved_users", ()), user)


class UserType(DjangoObjectType):
    """A type of users that applies the rule of `user(id:)` on every path of the schema.

    On other paths, a hidden user looks like a missing one: it is null, and not in any list.
    """

    class Meta:
        abstract = True

    @classmethod
    def get_queryset(cls, users: Any, info: graphene.ResolveInfo) -> Any:
        """Return those of `users` whom the client may see. An override must call this method."""
        if isinstance(users, Manager):
            users = users.select_related("status") if _is_about_status(info) else users.all()
        if sees_others(info):
            return users
        if isinstance(users, QuerySet):
            return users.filter(pk__in=[user.pk for user in _themselves(info)])
        return [user for user in users if not cls.hides(user, info)]

    @classmethod
    def is_type_of(cls, root: Any, info: graphene.ResolveInfo) -> bool:
        """Return whether `root` is a user, or a row of users. Raises Hidden if the client may not see it."""
        if not (isinstance(root, tuple) or super().is_type_of(root, info)):
            return False
        if cls.hides(root, info):
            raise Hidden
        return True

    @classmethod
    def hides(cls, root: Any, info: graphene.ResolveInfo) -> bool:
        """Return whether `root` is a user, or a row of users, that the client may not see."""
        if not isinstance(root, tuple | cls._meta.model):
            return False
        return cls.hides_key(getattr(root, "pk", None), info)

    @classmethod
    def hides_key(cls, key: Any, info: graphene.ResolveInfo, column: str = "pk") -> bool:
        """Return whether the client may not see the user with this key in `column`."""
        return all(getattr(user, column) != key for user in _themselves(info)) and not sees_others(info)

    @classmethod
    def has_own_queryset(cls) -> bool:
        """Return whether a subclass overrides `get_queryset`."""
        current: Any = cls.get_queryset
        ours: Any = UserType.get_queryset
        return current.__func__ is not ours.__func__

    @classmethod
    def is_narrowed(cls) -> bool:
        """Return whether an override of `get_queryset`, or the default manager, leaves out users."""
        return cls.has_own_queryset() or bool(all_users().query.where)


def _themselves(info: graphene.ResolveInfo) -> Iterable[Any]:
    proved: tuple[Any, ...] = getattr(info.context, "proved_users", ())
    user = getattr(info.context, "user", None)
    return (user, *proved) if user is not None and user.is_authenticated else proved


def _is_about_status(info: graphene.ResolveInfo) -> bool:
    fields = selected(info) | selected(info, "edges", "node")
    arguments = {argument.name.value for node in info.field_nodes for argument in node.arguments}
    return bool(fields & STATUS_NAMES) or any(name.startswith("status_") for name in arguments)
