"""The models of the account system: the status and the sessions of a user, and used refresh tokens."""

import copy
import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from graphql_auth.features import ADDRESSES
from graphql_auth.models.secondary_email import SecondaryEmail


class UserStatus(
    SecondaryEmail,
    models.Model,
):
    """The status of an account. A user without a row is neither verified nor archived."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="status", verbose_name=_("user")
    )
    verified = models.BooleanField(_("verified"), default=False)
    archived = models.BooleanField(_("archived"), default=False)
    closed_at = models.DateTimeField(
        _("closed at"),
        null=True,
        default=None,
        editable=False,
        help_text=_("When its owner closed the account. One that staff made inactive was never closed."),
    )
    link_revision = models.PositiveIntegerField(
        _("link revision"),
        default=0,
        editable=False,
        help_text=_("A link that was mailed works while this number is the same."),
    )

    class Meta:
        verbose_name = _("status")
        verbose_name_plural = _("statuses")
        # For the filters of `users`: find the few matching rows without a scan.
        indexes = [
            models.Index(fields=["user"], condition=models.Q(archived=True), name="graphql_auth_status_archived"),
            *SecondaryEmail.Meta.indexes,
        ]
        constraints = [
            *SecondaryEmail.Meta.constraints,
        ]

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def of(cls, user: Any) -> "UserStatus":
        """Return the status of `user`, or a new, unsaved one if there is no row."""
        try:
            return user.status
        except cls.DoesNotExist:
            return cls(user=user)

    @property
    def is_closed(self) -> bool:
        """Whether the owner closed the account and can reopen it with a mailed link."""
        return self.closed_at is not None and not self.user.is_active

    def change(self, **values: object) -> None:
        """Set and save only these fields. The caller has locked the user."""
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=None if self._state.adding else list(values))

    def change_address(self, name: str, email: str | None) -> None:
        """Set the address in the column `name` to `email`, or remove it, and invalidate all mailed links."""
        self.change(**{name: email})
        self.void_links(self.user)

    @property
    def addresses(self) -> list[str]:
        """The addresses of the account besides the primary one."""
        names = [path.removeprefix("status__") for path in ADDRESSES if path.startswith("status__")]
        return [address for name in names if (address := getattr(self, name))]

    @classmethod
    def note_reopening(cls, user: Any) -> None:
        """Clear `closed_at` of the active `user`, who must not reopen the account if staff deactivates it later."""
        cls.objects.filter(user=user, closed_at__isnull=False).update(closed_at=None)

    @classmethod
    def void_links(cls, user: Any) -> None:
        """Permanently invalidate all links that were mailed to `user`.

        Call this in the transaction of the change that requires it.
        """
        if not cls.objects.filter(user=user).update(link_revision=F("link_revision") + 1):
            cls.objects.create(user=user, link_revision=1)

    @classmethod
    def void_links_of(cls, pks: Sequence[Any]) -> None:
        """Permanently invalidate all links that were mailed to the users whose primary keys are in `pks`."""
        if cls.objects.filter(user__in=pks).update(link_revision=F("link_revision") + 1) < len(pks):
            # Some users have no row yet. Existing rows conflict and stay unchanged.
            missing = [UserStatus(user_id=pk, link_revision=1) for pk in pks]
            UserStatus.objects.bulk_create(missing, ignore_conflicts=True)


class Session(models.Model):
    """A login. It lasts as long as its refresh token is renewed, and ends when `ended_at` is set."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_sessions", verbose_name=_("user")
    )
    refresh_digest = models.CharField(_("SHA-256 of the refresh token"), max_length=64, editable=False)
    refresh_count = models.PositiveIntegerField(_("refresh tokens used"), default=0, editable=False)
    password_fingerprint = models.CharField(
        _("fingerprint of the password"),
        max_length=64,
        editable=False,
        help_text=_("The session counts while this fits the password of its user."),
    )
    created_at = models.DateTimeField(_("created at"))
    refreshed_at = models.DateTimeField(_("refreshed at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, default=None)
    revoked = models.BooleanField(_("ended by its owner"), default=False, editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [
            models.Index(fields=["user"], condition=models.Q(ended_at__isnull=True), name="graphql_auth_session_live"),
        ]
        # Not `unique=True`, which would add a second index for LIKE on PostgreSQL.
        constraints = [models.UniqueConstraint(fields=["refresh_digest"], name="graphql_auth_session_refresh_once")]

    def __str__(self) -> str:
        # Without the user, because the permission to view sessions does not include users.
        return f"{_('session')} {self.created_at:%Y-%m-%d %H:%M}"


class UsedRefreshToken(models.Model):
    """The SHA-256 of a used refresh token, which allows a second use to be detected."""

    session = models.ForeignKey(
        Session,
        on_delete=models.CASCADE,
        related_name="used_refresh_tokens",
        verbose_name=_("session"),
        db_index=False,  # covered by the index of the constraint on the slot
    )
    # Counts up and wraps around, which limits the number of rows of a session.
    slot = models.PositiveSmallIntegerField(_("slot"), editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64)
    used_at = models.DateTimeField(_("used at"))

    class Meta:
        verbose_name = _("used refresh token")
        verbose_name_plural = _("used refresh tokens")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="graphql_auth_usedrefreshtoken_once"),
            models.UniqueConstraint(fields=["session", "slot"], name="graphql_auth_usedrefreshtoken_slot"),
        ]

    def __str__(self) -> str:
        return f"{_('used refresh token')} {self.pk}"


def addresses_of(user: Any) -> list[str]:
    """Return the email addresses of `user`, the primary one first."""
    return [getattr(user, user.EMAIL_FIELD), *UserStatus.of(user).addresses]


def find_user(pk: Any) -> Any:
    """Return the user `pk` with its status; None when there is none."""
    return get_user_model()._default_manager.select_related("status").filter(pk=pk).first()


def lock_user(pk: Any) -> Any:
    """Return the current user with the primary key `pk`, locked until the transaction ends; None if there is none.

    Every change of an account starts here, so concurrent changes of the same account are serialized.
    """
    user = get_user_model()._base_manager.select_for_update().filter(pk=pk).first()
    return user if user is not None and is_shown(user) else None


def save_changes(user: Any, *names: str) -> None:
    """Save the fields `names` of the locked `user`, and those that its model sets itself when it is saved.

    These are fields with `auto_now`, and what `save()` or a receiver of `pre_save` sets. Other fields are not saved,
    because a receiver may change them in the database.
    """
    columns = [field for field in user._meta.concrete_fields if not (field.primary_key or field.generated)]
    before = {field.name: copy.copy(field.value_from_object(user)) for field in columns}
    saved = {*names, *(field.name for field in columns if getattr(field, "auto_now", False))}
    user.save(update_fields=saved)
    changed = {field for field in columns if field.value_from_object(user) != before[field.name]}
    others = {field.name: field.pre_save(user, False) for field in changed if field.name not in saved}
    if others:
        # Another `save()` would do what the model has just done a second time.
        type(user)._default_manager.filter(pk=user.pk).update(**others)


def is_shown(user: Any) -> bool:
    """Return whether the default manager includes `user`. Users that it hides, such as deleted ones, cannot log in."""
    shown = get_user_model()._default_manager.all()
    return not shown.query.where or bool(shown.filter(pk=user.pk).exists())
