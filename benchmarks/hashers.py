"""A hasher that does nothing, so that the rest of a login or registration can be seen."""

from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher


class NoHasher(BasePasswordHasher):
    """Keeps the password as it is."""

    algorithm = "none"

    def encode(self, password: str, salt: str) -> str:
        """Return the password beside its salt."""
        return f"{self.algorithm}${salt}${password}"

    def decode(self, encoded: str) -> dict[str, Any]:
        """Return the parts of what `encode` returned."""
        algorithm, salt, password = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": password}

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether this is the password."""
        return self.encode(password, self.decode(encoded)["salt"]) == encoded

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Take no time."""
