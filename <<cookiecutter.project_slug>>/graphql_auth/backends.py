"""Authentication backends for access tokens and for the passwords of accounts."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from graphql_auth import sessions
from graphql_auth.errors import AccountError
from graphql_auth.hashers import normalize_password
from graphql_auth.user import User


class OpenAccountBackend(ModelBackend):
    """Authenticates only open accounts, and rejects the Django sessions of closed ones."""

    # ModelBackend's own asynchronous methods do not call the methods below.
    aauthenticate = BaseBackend.aauthenticate  # type: ignore[assignment]
    aget_user = BaseBackend.aget_user

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether the account is open."""
        return sessions.is_open(user)

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of a Django session with their status; None if the account is missing or closed."""
        user = get_user_model()._default_manager.select_related("status").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class GraphQLAuthBackend(OpenAccountBackend):
    """Authenticates requests by the access token in the Authorization header."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, **credentials: Any
    ) -> User | None:
        """Return the user of the request's access token, or None.

        With credentials it returns None, because a token must not replace a password, or raises PermissionDenied for a
        closed account, so that Django does not try the other backends.
        """
        if credentials:
            self._reject_closed(**credentials)
            return None
        try:
            return sessions.user_of(request) if request is not None else None
        except AccountError:
            return None

    def _reject_closed(self, password: str | None = None, **credentials: Any) -> None:
        users = get_user_model()
        # Django's forms pass the name as `username`, whatever field it is.
        name = credentials.get("username", credentials.get(users.USERNAME_FIELD))
        if name is None or password is None:
            return
        try:
            user = users._default_manager.get_by_natural_key(name)
        except users.DoesNotExist:
            # ModelBackend hashes once for nobody, and twice for an account, where the spelling is not NFC.
            if normalize_password(password) != password:
                make_password(password)
            return
        if not self.user_can_authenticate(user):
            # Compute a hash like ModelBackend, so that the time does not reveal that the account is closed.
            user.check_password(password)
            raise PermissionDenied


class AccountBackend(OpenAccountBackend):
    """Authenticates an account that was already looked up, and users who logged in to the admin this way."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, *, account: User | None, identifier: str, password: str
    ) -> User | None:
        """Return the active `account` if the password is correct, otherwise None. A missing account costs a hash too.

        `identifier` is what the account was looked up by, for receivers of failed logins. An archived account is
        returned too, because logging in with the API restores it.
        """
        right = (account or get_user_model()()).check_password(password)
        return account if right and account is not None and account.is_active else None
