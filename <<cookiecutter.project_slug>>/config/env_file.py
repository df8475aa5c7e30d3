"""Reads .env. Works without Django, because the Makefile asks it before there is an environment.

`python3 config/env_file.py DATABASE_URL` prints `DATABASE_URL=value` if the environment or .env sets it.
"""

# Also for a Python that is too old: the Makefile then says so.
from __future__ import annotations

import codecs
import os
import re
import sys
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"

# `NAME=value`, without the surrounding whitespace and an optional `export`.
LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*([^\0]*?)\s*", re.ASCII)
# A value in quotes. A comment may follow, unless there are more quotes.
QUOTED = re.compile(r"""(["'])(?:((?:(?!\1).)*)\1(?:\s+#.*)?|(.*)\1)""", re.ASCII | re.DOTALL)
ENCODINGS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class UnreadableFile(Exception):
    """A file has another encoding, or a line that is neither `NAME=value` nor a comment."""


def read_file(path: Path) -> dict[str, str]:
    """Return the variables that the file `path` sets; none if it does not exist.

    A value is read literally, without the quotes around it. Raises UnreadableFile with the number of the line.
    """
    values = {}
    for number, line in enumerate(_text(path).split("\n") if path.is_file() else [], start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if found is None:
            # The line may contain a secret.
            raise UnreadableFile(f"Line {number} of {path} cannot be read. Write it like NAME=value.")
        values[found[1]] = _unquoted(found[2])
    return values


def main() -> None:
    """Print those of the variables named on the command line that are set. The environment takes precedence."""
    try:
        values = {**read_file(ENV_FILE), **os.environ}
    except UnreadableFile as error:
        raise SystemExit(str(error)) from None
    for name in sys.argv[1:]:
        if name in values:
            print(f"{name}={values[name]}")


def _text(path: Path) -> str:
    content = path.read_bytes()
    encoding = next((name for mark, name in ENCODINGS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path} is not encoded in UTF-8. Save it as UTF-8.") from None


def _unquoted(value: str) -> str:
    found = QUOTED.fullmatch(value)
    if found is None:
        return value
    return found[3] if found[2] is None else found[2]


if __name__ == "__main__":
    main()
