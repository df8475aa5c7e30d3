"""How passwords are hashed."""

from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.auth import hashers

# A hash takes a core and 19 MiB. Who waits for a turn takes neither from everybody else.
_turns = BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE)


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id at the least that OWASP's Password Storage Cheat Sheet advises; few at a time in one process."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash when it is this one's turn."""
        with _turns:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Compare when it is this one's turn."""
        with _turns:
            return super().verify(password, encoded)
