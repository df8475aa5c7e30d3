"""The public part of a user, for example of an author."""

import graphene
from django.contrib.auth import get_user_model
from graphene_django import DjangoObjectType
from graphql_relay import to_global_id

from graphql_auth.conf import auth_settings
from graphql_auth.visible import shows


class PublicUser(DjangoObjectType):
    """The public fields of a user, for example of an author."""

    class Meta:
        model = get_user_model()
        # Relations lead to UserNode by default.
        skip_registry = True
        fields = [name for name in auth_settings.USER_PUBLIC_FIELDS if name != "id" and shows(name)]

    # This type is not a Node, so that nobody can look users up by their ids.
    if "id" in auth_settings.USER_PUBLIC_FIELDS:
        id = graphene.ID(required=True, description="The id of this public user.")

    def resolve_id(self, info: graphene.ResolveInfo) -> str:
        """Return an id that differs from that of UserNode, because clients cache objects by id."""
        return str(to_global_id(PublicUser._meta.name, self.pk))
