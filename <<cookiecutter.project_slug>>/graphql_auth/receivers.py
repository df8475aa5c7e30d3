"""What happens when a user is saved."""

from typing import Any

from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver

from graphql_auth.models import UserStatus


@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="graphql_auth.create_status")
def create_status(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Give a new user its status; a fixture (`raw`) brings its own."""
    if created and not raw:
        UserStatus.objects.create(user=instance)
