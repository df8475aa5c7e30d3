"""Signal receivers for users that are saved or deleted, and for requests that fail."""

import sys
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.core.signals import got_request_exception
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from endpoint.reports import forget_locals
from graphql_auth import erasure, sessions
from graphql_auth.models import UserStatus
from graphql_auth.reports import redact_request


# Connected to any sender, because proxies and subclasses of the user model send their own signals.
@receiver(post_save, dispatch_uid="graphql_auth.create_status")
def create_status(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Create the status of a new user. A fixture (`raw`) contains its own."""
    if isinstance(instance, get_user_model()) and created and not raw:
        UserStatus.objects.create(user=instance)


@receiver(post_save, dispatch_uid="graphql_auth.end_sessions")
def end_sessions(
    sender: type, instance: Any, created: bool, raw: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """End the sessions and void the links of a user whose password changes or who becomes inactive.

    Otherwise they would work again once the account is reactivated.
    """
    if created or raw or not isinstance(instance, get_user_model()):
        return
    # Django keeps a new password here until it is saved. It is None when a login only renews the hash.
    new_password = getattr(instance, "_password", None) is not None
    closed = not instance.is_active and (update_fields is None or "is_active" in update_fields)
    if new_password or closed:
        sessions.end_all(instance)


@receiver(post_save, dispatch_uid="graphql_auth.note_reopening")
def note_reopening(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Clear `closed_at` when an account is saved as active."""
    saved = kwargs["update_fields"]
    is_saved = not (created or raw) and isinstance(instance, get_user_model())
    if is_saved and instance.is_active and (saved is None or "is_active" in saved):
        UserStatus.note_reopening(instance)


@receiver(got_request_exception, dispatch_uid="graphql_auth.forget_locals")
def keep_secrets_out_of_reports(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Clear the local variables of an exception and redact its request, also for exceptions in middleware."""
    error = sys.exc_info()[1]
    if error is not None:
        forget_locals(error)
    redact_request(request)


@receiver(post_delete, dispatch_uid="graphql_auth.forget")
def forget(sender: type, instance: Any, **kwargs: Any) -> None:
    """Delete the remaining data of a deleted account."""
    if isinstance(instance, (get_user_model(), UserStatus)):
        erasure.forget_history(instance)
    if isinstance(instance, UserStatus):
        erasure.forget_status(instance)
    if isinstance(instance, get_user_model()):
        erasure.forget_user(instance)
