"""Unlocks an account after failed logins."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from graphql_auth.addresses import normalize_email, owner_of
from graphql_auth.errors import AccountError
from graphql_auth.flows.credentials import unlock
from graphql_auth.flows.login import find_account, normalize_identifier


class Command(BaseCommand):
    """Forget the failed logins of an account, under all of its names and email addresses."""

    help = "Unlocks an account: forgets the failed logins under all of its names and email addresses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the argument."""
        parser.add_argument("name", metavar="NAME_OR_ADDRESS", help="The name used to log in, or an email address.")

    def handle(self, *, name: str, **options: Any) -> None:
        """Find the account, unlock it, and print the names that it can log in with again."""
        users = get_user_model()
        user = owner_of(normalize_email(name))
        if user is None and users.USERNAME_FIELD != users.EMAIL_FIELD:
            user = find_account(users.USERNAME_FIELD, normalize_identifier(users.USERNAME_FIELD, name.strip()))
        if user is None:
            raise CommandError(f"No user has the name or email address {name!r}.")
        try:
            names = unlock(user)
        except AccountError:
            raise CommandError("The store of the rate limits cannot be reached: nothing was unlocked.") from None
        self.stdout.write(f"Unlocked {user.get_username()}. Failed logins are forgotten for: {', '.join(names)}.")
        if settings.RATE_LIMIT_STORAGE_URI.startswith("memory"):
            self.stderr.write(
                "RATE_LIMIT_STORAGE_URI is memory://: a running server has its own counts. Restart it, too."
            )
