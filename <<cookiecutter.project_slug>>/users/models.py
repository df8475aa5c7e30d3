"""The project's user."""

# % if cookiecutter.login_field == "username"
import secrets
from collections.abc import Collection, Iterator
from typing import Any, ClassVar
# % else
import secrets
from collections.abc import Iterator
from typing import ClassVar
# % endif

from django.contrib.auth.hashers import make_password, verify_password
from django.contrib.auth.models import AbstractUser
# % if cookiecutter.login_field == "username"
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
# % endif
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from graphql_auth.errors import EMAIL_TAKEN
from graphql_auth.fields import AddressField
from graphql_auth.hashers import normalize_password
from graphql_auth.models import UserStatus
from graphql_auth.sessions import is_open
# % if cookiecutter.login_field == "username"
from graphql_auth.usernames import validate_username
# % endif
from users.managers import UserManager
# % if cookiecutter.login_field == "username"

USERNAME_TAKEN = _("A user with that username already exists.")
USERNAME_ONCE = models.UniqueConstraint(
    Lower("username"),
    name="users_customuser_username_once",
    violation_error_code="unique",
    violation_error_message=USERNAME_TAKEN,
)
# % endif


class CustomUser(AbstractUser):
    # % if cookiecutter.login_field == "username"
    """A user, who logs in with a username or email address."""
    # % else
    """A user, who logs in with an email address."""

    username = None  # type: ignore[assignment] # the email address is the name
    # % endif

    # % if cookiecutter.login_field == "username"
    username = models.CharField(
        _("username"),
        max_length=150,
        unique=True,
        help_text=_("Required. 150 characters or fewer. Letters from a to z, digits and ./+/-/_ only."),
        validators=[UnicodeUsernameValidator(), validate_username],
        error_messages={"unique": USERNAME_TAKEN},
    )
    # % endif
    email = AddressField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
    # % if cookiecutter.login_field == "email"

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    # % endif

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        # Finds the few inactive users without a scan.
        indexes = [models.Index(fields=["id"], condition=models.Q(is_active=False), name="users_customuser_inactive")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="users_customuser_email_once",
                violation_error_code="unique",
                violation_error_message=EMAIL_TAKEN,
            ),
            # % if cookiecutter.login_field == "username"
            USERNAME_ONCE,
            # % endif
        ]

    def get_session_auth_hash(self) -> str:
        """Return the hash that admin sessions depend on. It changes with the password and when all sessions are ended.

        A closed account gets a random value, which ends its sessions, whichever backend logged it in.
        """
        return self._current_hash(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the session hashes for SECRET_KEY_FALLBACKS."""
        return map(self._current_hash, super().get_session_auth_fallback_hash())

    def set_password(self, raw_password: str | None) -> None:
        """Set the password, normalised. None makes it unusable."""
        super().set_password(None if raw_password is None else normalize_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether the password is correct. Update its hash if the hasher or the spelling is outdated.

        Unlike Django's method, this only replaces the hash that was checked: a password that was changed in the
        meantime, for example by a reset, is kept.
        """
        from graphql_auth import sessions

        password = None if raw_password is None else normalize_password(raw_password)
        right, outdated = verify_password(password, self.password)
        if not right and password != raw_password:
            # The hash may be older than the normalisation. An unknown account takes the same two hashes.
            right, _outdated = verify_password(raw_password, self.password)
            outdated = True
        if not (right and outdated):
            return right
        if sessions.replace_hash(self, make_password(password)):
            return True
        # The password was changed in the meantime: check the new one.
        self.password = CustomUser.objects.filter(pk=self.pk).values_list("password", flat=True).first() or ""
        return self.check_password(raw_password)

    def _current_hash(self, auth_hash: str) -> str:
        user = CustomUser.objects.select_related("status").filter(pk=self.pk).first()
        if user is None or not is_open(user):
            return secrets.token_hex()
        return f"{auth_hash}:{UserStatus.of(user).link_revision}"
    # % if cookiecutter.login_field == "username"

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Check uniqueness. A username that is taken in another case is an error of the field `username`."""
        excluded = {*(exclude or ())}
        errors: dict[str, Any] = {}
        if "username" not in excluded:
            try:
                USERNAME_ONCE.validate(CustomUser, self)
            except ValidationError as error:
                errors["username"] = [error]
        try:
            super().validate_unique(excluded | {"username"})
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Check the constraints, except for the one that `validate_unique` has checked."""
        super().validate_constraints({*(exclude or ()), "username"})
    # % endif
