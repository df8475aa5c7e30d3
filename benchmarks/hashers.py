"""A hasher that does nothing, to measure the rest of a login or registration."""

from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher


class NoHasher(BasePasswordHasher):
    """Stores passwords in plain text."""

    algorithm = "none"

    def encode(self, password: str, salt: str) -> str:
        """Return the password beside its salt."""
        return f"{self.algorithm}${salt}${password}"

    def decode(self, encoded: str) -> dict[str, Any]:
        """Return the parts of what `encode` returned."""
        algorithm, salt, password = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": password}

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether the password is correct."""
        return self.encode(password, self.decode(encoded)["salt"]) == encoded

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do nothing."""
