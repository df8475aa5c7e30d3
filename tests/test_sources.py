"""The template can be rendered from all kinds of sources, with the oldest and newest supported cookiecutter."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import AUTHOR, ODD_ANSWER, OLDEST_COOKIECUTTER, TEMPLATE, Project, files_in, render, repository, run


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


def test_it_renders_from_a_zip(tmp_path: Path, clone: Path, default_files: tuple[str, ...]) -> None:
    archive = shutil.make_archive(str(tmp_path / "template"), "zip", clone.parent, clone.name)
    assert render(tmp_path, template=archive).files == default_files


@pytest.mark.skipif(not OLDEST_COOKIECUTTER.exists(), reason="`make test` installs cookiecutter 2.6.0")
def test_it_renders_with_the_oldest_cookiecutter(tmp_path: Path, default_files: tuple[str, ...]) -> None:
    cookiecutter = [sys.executable, "-m", "cookiecutter"]
    path = {"PYTHONPATH": str(OLDEST_COOKIECUTTER)}
    assert "2.6.0" in run(*cookiecutter, "--version", cwd=tmp_path, **path).stdout
    answers = [f"project_name={ODD_ANSWER}", "project_slug=my_project", "description=a << b"]
    run(*cookiecutter, TEMPLATE, "--no-input", *answers, cwd=tmp_path, **path)
    assert files_in(tmp_path / "my_project") == default_files
