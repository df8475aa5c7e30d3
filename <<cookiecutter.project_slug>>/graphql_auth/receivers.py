"""What happens when a user is saved or logs in."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save
from django.dispatch import receiver

from graphql_auth import sessions
from graphql_auth.models import UserStatus


# Of any sender: a proxy of the user model, or a model that extends it, is one of its own.
@receiver(post_save, dispatch_uid="graphql_auth.create_status")
def create_status(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Give a new user its status; a fixture (`raw`) brings its own."""
    if isinstance(instance, get_user_model()) and created and not raw:
        UserStatus.objects.create(user=instance)


@receiver(post_save, dispatch_uid="graphql_auth.end_sessions")
def end_sessions(sender: type, instance: Any, created: bool, **kwargs: Any) -> None:
    """End what was opened by a former password, also when the admin or a command sets the new one."""
    # Django keeps the new password here until it is saved; a hash that is only renewed, at a login, is none.
    new_password = getattr(instance, "_password", None) is not None and not created
    if new_password and isinstance(instance, get_user_model()):
        sessions.end_all(instance)


@receiver(post_save, dispatch_uid="graphql_auth.note_reopening")
def note_reopening(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Forget that an account was closed once it is saved as active, by staff, a command or its own link."""
    saved = kwargs["update_fields"]
    is_saved = not (created or raw) and isinstance(instance, get_user_model())
    if is_saved and instance.is_active and (saved is None or "is_active" in saved):
        UserStatus.note_reopening(instance)


# In place of Django's own receiver, which knows no `noted`.
user_logged_in.disconnect(dispatch_uid="update_last_login")


@receiver(user_logged_in, dispatch_uid="graphql_auth.note_login")
def note_login(sender: type, user: Any, noted: bool = False, **kwargs: Any) -> None:
    """Set last_login, unless that was `noted` with the login itself, as the API's are."""
    if not noted:
        update_last_login(sender, user)
