"""Makes users."""

from typing import Any

# % if cookiecutter.login_field == "username"
from django.contrib.auth.models import UserManager as DjangoUserManager
# % else
from django.contrib.auth.base_user import BaseUserManager as DjangoUserManager
# % endif
from django.core.exceptions import ValidationError
from django.db import transaction

from graphql_auth.addresses import lock_address, normalize_email, owner_of, validate_email
from graphql_auth.errors import Refusal
# % if cookiecutter.login_field == "username"
from graphql_auth.usernames import with_username
# % endif


class UserManager(DjangoUserManager):
    """The manager of CustomUser: every address is stored in its one spelling."""

    # % if cookiecutter.login_field == "email"
    use_in_migrations = True

    # % endif
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the one spelling of an address."""
        return normalize_email(email or "")

    # % if cookiecutter.login_field == "username"
    def get_by_natural_key(self, username: str | None) -> Any:
        """Return the user with this username, however it is spelled."""
        return with_username(self.all(), username or "").get()

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> Any:
        """Save and return a user who may do everything.

        Raises ValidationError, which `manage.py createsuperuser` prints: `invalid` or `unique` for the email address.
        """
        with transaction.atomic(using=self._db):
            email = _free_address(email or "")
            return super().create_superuser(username, email, password, **fields)
    # % else
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
        """Save and return a user who may do everything.

        Raises ValidationError, which `manage.py createsuperuser` prints: `invalid` or `unique` for the email address.
        """
        with transaction.atomic(using=self._db):
            email = _free_address(email)
            return self.create_user(email, password, **({"is_staff": True, "is_superuser": True} | fields))
    # % endif


def _free_address(email: str) -> str:
    """Return the normalised address, held until the transaction ends. Raises ValidationError `invalid`, `unique`."""
    email = validate_email(email)
    lock_address(email)
    if owner_of(email) is not None:
        raise ValidationError(str(Refusal.EMAIL_TAKEN.message), code=Refusal.EMAIL_TAKEN.code)
    return email
