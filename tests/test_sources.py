"""The template can be rendered from all kinds of sources, with the oldest and newest supported cookiecutter."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import template_origin
from tests.conftest import AUTHOR, ODD_ANSWER, OLDEST_COOKIECUTTER, TEMPLATE, Project, files_in, render, repository, run
from tests.updating import commit, git


def origin(project: Path) -> tuple[str, str | None]:
    """Return the address and revision of the template that a project was rendered from."""
    record = json.loads((project / ".template.json").read_text())
    return record["template"], record["revision"]


@pytest.fixture
def default_files(rendered: Callable[[str, str], Project]) -> tuple[str, ...]:
    return rendered("graphql", "username").files


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_it_renders_from_a_git_url_at_a_tag(tmp_path: Path, clone: Path, default_files: tuple[str, ...]) -> None:
    address = repository(clone, tmp_path)
    run("git", "tag", "v1", cwd=address)
    (address / "cookiecutter.json").unlink()
    run("git", *AUTHOR, "commit", "--quiet", "--all", "-m", "Break it", cwd=address)
    command = [sys.executable, "-m", "cookiecutter", f"file://{address}", "--checkout", "v1", "--no-input"]
    run(*command, cwd=tmp_path)
    assert files_in(tmp_path / "my_project") == default_files
    assert origin(tmp_path / "my_project") == (f"file://{address}", git(address, "rev-parse", "v1").strip())


def test_it_renders_from_a_zip(tmp_path: Path, clone: Path, default_files: tuple[str, ...]) -> None:
    archive = shutil.make_archive(str(tmp_path / "template"), "zip", clone.parent, clone.name)
    project = render(tmp_path, template=archive)
    assert project.files == default_files
    assert origin(project.path)[0] == archive


@pytest.mark.skipif(not OLDEST_COOKIECUTTER.exists(), reason="`make test` installs cookiecutter 2.6.0")
def test_the_oldest_and_the_newest_cookiecutter_render_the_same_to_the_byte(
    tmp_path: Path, default_files: tuple[str, ...]
) -> None:
    cookiecutter = [sys.executable, "-m", "cookiecutter"]
    path = {"PYTHONPATH": str(OLDEST_COOKIECUTTER)}
    assert "2.6.0" in run(*cookiecutter, "--version", cwd=tmp_path, **path).stdout
    answers = [f"project_name={ODD_ANSWER}", "project_slug=my_project", "description=a << b"]
    for name, environment in (("oldest", path), ("newest", {})):
        run(*cookiecutter, TEMPLATE, "--no-input", *answers, "--output-dir", name, cwd=tmp_path, **environment)
    oldest, newest = (tmp_path / name / "my_project" for name in ("oldest", "newest"))
    assert files_in(oldest) == default_files
    assert [name for name in default_files if content(oldest / name) != content(newest / name)] == [".env"]


def content(file: Path) -> tuple[bytes, int]:
    """Return a file's bytes and mode."""
    return file.read_bytes(), file.stat().st_mode


@pytest.mark.parametrize(
    ("typed", "origin_", "expected"),
    [
        ("gh:ada/template", "https://git.example.com/ada/template.git", "https://git.example.com/ada/template.git"),
        ("gh:ada/template", "https://ada:token@git.example.com/t.git", "https://git.example.com/t.git"),
        ("gh:ada/template", "git@git.example.com:ada/template.git", "git@git.example.com:ada/template.git"),
        ("https://token@example.com/template.zip", "", "https://example.com/template.zip"),
        ("template.zip", "", str(Path.cwd() / "template.zip")),
    ],
)
def test_the_address_is_one_that_others_can_use(tmp_path: Path, typed: str, origin_: str, expected: str) -> None:
    commit(tmp_path)
    if origin_:
        git(tmp_path, "remote", "add", "origin", origin_)
    assert template_origin.address(tmp_path, typed, str(tmp_path)) == expected
    assert template_origin.address(tmp_path, str(tmp_path), str(tmp_path)) == str(tmp_path)


def test_the_revision_is_read_wherever_git_keeps_it(tmp_path: Path) -> None:
    repository, other, plain = tmp_path / "repository", tmp_path / "other", tmp_path / "plain"
    for folder in (repository, plain):
        folder.mkdir()
    assert template_origin.revision(plain) is None
    git(repository, "init", "--quiet")
    assert template_origin.revision(repository) is None

    head = commit(repository)
    assert template_origin.revision(repository) == head
    git(repository, "worktree", "add", "--quiet", "../other", "-b", "another")
    assert template_origin.revision(other) == head
    git(repository, "pack-refs", "--all")
    assert template_origin.revision(repository) == template_origin.revision(other) == head
    git(repository, "checkout", "--quiet", "--detach")
    assert template_origin.revision(repository) == head
