"""What a release promises to projects: its version, its place in releases.json, and migrations that never change."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import FOLDER, TEMPLATE, run
from tests.updating import commit, git

VERSION = re.compile(r"\d+\.\d+\.\d+")
MIGRATIONS = f"{FOLDER.name}/*/migrations/*.py"


def releases(template: Path) -> list[dict[str, str]]:
    """Return the releases, the newest last."""
    return json.loads((template / "releases.json").read_text())


def broken_promises(template: Path, commit: str) -> list[str]:
    """List the migrations of a release that have changed since, and new ones of `users`, which is its owner's."""
    listed = run("git", "ls-tree", "-r", "--name-only", "-z", commit, cwd=template).stdout.split("\0")
    published = [name for name in listed if Path(name).match(MIGRATIONS)]
    here = {path.relative_to(template).as_posix() for path in template.glob(MIGRATIONS)}
    changed = [name for name in published if text_at(template, commit, name) != text_of(template / name)]
    users = f"{FOLDER.name}/users/migrations/"
    return changed + sorted(name for name in here.difference(published) if name.startswith(users))


def text_at(template: Path, commit: str, name: str) -> bytes:
    """Return a file's content at a commit."""
    return subprocess.run(["git", "show", f"{commit}:{name}"], cwd=template, capture_output=True, check=True).stdout


def text_of(file: Path) -> bytes | None:
    """Return a file's content, or None if there is no such file."""
    return file.read_bytes() if file.exists() else None


def test_the_version_is_new_and_says_whether_it_is_published() -> None:
    version = json.loads((TEMPLATE / "cookiecutter.json").read_text())["_version"]
    published = [release["version"] for release in releases(TEMPLATE)]
    numbers = [tuple(map(int, name.split("."))) for name in published]

    assert VERSION.fullmatch(version.removesuffix(".dev0"))
    assert all(map(VERSION.fullmatch, published))
    assert numbers == sorted(set(numbers))
    assert not numbers or tuple(map(int, version.removesuffix(".dev0").split("."))) > numbers[-1]


def test_published_migrations_stay_as_they_are() -> None:
    if not releases(TEMPLATE):
        pytest.skip("nothing is published yet")
    last = releases(TEMPLATE)[-1]["commit"]
    if subprocess.run(["git", "cat-file", "-e", last], cwd=TEMPLATE, capture_output=True).returncode:
        lacking = pytest.fail if os.environ.get("CI") else pytest.skip
        lacking(f"needs the commit {last} of the last release: fetch the history of the template")
    assert broken_promises(TEMPLATE, last) == []


def test_a_migration_that_was_changed_renamed_or_added_to_the_users_is_found(tmp_path: Path) -> None:
    accounts, users = (tmp_path / FOLDER.name / app / "migrations" for app in ("graphql_auth", "users"))
    for folder in (accounts, users):
        shutil.copytree(
            FOLDER / folder.parent.name / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    published = commit(tmp_path, "The release")
    names = git(tmp_path, "ls-files", "-z").split("\0")[:-1]
    assert f"{FOLDER.name}/graphql_auth/migrations/0001_account_tables.py" in names
    assert broken_promises(tmp_path, published) == []

    (accounts / "0002_more.py").write_text("# more\n")
    assert broken_promises(tmp_path, published) == []

    initial = accounts / "0001_account_tables.py"
    initial.write_text(initial.read_text() + "# changed\n")
    (users / "0001_custom_user.py").rename(users / "0001_first.py")
    assert [name.removeprefix(f"{FOLDER.name}/") for name in broken_promises(tmp_path, published)] == [
        "graphql_auth/migrations/0001_account_tables.py",
        "users/migrations/0001_custom_user.py",
        "users/migrations/0001_first.py",
    ]
