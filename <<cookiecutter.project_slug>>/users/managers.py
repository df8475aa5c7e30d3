"""The manager and queryset of users."""

from typing import Any

from django.contrib.auth import get_user_model
# % if cookiecutter.login_field == "username"
from django.contrib.auth.models import UserManager as DjangoUserManager
# % else
from django.contrib.auth.base_user import BaseUserManager as DjangoUserManager
# % endif
from django.db import models, transaction

from graphql_auth.addresses import lock_address, normalize_email, owner_of, validate_email
from graphql_auth.errors import Refusal
# % if cookiecutter.login_field == "username"
from graphql_auth.hashers import normalize_password
# % endif
# % if cookiecutter.login_field == "username"
from graphql_auth.usernames import with_username
# % endif

# The number of keys in one statement: databases limit it to a few thousand.
BATCH_SIZE = 500


class UserQuerySet(models.QuerySet):
    """A queryset of users whose bulk updates end sessions like single saves do."""

    def update(self, **values: Any) -> int:
        """Update the users. When this sets `password` or `is_active`, end their sessions and void their links.

        Setting `is_active` also clears `closed_at`. `bulk_update` calls this method, too.
        """
        from graphql_auth import sessions
        from graphql_auth.models import UserStatus

        # In a migration, the tables of the sessions may not exist yet.
        if not (values.keys() & {"password", "is_active"} and issubclass(self.model, get_user_model())):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            held = self.model._base_manager.using(self.db).select_for_update().filter(pk__in=self.values("pk"))
            pks = list(held.order_by("pk").values_list("pk", flat=True))
            updated = super().update(**values)
            for start in range(0, len(pks), BATCH_SIZE):
                some = pks[start : start + BATCH_SIZE]
                sessions.end_all_of(some)
                if "is_active" in values:
                    UserStatus.objects.filter(user__in=some, closed_at__isnull=False).update(closed_at=None)
        return updated

    update.alters_data = True  # type: ignore[attr-defined]


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """The manager of CustomUser, which normalises email addresses."""

    # % if cookiecutter.login_field == "email"
    use_in_migrations = True

    # % endif
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the normalised address."""
        return normalize_email(email or "")

    # % if cookiecutter.login_field == "username"
    def get_by_natural_key(self, username: str | None) -> Any:
        """Return the user with this username, in any spelling."""
        return with_username(self.all(), username or "").get()

    def _create_user_object(self, username: str, email: str | None, password: str | None, **fields: Any) -> Any:
        # Where Django makes every user, in synchronous and asynchronous code; it hashes the password as it is given.
        password = None if password is None else normalize_password(password)
        return super()._create_user_object(username, email, password, **fields)

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> Any:
        """Create a superuser whose email address counts as verified.

        Raises ValidationError, which `manage.py createsuperuser` prints: `invalid` or `unique` for the email address.
        """
        with transaction.atomic(using=self._db):
            email = _free_address(email or "")
            return _verified(super().create_superuser(username, email, password, **fields))
    # % else
    def get_by_natural_key(self, email: str | None) -> Any:
        """Return the user with this email address, in any spelling."""
        return super().get_by_natural_key(self.normalize_email(email))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """Create a user, who cannot log in without a password."""
        user: Any = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """Create a superuser whose email address counts as verified.

        Raises ValidationError, which `manage.py createsuperuser` prints: `invalid` or `unique` for the email address.
        """
        with transaction.atomic(using=self._db):
            email = _free_address(email)
            return _verified(self.create_user(email, password, **({"is_staff": True, "is_superuser": True} | fields)))
    # % endif


def _free_address(email: str) -> str:
    """Return the normalised address, locked until the transaction ends. Raises ValidationError `invalid`, `unique`."""
    email = validate_email(email)
    lock_address(email)
    if owner_of(email) is not None:
        raise Refusal.EMAIL_TAKEN.reason()
    return email


def _verified(user: Any) -> Any:
    """Return `user` with a verified address: whoever creates superusers needs no mail to prove it."""
    from graphql_auth.models import UserStatus

    UserStatus.of(user).change(verified=True)
    return user
