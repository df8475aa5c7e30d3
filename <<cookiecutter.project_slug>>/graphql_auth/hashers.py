"""How passwords are hashed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.auth import hashers

from graphql_auth.errors import AccountError

# A hash takes a core and 19 MiB. Few are computed at a time, which leaves cores to other requests, and by the same few
# threads, because each thread keeps the memory it once had.
_threads = ThreadPoolExecutor(settings.PASSWORD_HASHES_AT_ONCE, "password-hasher")

# A request that waits for its hash holds a thread of the server. So the places in the queue are fewer than the threads.
_places = BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE + settings.PASSWORD_HASHES_WAITING)


@contextmanager
def place() -> Iterator[None]:
    """Hold a place in the queue of this process for a password that will be hashed.

    Take it before anything is counted or looked up: a refusal then tells nothing and costs nobody an attempt. Raises
    AccountError `throttled` when all places are taken. Only the hasher below has a queue.
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
    """Keep a quarter of the server's `threads`, at least one of two or more, free of requests that wait to hash."""
    global _places
    most = settings.PASSWORD_HASHES_AT_ONCE + settings.PASSWORD_HASHES_WAITING
    _places = BoundedSemaphore(max(1, min(most, threads * 3 // 4)))


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id at the least that OWASP's Password Storage Cheat Sheet advises."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash, computed when its turn comes."""
        return _threads.submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether this is the password, computed when its turn comes."""
        return _threads.submit(super().verify, password, encoded).result()
