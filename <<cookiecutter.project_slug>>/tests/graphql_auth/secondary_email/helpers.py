"""Values and functions that several tests of secondary email addresses use."""

from graphql_auth.errors import Refusal
from graphql_auth.models import UserStatus
from tests.conftest import refused

SECOND = "second@example.com"
DONE = {"success": True, "errors": None}
INVALID_TOKEN = refused(Refusal.INVALID_TOKEN)
INVALID_PASSWORD = refused(Refusal.INVALID_PASSWORD, field="password")


def secondary_email(user):
    return UserStatus.objects.get(user=user).secondary_email
