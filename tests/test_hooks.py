"""The hooks, which run before and after rendering."""

import json
import re
import shlex
import stat
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.conftest import FOLDER, Project, files_in, render
from typed_answers import variants

KEY = re.compile(r"^(SECRET_KEY|JWT_SIGNING_KEY)=(.+)$", flags=re.MULTILINE)


def secrets(project: Project) -> set[str]:
    """Return the secrets in the project's .env."""
    return {value for _, value in KEY.findall((project.path / ".env").read_text())}


def test_no_two_secrets_are_alike(tmp_path: Path) -> None:
    projects = [render(tmp_path, project_slug=slug) for slug in ("one", "two")]
    assert len(set.union(*map(secrets, projects))) == 4
    assert all(len(secret) >= 50 for secret in set.union(*map(secrets, projects)))


def test_only_the_owner_reads_the_env_file(project: Project) -> None:
    assert stat.S_IMODE((project.path / ".env").stat().st_mode) == 0o600


def test_rendering_again_keeps_the_env_file_and_takes_the_new_answers(tmp_path: Path) -> None:
    before = render(tmp_path, api="graphql", license="MIT")
    (before.path / ".env").write_text("SECRET_KEY=mine\n")
    after = render(tmp_path, overwrite=True, api="relay", license="BSD-3-Clause")
    assert (after.path / ".env").read_text() == "SECRET_KEY=mine\n"
    assert (after.path / "LICENSE").read_text().startswith("BSD 3-Clause")
    assert "graphql_auth/mutations.py" not in after.files
    fresh = render(tmp_path / "fresh", api="relay", license="BSD-3-Clause")
    assert after.files == fresh.files


def test_rendering_again_with_other_answers_leaves_no_file_of_the_former_but_a_license(tmp_path: Path) -> None:
    before = render(tmp_path, api="relay", login_field="username", license="MIT")
    license = (before.path / "LICENSE").read_text()
    after = render(tmp_path, overwrite=True, api="graphql", login_field="email", license="none")
    assert (after.path / "LICENSE").read_text() == license
    fresh = render(tmp_path / "fresh", api="graphql", login_field="email", license="none")
    assert set(after.files) == {*fresh.files, "LICENSE"}


def test_rendering_again_touches_no_file_of_anybody_else(tmp_path: Path) -> None:
    project = render(tmp_path)
    theirs = [".git/refs/heads/fix__relay", ".git/refs/heads/feature__graphql", "docs/a__email/b", "notes.md"]
    theirs += ["notes__relay.md", "notes__graphql.md", "graphql_auth/own__username.py", ".venv/c__relay.py"]
    theirs += sorted({str(Path(name).with_name("own.txt")) for name in project.files})
    for name in theirs:
        (project.path / name).parent.mkdir(parents=True, exist_ok=True)
        (project.path / name).write_text(name)
    again = render(tmp_path, overwrite=True)
    assert set(again.files) == {*project.files, *theirs}
    assert [(project.path / name).read_text() for name in theirs] == theirs


def test_each_file_with_variants_is_known_to_the_hook() -> None:
    there = {name for name in files_in(FOLDER) if "__" in name and not re.search(r"__(init|pycache)__", name)}
    assert variants().keys() == there
    assert variants()["docs/operations__relay.graphql"] == "docs/operations.graphql"
    assert variants()["LICENSE__BSD-3-Clause"] == "LICENSE"


@pytest.mark.parametrize("api", ["graphql", "relay"])
@pytest.mark.parametrize("login_field", ["username", "email"])
def test_the_last_words_hold_a_request_for_the_chosen_answers(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], api: str, login_field: str
) -> None:
    project = render(tmp_path, api=api, login_field=login_field)
    printed = capfd.readouterr().out
    assert "cd my_project" in printed
    (line,) = [line for line in printed.splitlines() if "curl" in line]
    query = json.loads(shlex.split(line)[-1])["query"]
    assert f"{login_field}: " in query
    assert validate(build_schema((project.path / "schema.graphql").read_text()), parse(query)) == []
