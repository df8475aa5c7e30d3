"""Deletes sessions that are over."""

from typing import Any

from django.core.management.base import BaseCommand

from graphql_auth import sessions


class Command(BaseCommand):
    """Delete sessions that are over, and used refresh tokens that have expired. Run it once a day."""

    help = "Deletes sessions that are over, and used refresh tokens that have expired."

    def handle(self, **options: Any) -> None:
        """Delete them and say how many."""
        self.stdout.write(f"{sessions.purge()} sessions deleted.")
