"""Deletes ended and expired sessions."""

from typing import Any

from django.core.management.base import BaseCommand

from graphql_auth import sessions


class Command(BaseCommand):
    """Delete ended and expired sessions, and expired used refresh tokens. Run it once a day."""

    help = "Deletes ended and expired sessions, and expired used refresh tokens."

    def handle(self, **options: Any) -> None:
        """Delete the sessions and print their number."""
        self.stdout.write(f"{sessions.purge()} sessions deleted.")
