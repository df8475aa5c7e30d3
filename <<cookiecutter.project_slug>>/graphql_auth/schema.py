"""The queries of the account system, under their public names."""

from graphql_auth.api.users.node import MeQuery, UserNode, UserQuery

__all__ = ["MeQuery", "UserNode", "UserQuery"]
