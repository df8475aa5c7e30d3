"""Create .env from .env.example with a new secret for each empty *_KEY. An existing .env is left unchanged."""

import os
import re
import secrets
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def make_env(project: Path = PROJECT) -> None:
    """Create the project's .env, readable only by its owner, unless it exists."""
    example = (project / ".env.example").read_text(encoding="utf-8")
    text = re.sub(r"^\w+_KEY=$", lambda line: line[0] + secrets.token_urlsafe(50), example, flags=re.MULTILINE)
    try:
        # O_EXCL prevents concurrent writes, and the mode applies from the first byte.
        descriptor = os.open(project / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as env_file:
        env_file.write(text)


if __name__ == "__main__":
    make_env()
