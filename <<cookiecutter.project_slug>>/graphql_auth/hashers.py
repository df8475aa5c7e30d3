"""Normalises passwords, and hashes them with Argon2id, a few at a time."""

import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.auth import hashers

from graphql_auth.errors import AccountError

# A hash takes a core and 19 MiB. Few threads leave cores to other requests, and save memory, because each thread keeps
# the memory it has allocated.
_threads = ThreadPoolExecutor(settings.PASSWORD_HASHES_AT_ONCE, "password-hasher")

# A request that waits for its hash occupies a thread of the server, so there are fewer places than server threads.
_places = BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE + settings.PASSWORD_HASHES_WAITING)

# Characters. The time to normalise can grow with the square of the length.
LONGEST = 4096


def normalize_password(typed: str) -> str:
    """Return the password in NFC, which is the spelling that is hashed (NIST SP 800-63B, 5.1.1.2).

    Some machines send an accented letter as one character, others as a letter and an accent.
    """
    return unicodedata.normalize("NFC", typed) if len(typed) <= LONGEST else typed


@contextmanager
def place() -> Iterator[None]:
    """Hold a place in the hashing queue of this process.

    Call this before counting or looking up anything, so that an error reveals nothing and uses up no attempt. Raises
    AccountError `throttled` when all places are taken. Only Argon2PasswordHasher has a queue.
    """
    if not isinstance(hashers.get_hasher(), Argon2PasswordHasher):
        yield
        return
    places = _places
    if not places.acquire(blocking=False):
        raise AccountError.throttled(seconds=1)
    try:
        yield
    finally:
        places.release()


def leave_threads(threads: int) -> None:
    """Limit the queue to three quarters of the server's `threads`, so that other requests are still served."""
    global _places
    most = settings.PASSWORD_HASHES_AT_ONCE + settings.PASSWORD_HASHES_WAITING
    _places = BoundedSemaphore(max(1, min(most, threads * 3 // 4)))


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the minimum parameters recommended by OWASP's Password Storage Cheat Sheet."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash, computed in the queue."""
        return _threads.submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether the password is correct, computed in the queue."""
        return _threads.submit(super().verify, password, encoded).result()
