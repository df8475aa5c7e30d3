"""Checks the imports: runs import-linter with the contracts in pyproject.toml, extended to each app of your own.

An app of your own is a package beside `users`. Whatever a contract says about `users`, it says about that app.
"""

import sys
import tomllib
from configparser import RawConfigParser
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from importlinter import cli

PROJECT = Path(__file__).resolve().parent.parent
OURS = {"config", "endpoint", "graphql_auth", "tests", "users"}


def own_apps(project: Path = PROJECT) -> list[str]:
    """Return the names of the packages in the project's folder that it did not come with."""
    return sorted({package.parent.name for package in project.glob("*/__init__.py")} - OURS)


def options(project: Path = PROJECT) -> RawConfigParser:
    """Return the options of import-linter in the format of its .ini files."""
    own = own_apps(project)
    given = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contracts = given.pop("contracts")
    sections = {"importlinter": given}
    sections |= {f"importlinter:contract:{number}": contract for number, contract in enumerate(contracts)}
    found = RawConfigParser()
    for section, values in sections.items():
        found[section] = {name: _text(name, value, own) for name, value in values.items()}
    return found


def main() -> int:
    """Check the imports, print what is wrong, and return the exit status."""
    with NamedTemporaryFile("w", suffix=".ini", encoding="utf-8") as file:
        options().write(file)
        file.flush()
        return cli.lint_imports(config_filename=file.name)


def _text(name: str, value: Any, own: list[str]) -> str:
    if not isinstance(value, list):
        return str(value)
    # Apps in one layer may import each other.
    with_own = [" : ".join(["users", *own])] if name == "layers" else ["users", *own]
    lines = [line for item in value for line in (with_own if item == "users" else [item])]
    return "\n".join(["", *lines])


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    sys.exit(main())
