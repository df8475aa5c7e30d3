"""The account system in Django's admin. It shows no tokens, because only their hashes are stored."""

from graphql_auth.admin import groups, login, queue, sessions  # noqa: F401  Registers what they hold.
from graphql_auth.admin.users import AccountAdmin

__all__ = ["AccountAdmin"]
