"""The queries of the account system, under their public names."""

from graphql_auth.api.users.node import UserNode
from graphql_auth.api.users.public import PublicUser
from graphql_auth.api.users.query import MeQuery, UserQuery

__all__ = ["MeQuery", "PublicUser", "UserNode", "UserQuery"]
