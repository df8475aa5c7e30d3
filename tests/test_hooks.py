"""What the hooks do beside rendering."""

import json
import re
import shlex
import stat
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from hooks import post_gen_project
from tests.conftest import TEMPLATE, Project, render

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


def test_every_choice_has_its_suffix() -> None:
    questions = json.loads((TEMPLATE / "cookiecutter.json").read_text())
    choices = {choice for question in ("api", "login_field", "license") for choice in questions[question]}
    assert set(post_gen_project.CHOICES) == choices - {"none"}


def test_a_variant_takes_the_place_of_what_is_there(tmp_path: Path) -> None:
    for name in ("a.txt", "a__graphql.txt", "a__relay.txt", "LICENSE__MIT", "__init__.py", "b__other.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "c__relay.py").write_text("not ours")
    post_gen_project.keep_variants(tmp_path, {"api": "graphql", "login_field": "email", "license": "none"})
    left = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {
        "a.txt": "a__graphql.txt",
        "__init__.py": "__init__.py",
        "b__other.txt": "b__other.txt",
        ".venv/c__relay.py": "not ours",
    }


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
