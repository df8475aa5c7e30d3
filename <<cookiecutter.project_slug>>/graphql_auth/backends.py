"""Authenticates a request by its access token."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from graphql_auth.sessions import user_of


class GraphQLAuthBackend(ModelBackend):
    """Knows who asks by the access token in the Authorization header, and by nothing else."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, **credentials: Any
    ) -> Any:
        """Return the user of the request's access token, or None.

        Asked with credentials of any kind it stands aside: a token must not vouch for a name and a password.
        """
        return None if request is None or credentials else user_of(request)
