"""Makes users."""

# % if cookiecutter.login_field == "username"
from django.contrib.auth.models import UserManager as DjangoUserManager
# % else
from typing import Any

from django.contrib.auth.base_user import BaseUserManager as DjangoUserManager
# % endif

from graphql_auth.addresses import normalize_email


class UserManager(DjangoUserManager):
    """The manager of CustomUser: every address is stored in its one spelling."""

    # % if cookiecutter.login_field == "email"
    use_in_migrations = True

    # % endif
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the one spelling of an address."""
        return normalize_email(email or "")
    # % if cookiecutter.login_field == "email"

    def get_by_natural_key(self, email: str | None) -> Any:
        """Return the user with this address, however it is spelled."""
        return super().get_by_natural_key(self.normalize_email(email))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """Save and return a user; without a password it cannot log in until one is set."""
        user: Any = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """Save and return a user who may do everything."""
        return self.create_user(email, password, **({"is_staff": True, "is_superuser": True} | fields))
    # % endif
