"""How passwords are hashed."""

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.contrib.auth import hashers

# A hash takes a core and 19 MiB. Few are computed at a time, which leaves cores to other requests, and by the same few
# threads, because each thread keeps the memory it once had.
_threads = ThreadPoolExecutor(settings.PASSWORD_HASHES_AT_ONCE, "password-hasher")


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id at the least that OWASP's Password Storage Cheat Sheet advises."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash, when there was a turn for it."""
        return _threads.submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        """Compare, when there was a turn for it."""
        return _threads.submit(super().verify, password, encoded).result()
