"""What happens when a user is saved, logs in or is deleted, and when a request fails."""

import sys
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.core.signals import got_request_exception
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from endpoint.reports import forget_locals
from graphql_auth import erasure, sessions
from graphql_auth.models import UserStatus
from graphql_auth.reports import redact_request


# Of any sender: a proxy of the user model, or a model that extends it, is one of its own.
@receiver(post_save, dispatch_uid="graphql_auth.create_status")
def create_status(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Give a new user its status; a fixture (`raw`) brings its own."""
    if isinstance(instance, get_user_model()) and created and not raw:
        UserStatus.objects.create(user=instance)


@receiver(post_save, dispatch_uid="graphql_auth.end_sessions")
def end_sessions(
    sender: type, instance: Any, created: bool, raw: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """End what was opened by a former password, or before the account became inactive, whoever saves the user.

    Otherwise the sessions and links from before would work again in an account that is made active again.
    """
    if created or raw or not isinstance(instance, get_user_model()):
        return
    # Django keeps the new password here until it is saved; a hash that is only renewed, at a login, is none.
    new_password = getattr(instance, "_password", None) is not None
    closed = not instance.is_active and (update_fields is None or "is_active" in update_fields)
    if new_password or closed:
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


@receiver(got_request_exception, dispatch_uid="graphql_auth.forget_locals")
def keep_secrets_out_of_reports(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Clear the local variables of an exception, and redact its request; one of a middleware comes by no other way."""
    error = sys.exc_info()[1]
    if error is not None:
        forget_locals(error)
    redact_request(request)


@receiver(post_delete, dispatch_uid="graphql_auth.forget")
def forget(sender: type, instance: Any, **kwargs: Any) -> None:
    """Delete what is left of an account elsewhere, whoever deletes it and however."""
    if isinstance(instance, (get_user_model(), UserStatus)):
        erasure.forget_history(instance)
    if isinstance(instance, UserStatus):
        erasure.forget_status(instance)
    if isinstance(instance, get_user_model()):
        erasure.forget_user(instance)
