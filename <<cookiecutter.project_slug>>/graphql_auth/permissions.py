"""Restricts what users may view, change and grant to what their own permissions cover.

Uses Django's permissions like its admin does: viewing a model requires its permission `view` or `change`.
"""

from collections.abc import Iterator

from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Concat

from graphql_auth.user import AnyUser, User


def may_view(user: AnyUser, *models: type[Model]) -> bool:
    """Return whether `user` may view the rows of all of `models`."""
    return all(
        any(
            user.has_perm(f"{model._meta.app_label}.{get_permission_codename(action, model._meta)}")
            for action in ("view", "change")
        )
        for model in models
    )


def models_along(model: type[Model], path: str) -> Iterator[type[Model]]:
    """Yield the models that a lookup from `model`, such as `status__verified__exact`, leads to."""
    for name in path.split("__"):
        try:
            related = model._meta.get_field(name).related_model
        except FieldDoesNotExist:
            return
        if not isinstance(related, type):
            return
        yield related
        model = related


def held_by(user: AnyUser) -> QuerySet[Permission]:
    """Return all permissions of `user`, including those of groups."""
    label = Concat("content_type__app_label", Value("."), "codename")
    return Permission.objects.alias(label=label).filter(label__in=user.get_all_permissions())


def groups_held_by(user: AnyUser) -> QuerySet[Group]:
    """Return the groups whose permissions `user` has."""
    return Group.objects.exclude(permissions__in=_permissions_missing_from(user))


def within_reach(users: QuerySet[User], user: AnyUser) -> QuerySet[User]:
    """Return those of `users` whose permissions `user` has. Permissions of closed accounts count, too."""
    if user.is_superuser:
        return users
    missing = _permissions_missing_from(user)
    users = users.filter(is_superuser=False)
    return users.exclude(user_permissions__in=missing).exclude(groups__permissions__in=missing)


def _permissions_missing_from(user: AnyUser) -> QuerySet[Permission]:
    return Permission.objects.exclude(pk__in=held_by(user))
