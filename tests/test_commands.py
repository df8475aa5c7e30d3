"""The commands of the README do what it says, from a clean tree on."""

import contextlib
import json
import re
import shlex
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import FOLDER, TEMPLATE, Project, run, serving

SETS_UP = "this is done once"


def serving_by_make(target: str, folder: Path, log: Path) -> contextlib.AbstractContextManager[str]:
    """Run a make target that serves, which may set up an environment first."""
    return serving("make", target, "ADDRESS={address}", cwd=folder, log=log, patience=600)


def curl(line: str, address: str) -> dict:
    """Send what the curl command of the last words would send, to another address; return the answer."""
    data = shlex.split(line)[-1].encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def test_make_demo_serves_the_request_it_prints_and_runs_again_cheaply(clone: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "first.log", tmp_path / "again.log"
    with serving_by_make("demo", clone, first) as address:
        (line,) = [line for line in first.read_text().splitlines() if "curl" in line]
        answer = curl(line, address)["data"]["tokenAuth"]
        assert (answer["success"], answer["errors"]) == (True, None)
        assert answer["token"]
        assert answer["refreshToken"]
        assert b"graphiql" in page(address)
    assert SETS_UP in first.read_text()
    with serving_by_make("demo", clone, again) as address:
        assert curl(line, address)["data"]["tokenAuth"]["success"]
    assert SETS_UP not in again.read_text()


def page(address: str) -> bytes:
    """Return what a browser gets."""
    request = urllib.request.Request(address, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read()


def shown(page: Path) -> set[str]:
    """Return the make targets that a Markdown page shows."""
    return set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE))


def targets(folder: Path) -> set[str]:
    """Return the targets that `make` lists in a folder."""
    return {line.split()[0] for line in run("make", cwd=folder).stdout.splitlines()}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/performance.md"])
def test_the_make_commands_of_the_template_exist(page: str) -> None:
    assert shown(TEMPLATE / page) <= targets(TEMPLATE) | targets(FOLDER)


def test_the_make_commands_of_a_project_exist(project: Project) -> None:
    assert shown(project.path / "README.md") <= targets(project.path)
