"""The section of docs/extending.md about removing a feature works as written."""

import ast
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import make, render, run
from tests.test_extending import REMOVAL, STEP, change

COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile("secondary|swap_?emails", re.IGNORECASE)
# Where the word stays: what nobody sees any more.
STAYING = {"graphql_auth/pages/passwords.py", "graphql_auth/migrations/0001_account_tables.py"}
TESTS = ["test_data.py", "test_languages.py", "test_schema.py"]
TESTS += [f"graphql_auth/{folder}" for folder in ("login", "mails")]


@pytest.mark.long(minutes=1)
@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs GNU gettext")
def test_the_secondary_address_can_be_removed(tmp_path: Path) -> None:
    project = render(tmp_path)
    section = (project.path / "docs/extending.md").read_text().partition(REMOVAL)[2]
    deleting, migrating = COMMANDS.findall(section)

    run("sh", "-ec", deleting, cwd=project.path)
    for where, name, block in STEP.findall(section):
        change(project.path / name, where, block)
    remove_operations(project.path / "docs/operations.graphql")
    for file in project.path.glob("tests/**/*.py"):
        remove_tests(file)
    remove_rows(project.path / "docs/security.md")
    # The model of all mutations is one test, which a person would change.
    shutil.rmtree(project.path / "tests/graphql_auth/model")
    for command in migrating.splitlines():
        program, _, arguments = command.partition(" ")
        if program == "make":
            make(arguments, project)
        else:
            run(sys.executable, *arguments.split(), cwd=project.path)

    code = [file for folder in ("config", "graphql_auth", "users") for file in project.path.glob(f"{folder}/**/*.py")]
    naming = {file.relative_to(project.path).as_posix() for file in code if NAMED.search(file.read_text())}
    assert {name for name in naming if "/migrations/0002" not in name} == STAYING
    run(sys.executable, "-m", "pytest", "--quiet", *(f"tests/{name}" for name in TESTS), cwd=project.path)


def remove_operations(file: Path) -> None:
    """Remove the operations that name the feature, and its field from the others."""
    operations = file.read_text().split("\n\n")
    kept = [text for text in operations if not NAMED.search(text.partition("{")[0])]
    file.write_text("\n\n".join(re.sub(r"\n +secondaryEmail", "", text) for text in kept))


def remove_rows(file: Path) -> None:
    """Remove the promises that name the feature or its tests."""
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not NAMED.search(line)))


def remove_tests(file: Path) -> None:
    """Remove what names the feature from a file of tests: functions, constants and entries of tables.

    What uses a function or constant that was removed is removed, too.
    """
    # A fixture among others, or its name among those of others.
    source = re.sub(r', ("?)with_secondary\1(?=[,)\]])', "", file.read_text())
    lines, named = source.splitlines(keepends=True), NAMED
    removed: set[str] | None = None
    while removed is None or removed:
        removed = set()
        for node in ast.parse(source).body:
            for start, end in parts(node):
                if named.search("".join(lines[start - 1 : end])):
                    lines[start - 1 : end] = [""] * (end - start + 1)
                    removed |= names_of(node) if not lines[node.lineno - 1] else set()
            if isinstance(node, ast.ImportFrom) and not lines[node.lineno - 1]:
                others = [alias.name for alias in node.names if not NAMED.search(alias.name)]
                lines[node.lineno - 1] = f"from {node.module} import {', '.join(others)}\n" if others else ""
        named = re.compile("|".join(rf"\b{name}\b" for name in removed))
    file.write_text("".join(lines))


def names_of(node: ast.stmt) -> set[str]:
    """Return the names that a statement defines."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}


def parts(node: ast.stmt) -> list[tuple[int, int]]:
    """Return the first and last lines of what can be removed from a statement, or of the statement."""
    whole = min(part.lineno for part in (node, *getattr(node, "decorator_list", []))), node.end_lineno or node.lineno
    value = getattr(node, "value", None)
    if isinstance(node, ast.ClassDef):
        return [part for method in node.body if isinstance(method, ast.FunctionDef) for part in parts(method)]
    if isinstance(value, ast.Dict) and whole[0] < whole[1]:
        keys = [key for key in value.keys if key is not None]
        return [(key.lineno, each.end_lineno or 0) for key, each in zip(keys, value.values, strict=True)]
    if isinstance(value, ast.List | ast.Set | ast.Tuple) and whole[0] < whole[1]:
        return [(each.lineno, each.end_lineno or 0) for each in value.elts]
    return [whole]
