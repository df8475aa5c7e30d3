"""The type of the project's user, for annotations.

mypy reads AUTH_USER_MODEL, so `User` is the project's model, also if you replace it. Nothing imports the model here.
"""

from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser as AnyUser
    from django.contrib.auth.models import _User as User
else:
    User = AnyUser = AbstractBaseUser

__all__ = ["AnyUser", "User"]
