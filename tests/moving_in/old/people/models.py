"""The user of an old project that has a model of its own, with a column more."""

import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    if settings.KEY == "uuid":
        id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.CharField(max_length=30, blank=True)
