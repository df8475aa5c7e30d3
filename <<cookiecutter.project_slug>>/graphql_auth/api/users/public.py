"""A user as anybody sees them: the author of something public."""

import graphene
from django.contrib.auth import get_user_model
from graphene_django import DjangoObjectType
from graphql_relay import to_global_id

from graphql_auth.conf import auth_settings
from graphql_auth.visible import shows


class PublicUser(DjangoObjectType):
    """What anybody may know of a user, such as the author of something public."""

    class Meta:
        model = get_user_model()
        # Relations lead to UserNode, unless a type says otherwise.
        skip_registry = True
        fields = [name for name in auth_settings.USER_PUBLIC_FIELDS if name != "id" and shows(name)]

    # It is no Node: by its id alone, nobody is found.
    if "id" in auth_settings.USER_PUBLIC_FIELDS:
        id = graphene.ID(required=True, description="The id of the user as the author of something.")

    def resolve_id(self, info: graphene.ResolveInfo) -> str:
        """Return an id that differs from that of the UserNode, since clients keep objects by their ids."""
        return str(to_global_id(PublicUser._meta.name, self.pk))  # type: ignore[attr-defined]
