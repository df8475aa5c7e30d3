"""The tables of a rendered project, written by hand."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A user."""

    email = models.EmailField(unique=True)


class Status(models.Model):
    """The status of an account."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="status")
    verified = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    secondary_email = models.EmailField(null=True, unique=True)  # noqa: DJ001

    def __str__(self) -> str:
        return str(self.user)


class Session(models.Model):
    """A login, with its refresh token as SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    refresh_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    refreshed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user)


class UsedRefreshToken(models.Model):
    """A used refresh token of a session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.session)


class QueuedMail(models.Model):
    """A mail for a worker to send."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    to = models.EmailField()
    language = models.CharField(max_length=10)
    queued_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"
