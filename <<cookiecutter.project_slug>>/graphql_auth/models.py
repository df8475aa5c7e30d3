"""What the account system stores beside the user: its status, its sessions and their used refresh tokens."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from graphql_auth.addresses import lock_address, normalize_email, owner_of
from graphql_auth.fields import AddressField

EMAIL_TAKEN = _("A user with that email already exists.")


class UserStatus(models.Model):
    """Where an account stands. A user without a row is neither verified nor archived."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="status", verbose_name=_("user")
    )
    verified = models.BooleanField(_("verified"), default=False)
    archived = models.BooleanField(_("archived"), default=False)
    # NULL, because any number of accounts have none and the others are unique.
    secondary_email = AddressField(_("secondary email"), blank=True, null=True, default=None)
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
        # What `users` is filtered by: the few of each kind are found without reading all others.
        indexes = [
            models.Index(fields=["user"], condition=models.Q(archived=True), name="graphql_auth_status_archived"),
            models.Index(
                fields=["secondary_email"],
                condition=models.Q(secondary_email__isnull=False),
                name="graphql_auth_status_secondary",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("secondary_email"),
                name="graphql_auth_secondary_email_once",
                violation_error_code="unique",
                violation_error_message=EMAIL_TAKEN,
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, no secondary address as NULL."""
        self.secondary_email = self.secondary_email or None
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a secondary address that an account has.

        The address is held until the transaction ends. The user may be saved in it too, with another address.
        """
        super().clean()
        if not self.secondary_email:
            return
        lock_address(self.secondary_email)
        owner = owner_of(self.secondary_email)
        of_another = owner is not None and owner.pk != self.user_id
        if of_another or normalize_email(self.user.email) == self.secondary_email:
            raise ValidationError({"secondary_email": ValidationError(EMAIL_TAKEN, code="unique")})

    @classmethod
    def of(cls, user: Any) -> "UserStatus":
        """Return the status of `user`; a new, unsaved one where there is no row."""
        try:
            return user.status
        except cls.DoesNotExist:
            return cls(user=user)

    @property
    def is_closed(self) -> bool:
        """Whether the owner closed the account, and can open it again by a link that is mailed to them."""
        return self.closed_at is not None and not self.user.is_active

    def change(self, **values: object) -> None:
        """Set and save just these fields; the caller holds the user."""
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=None if self._state.adding else list(values))

    def change_secondary_email(self, email: str | None) -> None:
        """Save `email`, or nothing, as the secondary address; no link that was mailed before works any more."""
        self.change(secondary_email=email)
        self.void_links(self.user)

    @classmethod
    def note_reopening(cls, user: Any) -> None:
        """Forget that the account of the active `user` was closed: if staff deactivates it later, it stays out."""
        cls.objects.filter(user=user, closed_at__isnull=False).update(closed_at=None)

    @classmethod
    def void_links(cls, user: Any) -> None:
        """Make void for good every link that was mailed to `user`.

        Called in the transaction of whatever makes that necessary.
        """
        if not cls.objects.filter(user=user).update(link_revision=F("link_revision") + 1):
            cls.objects.create(user=user, link_revision=1)

    @classmethod
    def void_links_of(cls, pks: Sequence[Any]) -> None:
        """Do the same for every user whose key is in `pks`."""
        if cls.objects.filter(user__in=pks).update(link_revision=F("link_revision") + 1) < len(pks):
            # Some have no row yet. The rows of the others conflict, and stay as they are.
            missing = [UserStatus(user_id=pk, link_revision=1) for pk in pks]
            UserStatus.objects.bulk_create(missing, ignore_conflicts=True)


class Session(models.Model):
    """One login: it lives as long as its refresh token is renewed, and ends at once when `ended_at` is set."""

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
        # Not `unique=True`, which makes a second index on PostgreSQL, for searches by LIKE.
        constraints = [models.UniqueConstraint(fields=["refresh_digest"], name="graphql_auth_session_refresh_once")]

    def __str__(self) -> str:
        # Without the user: who may view sessions may not therefore view users.
        return f"{_('session')} {self.created_at:%Y-%m-%d %H:%M}"


class UsedRefreshToken(models.Model):
    """A former refresh token of a session, kept as its SHA-256, so that a second use is noticed."""

    session = models.ForeignKey(
        Session,
        on_delete=models.CASCADE,
        related_name="used_refresh_tokens",
        verbose_name=_("session"),
        db_index=False,  # the constraint of the slot has an index that begins with it
    )
    # Counts up and starts again, so that a session has as many rows at most as there are slots.
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


def lock_user(pk: Any) -> Any:
    """Return the user `pk` as it is now, held until the transaction ends; None when there is none.

    Every change of an account starts here: two changes of one account follow each other.
    """
    user = get_user_model()._base_manager.select_for_update().filter(pk=pk).first()
    return user if user is not None and is_shown(user) else None


def is_shown(user: Any) -> bool:
    """Return whether the default manager has `user`: one that hides somebody, as deleted, also keeps them out."""
    shown = get_user_model()._default_manager.all()
    return not shown.query.where or bool(shown.filter(pk=user.pk).exists())
