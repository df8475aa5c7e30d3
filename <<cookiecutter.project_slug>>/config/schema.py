"""The root schema: add your own queries and mutations here."""

import graphene

# % if cookiecutter.api == "relay"
from graphql_auth.relay import AuthMutation
# % else
from graphql_auth.mutations import AuthMutation
# % endif
from graphql_auth.schema import MeQuery, UserQuery


class Query(UserQuery, MeQuery, graphene.ObjectType):
    """Everything that can be read."""


class Mutation(AuthMutation, graphene.ObjectType):
    """Everything that can be changed."""


schema = graphene.Schema(query=Query, mutation=Mutation)
