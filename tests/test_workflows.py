"""Both workflows run every test: with PostgreSQL and Redis, on each Python and Django that is supported."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import FOLDER, TEMPLATE

WORKFLOWS = [folder / ".github/workflows/ci.yml" for folder in (TEMPLATE, FOLDER)]
every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=["the template", "a project"])
SERVICES = {"postgres": "5432:5432", "redis": "6379:6379"}


def jobs_of(workflow: Path) -> list[dict[str, Any]]:
    """Return the jobs of a workflow; it is the same in each project."""
    return list(yaml.safe_load(workflow.read_text())["jobs"].values())


@every_workflow
def test_every_job_has_postgresql_and_redis_and_a_time_limit(workflow: Path) -> None:
    for job in jobs_of(workflow):
        assert job["timeout-minutes"] <= 45
        assert {name: service["ports"][0] for name, service in job["services"].items()} == SERVICES
        assert all("--health-cmd" in service["options"] for service in job["services"].values())


@every_workflow
def test_each_python_and_django_is_tried_and_an_untried_one_fails_nothing(workflow: Path) -> None:
    (job,) = jobs_of(workflow)
    tried = {(one["python"], one["django"]) for one in job["strategy"]["matrix"]["include"]}
    assert tried >= {(python, "5.2") for python in ("3.11", "3.12", "3.13")}
    assert tried >= {(python, "6.1") for python in ("3.12", "3.13", "3.14")}
    assert job["continue-on-error"] == "${{ matrix.python == '3.14' }}"


def test_a_project_is_tested_on_both_databases() -> None:
    (job,) = jobs_of(WORKFLOWS[1])
    assert {one["database"] for one in job["strategy"]["matrix"]["include"]} == {"SQLite", "PostgreSQL"}
    (step,) = [step for step in job["steps"] if "make test" in step.get("run", "")]
    assert SERVICES["postgres"].partition(":")[0] in step["env"]["DATABASE_URL"]


@every_workflow
def test_every_action_is_pinned_to_a_commit_and_packages_are_cached(workflow: Path) -> None:
    used = re.findall(r"uses: (.*)", workflow.read_text())
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []
    for job in jobs_of(workflow):
        (python,) = [step["with"] for step in job["steps"] if "setup-python" in step.get("uses", "")]
        assert python["cache"] == "pip"
        assert python["cache-dependency-path"].endswith("requirements/*.txt")
