"""A project's tests still pass after changes that its README suggests: they assert rules, not defaults or wording."""

import os
import sys
from pathlib import Path

import pytest

from tests.conftest import render, run
from tests.owners import CHANGES, apply

# Changes that can be made together. Each is made in one of these; each alone, with OWNERS_CHANGES=all.
TOGETHER = {
    ("graphql", "username"): [
        "a sentence of each mail",
        "a text of each page",
        "a message of each error",
        "colours",
        "the site's name",
        "German first",
        "no time zones",
        "a UUID as key",
        "more fields",
        "no credential",
        "fewer mutations",
        "longer passwords",
        "stricter limits",
        "other links",
        "another list of users for staff",
    ],
    ("relay", "email"): [
        "English only",
        "another time zone",
        "fewer fields",
        "fewer public mutations",
        "one more output",
        "less of users",
        "no rules for passwords",
        "fewer limits",
        "other durations",
        "another .env",
        "fewer tabs",
    ],
}
# The journeys of users, with their mails and pages: what most changes are about. The whole suite takes minutes for each
# group and each change.
FOLDERS = ("login", "registration", "account", "passwords", "mails", "pages")
JOURNEYS = [f"tests/graphql_auth/{name}" for name in FOLDERS]
WHOLE = os.environ.get("OWNERS_CHANGES") == "all"


@pytest.mark.long(minutes=2)
@pytest.mark.parametrize(("answers", "names"), TOGETHER.items(), ids=map("-".join, TOGETHER))
def test_the_suite_survives_many_changes(tmp_path: Path, answers: tuple[str, str], names: list[str]) -> None:
    if answers == ("relay", "email") and not WHOLE:
        pytest.skip("takes minutes: OWNERS_CHANGES=all make test TESTS=tests/test_owners_changes.py")
    passes(tmp_path, answers, *names)


@pytest.mark.long(minutes=3)
@pytest.mark.parametrize("name", CHANGES if WHOLE else ())
def test_the_suite_survives_a_change(tmp_path: Path, name: str) -> None:
    passes(tmp_path, ("graphql", "username"), name)


def passes(output: Path, answers: tuple[str, str], *names: str) -> None:
    """Make changes in a new project and run its tests."""
    project = render(output, api=answers[0], login_field=answers[1])
    apply(project, *names)
    suite = [sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "2"]
    run(*suite, *(() if WHOLE else JOURNEYS), cwd=project.path)
