"""Authenticates: a request by its access token, and an account by its password."""

from typing import Any

from django.contrib.auth import get_user_model
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


class AccountBackend(ModelBackend):
    """Knows an account, which was looked up already, by its password; and who logged in at the admin so."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, *, account: Any, identifier: str, password: str
    ) -> Any:
        """Return the active `account` when this is its password, else None; to find no account, None, costs a hash too.

        `identifier` is what it was looked up by, for those who listen to failed logins.
        """
        right = (account or get_user_model()()).check_password(password)
        return account if right and account.is_active else None
