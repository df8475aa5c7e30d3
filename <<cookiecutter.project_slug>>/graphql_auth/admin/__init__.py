"""The account system in Django's admin. No token is shown, and none can be: only hashes are kept."""

from graphql_auth.admin import groups, login, queue, sessions  # noqa: F401  Registers what they hold.
from graphql_auth.admin.users import AccountAdmin

__all__ = ["AccountAdmin"]
