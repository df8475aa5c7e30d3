"""The schema: the mutations and connection of the libraries, and a minimal `register`."""

from typing import Any

import graphene
import graphql_jwt
from django.contrib.auth import get_user_model
from graphene_django import DjangoObjectType
from graphene_django.filter import DjangoFilterConnectionField
from graphql_jwt.decorators import login_required


class UserNode(DjangoObjectType):
    """A user."""

    class Meta:
        model = get_user_model()
        interfaces = (graphene.relay.Node,)
        fields = ("id", "username", "email", "is_active", "is_staff")
        filter_fields = {
            "email": ["exact"],
            "username": ["exact", "icontains", "istartswith"],
            "is_active": ["exact"],
        }


class Register(graphene.Mutation):
    """Create an account."""

    class Arguments:
        username = graphene.String(required=True)
        email = graphene.String(required=True)
        password1 = graphene.String(required=True)
        password2 = graphene.String(required=True)

    success = graphene.Boolean()
    user = graphene.Field(UserNode)

    @staticmethod
    def mutate(root: Any, info: graphene.ResolveInfo, password1: str, password2: str, **fields: str) -> "Register":
        """Save the user."""
        user = get_user_model()(**fields)
        user.set_password(password1)
        user.save()
        return Register(success=password1 == password2, user=user)


class Query(graphene.ObjectType):
    """The queries."""

    me = graphene.Field(UserNode)
    users = DjangoFilterConnectionField(UserNode)

    @staticmethod
    @login_required
    def resolve_me(root: Any, info: graphene.ResolveInfo) -> Any:
        """Return the user of the request."""
        return info.context.user


class Mutation(graphene.ObjectType):
    """The mutations."""

    token_auth = graphql_jwt.ObtainJSONWebToken.Field()
    verify_token = graphql_jwt.Verify.Field()
    refresh_token = graphql_jwt.Refresh.Field()
    register = Register.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
