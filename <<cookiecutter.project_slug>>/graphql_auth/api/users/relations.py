"""Relations to users in the schema.

graphene-django makes a relation non-null if its column is, and reads each related user with a statement of its own if
the type has a `get_queryset`. Here, a relation to one user is nullable, because the user may be hidden, and uses the
results of `select_related`. A relation to many users is a page of those whom the client may see.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import graphene
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from graphene_django.converter import convert_django_field
from graphene_django.registry import get_global_registry
from graphene_django.settings import graphene_settings

Convert = Callable[..., graphene.Dynamic]

# The converters of graphene-django, for relations to other models.
to_one: Convert = convert_django_field.dispatch(models.ForeignKey)
from_one: Convert = convert_django_field.dispatch(models.OneToOneRel)
to_many: Convert = convert_django_field.dispatch(models.ManyToManyField)


class RelatedUser(graphene.Field):
    """The user at the end of a relation, or null if the client may not see them."""

    def __init__(self, kind: Any, relation: Any, **options: Any) -> None:
        super().__init__(kind, **options)
        self.kind = kind
        self.relation = relation

    def wrap_resolve(self, parent_resolver: Any) -> Any:
        """Return the resolver of the type, if it has one, or the default one, and hide its user if necessary."""
        resolver = super().wrap_resolve(parent_resolver)
        # graphene passes its default resolver as a partial.
        by_key = isinstance(resolver, partial) and self.relation.concrete
        return partial(self.resolve_key if by_key else self.resolve_object, resolver)

    def resolve_key(self, resolver: Any, root: Any, info: graphene.ResolveInfo, **arguments: Any) -> Any:
        """Return the user whose key is in `root`. A hidden user is not read."""
        key, column = getattr(root, self.relation.attname, None), self.relation.target_field.attname
        # An empty relation takes the same steps as one to a hidden user.
        if self.kind.hides_key(key, info, column) or key is None:
            return None
        if self.kind.is_narrowed():
            return self._read(info, **{column: key})
        try:
            return resolver(root, info, **arguments)
        except ObjectDoesNotExist:  # the database does not enforce foreign keys
            return None

    def resolve_object(self, resolver: Any, root: Any, info: graphene.ResolveInfo, **arguments: Any) -> Any:
        """Return the user that `resolver` returns."""
        user = resolver(root, info, **arguments)
        if self.kind.hides(user, info):
            return None
        if isinstance(user, models.Model) and self.kind.is_narrowed():
            return self._read(info, pk=user.pk)
        return user

    def _read(self, info: graphene.ResolveInfo, **key: Any) -> Any:
        from graphql_auth.api.users.readers import all_users

        return self.kind.get_queryset(all_users(), info).filter(**key).first()


def convert_to_one(field: Any, registry: Any = None) -> graphene.Dynamic:
    """Convert a foreign key or a one-to-one field."""
    return graphene.Dynamic(partial(_to_one_type, to_one(field, registry), field, registry))


def convert_from_one(field: Any, registry: Any = None) -> graphene.Dynamic:
    """Convert the other side of a one-to-one field."""
    return graphene.Dynamic(partial(_to_one_type, from_one(field, registry), field, registry))


def convert_to_many(field: Any, registry: Any = None) -> graphene.Dynamic:
    """Convert a many-to-many field, its other side, or the other side of a foreign key."""
    return graphene.Dynamic(partial(_to_many_type, to_many(field, registry), field, registry))


def register() -> None:
    """Convert the relations of all types that are defined from now on."""
    convert_django_field.register(models.ForeignKey, convert_to_one)
    convert_django_field.register(models.OneToOneField, convert_to_one)
    convert_django_field.register(models.OneToOneRel, convert_from_one)
    convert_django_field.register(models.ManyToManyField, convert_to_many)
    convert_django_field.register(models.ManyToManyRel, convert_to_many)
    convert_django_field.register(models.ManyToOneRel, convert_to_many)


def schema_types() -> list[Any]:
    """Return all types of the project's schema."""
    return list(graphene_settings.SCHEMA.graphql_schema.type_map.values())


def related_type(model: type[models.Model]) -> Any:
    """Return the type that relations to `model` lead to, or None."""
    return get_global_registry().get_type_for_model(model)


def _to_one_type(converted: graphene.Dynamic, field: Any, registry: Any) -> Any:
    kind, own = registry.get_type_for_model(field.related_model), converted.get_type()
    return RelatedUser(kind, field, description=own.description) if _shows_users(kind) else own


def _to_many_type(converted: graphene.Dynamic, field: Any, registry: Any) -> Any:
    from graphql_auth.api.users.query import UserConnectionField

    kind, own = registry.get_type_for_model(field.related_model), converted.get_type()
    return UserConnectionField(kind, required=True, description=own.description) if _shows_users(kind) else own


def _shows_users(kind: Any) -> bool:
    # The schema and its types do not exist yet when the apps are loaded.
    from graphql_auth.api.users.readers import UserType

    return kind is not None and issubclass(kind, UserType)
