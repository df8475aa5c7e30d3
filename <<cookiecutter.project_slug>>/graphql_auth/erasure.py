"""Deletes the data of a deleted account that no foreign key leads to."""

from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils.translation import gettext

from graphql_auth.mails import queue
from graphql_auth.models import UserStatus


def forget_user(user: Any) -> None:
    """Delete the mails to the deleted `user` and its sessions in the admin, in the transaction that deletes it."""
    queue.forget_user(user)
    if user.is_staff and apps.is_installed("django.contrib.sessions"):
        _forget_admin_sessions(user)


def forget_status(status: UserStatus) -> None:
    """Delete the mails to the addresses of a deleted `status`, in the transaction that deletes it."""
    for address in status.addresses:
        queue.forget_address(address)


def forget_history(deleted: Model) -> None:
    """Anonymise the admin's log entries about a `deleted` object. Who did what and when is kept."""
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.models import LogEntry

    # A proxy model has its own log entries about the same objects.
    same = [model for model in apps.get_models() if model._meta.concrete_model is deleted._meta.concrete_model]
    kinds = ContentType.objects.get_for_models(*same, for_concrete_models=False).values()
    history = LogEntry.objects.filter(content_type__in=kinds, object_id=str(deleted.pk))
    history.update(object_id=None, object_repr=gettext("deleted account"), change_message="")


def _forget_admin_sessions(user: Any) -> None:
    from django.contrib.sessions.models import Session

    key = user._meta.pk.value_to_string(user)
    # The user is encoded in the session data. Only staff have such sessions, so there are few.
    theirs = [row.pk for row in Session.objects.iterator() if row.get_decoded().get(SESSION_KEY) == key]
    Session.objects.filter(pk__in=theirs).delete()
