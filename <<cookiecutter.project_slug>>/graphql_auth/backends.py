"""Authenticates: a request by its access token, and an account by its password."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from graphql_auth import access_tokens, sessions
from graphql_auth.errors import AccountError


class OpenAccountBackend(ModelBackend):
    """Knows only accounts that are open: a closed one has no session of Django's either."""

    # ModelBackend's own asynchronous methods do not call the methods below.
    aauthenticate = BaseBackend.aauthenticate  # type: ignore[assignment]
    aget_user = BaseBackend.aget_user

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether the account is open."""
        return sessions.is_open(user)

    def get_user(self, user_id: Any) -> Any:
        """Return the user of a session of Django's with its status; None when there is none or it is closed."""
        user = get_user_model()._default_manager.select_related("status").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class GraphQLAuthBackend(OpenAccountBackend):
    """Knows who asks by the access token in the Authorization header, and by nothing else."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, **credentials: Any
    ) -> Any:
        """Return the user of the request's access token, or None.

        Asked with credentials of any kind it stands aside: a token must not vouch for a name and a password. Raises
        PermissionDenied when they name a closed account, so that Django asks none of the backends that follow.
        """
        if credentials:
            self._reject_closed(**credentials)
            return None
        token = access_tokens.sent_with(request) if request is not None else None
        if token is None:
            return None
        try:
            return sessions.read_access_token(token).user
        except AccountError:
            return None

    def _reject_closed(self, password: str | None = None, **credentials: Any) -> None:
        users = get_user_model()
        # Django's forms send the name as `username`, whatever field holds it.
        name = credentials.get("username", credentials.get(users.USERNAME_FIELD))
        if name is None or password is None:
            return
        try:
            user = users._default_manager.get_by_natural_key(name)
        except users.DoesNotExist:
            return
        if not self.user_can_authenticate(user):
            # Hashed as ModelBackend does, so that the time does not tell that the account is closed.
            user.check_password(password)
            raise PermissionDenied


class AccountBackend(OpenAccountBackend):
    """Knows an account, which was looked up already, by its password; and who logged in at the admin so."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, *, account: Any, identifier: str, password: str
    ) -> Any:
        """Return the active `account` when this is its password, else None; to find no account, None, costs a hash too.

        `identifier` is what it was looked up by, for those who listen to failed logins. An archived account is returned
        too: to log in with the API takes it out of the archive.
        """
        right = (account or get_user_model()()).check_password(password)
        return account if right and account.is_active else None
