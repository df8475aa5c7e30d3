"""Values and functions that several tests of `users` use."""

import base64

from django.contrib.auth import get_user_model
from django.db import models

from tests.conftest import key

EMAILS = "{ edges { node { email } } }"
NUMBERS_ARE_KEYS = isinstance(get_user_model()._meta.pk, models.IntegerField)
FOUR = ["user1@email.com", "user2@email.com", "user3@email.com", "user4@email.com"]


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def node_id(pk):
    return encoded(f"UserNode:{key(pk) if isinstance(pk, int) else pk}")


def cursor(pk):
    return encoded(f"users.customuser.pk:{key(pk) if isinstance(pk, int) else pk}")
