"""The secondary email address of an account, a part of its status."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from graphql_auth.addresses import lock_address, normalize_email, owner_of
from graphql_auth.errors import EMAIL_TAKEN
from graphql_auth.fields import AddressField


class SecondaryEmail(models.Model):
    """The column of UserStatus, with its index and constraint."""

    # NULL instead of an empty string, because the addresses are unique.
    secondary_email = AddressField(_("secondary email"), blank=True, null=True, default=None)

    user: Any

    class Meta:
        abstract = True
        # For the filter of `users`: find the few matching rows without a scan.
        indexes = [
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the status, with NULL for an empty secondary address."""
        self.secondary_email = self.secondary_email or None
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Reject a secondary address that is taken.

        Locks the address until the transaction ends. The user may be saved in the same transaction, with a new address.
        """
        super().clean()
        if not self.secondary_email:
            return
        lock_address(self.secondary_email)
        owner = owner_of(self.secondary_email)
        is_taken = owner is not None and owner.pk != self.user.pk
        if is_taken or normalize_email(self.user.email) == self.secondary_email:
            raise ValidationError({"secondary_email": ValidationError(EMAIL_TAKEN, code="unique")})
