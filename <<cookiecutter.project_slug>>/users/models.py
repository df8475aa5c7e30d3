"""The project's user."""

import secrets
from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.hashers import make_password, verify_password
from django.contrib.auth.models import AbstractUser
# % if cookiecutter.login_field == "username"
from django.core.exceptions import ValidationError
# % endif
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from graphql_auth.models import UserStatus
from graphql_auth.sessions import is_open
from users.managers import UserManager

EMAIL_TAKEN = _("A user with that email already exists.")


class CustomUser(AbstractUser):
    # % if cookiecutter.login_field == "username"
    """Somebody with an account, who logs in by username or email address."""
    # % else
    """Somebody with an account, who logs in by email address."""

    username = None  # type: ignore[assignment]
    # % endif

    email = models.EmailField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
    # % if cookiecutter.login_field == "email"

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    # % endif

    # % if cookiecutter.login_field == "username"
    objects: ClassVar[UserManager] = UserManager()
    # % else
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]
    # % endif

    class Meta(AbstractUser.Meta):
        # The few who are not active are found without reading all others.
        indexes = [models.Index(fields=["id"], condition=models.Q(is_active=False), name="users_customuser_inactive")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="users_customuser_email_once",
                violation_error_code="unique",
                violation_error_message=EMAIL_TAKEN,
            ),
        ]

    def get_session_auth_hash(self) -> str:
        """Return what a session of the admin depends on: the password, and that nobody has ended the sessions since.

        A closed account gets a value that no session has: whatever backend logged it in, its sessions end.
        """
        return self._as_of_now(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same for each of SECRET_KEY_FALLBACKS."""
        return map(self._as_of_now, super().get_session_auth_fallback_hash())

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether this is the password; what an older hasher hashed is hashed anew.

        Other than Django's, this replaces just the hash that was checked: a password that is changed meanwhile, by a
        reset for instance, stays changed.
        """
        right, outdated = verify_password(raw_password, self.password)
        if not (right and outdated):
            return right
        hashed = make_password(raw_password)
        row = CustomUser.objects.filter(pk=self.pk)
        if row.filter(password=self.password).update(password=hashed):
            self.password = hashed
            return True
        # Somebody was faster: what counts is what they left.
        self.password = row.values_list("password", flat=True).first() or ""
        return self.check_password(raw_password)

    def _as_of_now(self, auth_hash: str) -> str:
        user = CustomUser.objects.select_related("status").filter(pk=self.pk).first()
        if user is None or not is_open(user):
            return secrets.token_hex()
        return f"{auth_hash}:{UserStatus.of(user).link_revision}"
    # % if cookiecutter.login_field == "username"

    def clean(self) -> None:
        """Refuse a username that reads as an address: it could be, or become, somebody else's."""
        super().clean()
        if "@" in self.username:
            raise ValidationError({"username": ValidationError(_("A username cannot contain @."), code="invalid")})
    # % endif
