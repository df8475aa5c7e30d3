"""Makes users."""

from typing import Any

from django.contrib.auth import get_user_model
# % if cookiecutter.login_field == "username"
from django.contrib.auth.models import UserManager as DjangoUserManager
# % else
from django.contrib.auth.base_user import BaseUserManager as DjangoUserManager
# % endif
from django.core.exceptions import ValidationError
from django.db import models, transaction

from graphql_auth.addresses import lock_address, normalize_email, owner_of, validate_email
from graphql_auth.errors import Refusal
# % if cookiecutter.login_field == "username"
from graphql_auth.usernames import with_username
# % endif

# Keys in one statement: databases take some thousands.
AT_ONCE = 500


class UserQuerySet(models.QuerySet):
    """Users. A change of many at once logs them out like a change of one."""

    def update(self, **values: Any) -> int:
        """Update the users; where that sets `password` or `is_active`, end their sessions and void their links.

        Whether an owner closed the account is forgotten with a new `is_active`. `bulk_update` comes by here too.
        """
        from graphql_auth import sessions
        from graphql_auth.models import UserStatus

        # The model of a migration may be older than the tables of the sessions.
        if not (values.keys() & {"password", "is_active"} and issubclass(self.model, get_user_model())):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            held = self.model._base_manager.using(self.db).select_for_update().filter(pk__in=self.values("pk"))
            pks = list(held.order_by("pk").values_list("pk", flat=True))
            updated = super().update(**values)
            for start in range(0, len(pks), AT_ONCE):
                some = pks[start : start + AT_ONCE]
                sessions.end_all_of(some)
                if "is_active" in values:
                    UserStatus.objects.filter(user__in=some, closed_at__isnull=False).update(closed_at=None)
        return updated

    update.alters_data = True  # type: ignore[attr-defined]


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
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
