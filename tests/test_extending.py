"""What docs/extending.md says works, done to the letter."""

import json
import re
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import COMBINATIONS, RUNSERVER, make, render, run, serving

STEP = re.compile(r"^(In|New,|At the end of) `([^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
REQUEST = re.compile(r"^```graphql\n(mutation \{.*?)^```\n.*?^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("answers", COMBINATIONS, ids="-".join)
def test_the_page_about_extending_works_to_the_letter(tmp_path: Path, answers: tuple[str, str]) -> None:
    project = render(tmp_path, api=answers[0], login_field=answers[1])
    page = (project.path / "docs/extending.md").read_text()
    steps, requests = STEP.findall(page), REQUEST.findall(page)
    assert len(steps) == page.count("```diff") + page.count("```python") + 1
    assert len(requests) == page.count("```json")

    for where, name, block in steps:
        change(project.path / name, where, block)
    run(sys.executable, "manage.py", "makemigrations", "users", cwd=project.path)
    make("migrate", project)
    make("schema", project)

    with serving(*RUNSERVER, cwd=project.path, log=tmp_path / "log") as endpoint:
        for query, answer in requests:
            assert ask(endpoint, query) == json.loads(answer)
    make("check", project)
    own = ["phone", "schema", "settings", "docs", "registration"]
    tests = [f"tests/test_{name}.py" for name in own]
    run(sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "2", *tests, cwd=project.path)


def change(file: Path, where: str, block: str) -> None:
    """Do to a file what a block of the page says."""
    if where == "New,":
        assert not file.exists()
        file.write_text(block)
        return
    text = file.read_text()
    if where == "At the end of":
        file.write_text(text + ("\n\n" if file.suffix == ".py" else "\n") + block)
        return
    lines = block.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] != "+")
    assert text.count(before) == 1, f"{file.name} has this {text.count(before)} times:\n{before}"
    file.write_text(text.replace(before, "".join(line[1:] for line in lines if line[0] != "-")))


def ask(endpoint: str, query: str) -> object:
    """Return the answer of the endpoint."""
    request = urllib.request.Request(
        endpoint, json.dumps({"query": query}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)
