"""What happens when a user is saved or logs in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save
from django.dispatch import receiver

from graphql_auth import sessions
from graphql_auth.models import UserStatus


@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="graphql_auth.create_status")
def create_status(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Give a new user its status; a fixture (`raw`) brings its own."""
    if created and not raw:
        UserStatus.objects.create(user=instance)


@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="graphql_auth.end_sessions")
def end_sessions(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """End what was opened by a former password, also when the admin or a command sets the new one."""
    # Django keeps the new password here until it is saved; a hash that is only renewed, at a login, is none.
    if instance._password is not None and not created and not raw:
        sessions.end_all(instance)


# In place of Django's own receiver, which knows no `noted`.
user_logged_in.disconnect(dispatch_uid="update_last_login")


@receiver(user_logged_in, dispatch_uid="graphql_auth.note_login")
def note_login(sender: type, user: Any, noted: bool = False, **kwargs: Any) -> None:
    """Set last_login, unless that was `noted` with the login itself, as the API's are."""
    if not noted:
        update_last_login(sender, user)
