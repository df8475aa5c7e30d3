"""Standard GraphQL clients, with their released packages and documented configuration, work with a project."""

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RUNSERVER, TEMPLATE, Project, run, serving

CLIENTS = TEMPLATE / "tests/clients"
FLAVOURS = [("graphql", "username"), ("relay", "email")]
# The audits that fail on purpose, because the endpoint does not answer GET requests.
OF_GET = {"5A70", "D6D5", "6A70"}

# Access tokens that expire during a test.
SETTINGS = """
from datetime import timedelta

from config.settings import *

GRAPHQL_JWT |= {"JWT_EXPIRATION_DELTA": timedelta(seconds=2), "JWT_LEEWAY": 0}
"""

pytestmark = pytest.mark.skipif(
    shutil.which("npm") is None, reason="needs Node.js 20 or newer with npm: install it and run make test"
)


@pytest.fixture(scope="session", autouse=True)
def _packages() -> None:
    """Install the packages of the clients once; other workers of these tests wait for the first."""
    marker = CLIENTS / "node_modules/.installed"
    wanted = (CLIENTS / "package.json").read_text()
    with (CLIENTS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not marker.exists() or marker.read_text() != wanted:
            run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", cwd=CLIENTS)
            marker.write_text(wanted)


@pytest.fixture(scope="module", params=FLAVOURS, ids="-".join)
def project(request: pytest.FixtureRequest, rendered: Callable[[str, str], Project]) -> Project:
    return rendered(*request.param)


@pytest.fixture(scope="module")
def endpoint(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the project with the demo users and short-lived access tokens."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "short_lived.py").write_text(SETTINGS)
    surroundings = {
        "PYTHONPATH": str(folder),
        "DJANGO_SETTINGS_MODULE": "short_lived",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
    }
    run(sys.executable, "manage.py", "migrate", "--verbosity", "0", cwd=project.path, **surroundings)
    run(sys.executable, "manage.py", "loaddata", "users", cwd=project.path, **surroundings)
    with serving(*RUNSERVER, cwd=project.path, log=folder / "log", **surroundings) as endpoint:
        yield endpoint


def node(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run a script of tests/clients and return the JSON objects that it printed."""
    done = subprocess.run(["node", *arguments], cwd=CLIENTS, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def artifacts(rendered: Callable[[str, str], Project], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the operations of the Relay client against the Relay flavour's schema; return the folder."""
    folder = tmp_path_factory.mktemp("relay")
    shutil.copytree(CLIENTS / "relay", folder / "src")
    shutil.copy(rendered("relay", "email").path / "schema.graphql", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    config = {
        "src": "src",
        "schema": "schema.graphql",
        "language": "javascript",
        "artifactDirectory": "artifacts",
        "eagerEsModules": True,
    }
    (folder / "artifacts").mkdir()
    (folder / "relay.config.json").write_text(json.dumps(config))
    run(CLIENTS / "node_modules/.bin/relay-compiler", "relay.config.json", cwd=folder)
    return folder / "artifacts"


def test_the_endpoint_passes_every_audit_of_graphql_over_http_but_those_of_get(endpoint: str) -> None:
    audits = node("audit.mjs", endpoint)
    assert len(audits) > 50
    assert {audit["id"]: audit["reason"] for audit in audits if audit["status"] != "ok"}.keys() == OF_GET


@pytest.mark.parametrize("client", ["apollo", "urql"])
def test_a_client_logs_in_refreshes_once_sees_a_change_and_logs_out(
    client: str, endpoint: str, project: Project
) -> None:
    check_story(node("story.mjs", client, endpoint, project.api))


def test_relay_logs_in_refreshes_once_sees_a_change_refetches_and_logs_out(
    endpoint: str, project: Project, artifacts: Path
) -> None:
    if project.api != "relay":
        pytest.skip("Relay's client needs the Relay flavour.")
    steps = check_story(node("story.mjs", "relay", endpoint, "relay", artifacts))
    assert steps["refetch"]["id"] == steps["log in"]["id"]
    assert steps["refetch"]["sent"] == ["node"]
    assert steps["page"]["users"] == 2


def check_story(reported: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Check the steps that every client takes; return them by name."""
    steps = {step["step"]: step for step in reported}
    login = steps["log in"]
    assert login["success"]
    assert steps["me"]["id"] == login["id"]
    waited = steps["five requests with an expired token"]
    assert waited["ids"] == [login["id"]] * 5
    assert waited["sent"].count("refreshToken") == 1
    renamed = steps["rename"]
    assert renamed["success"]
    assert renamed["seen"][-1].startswith("Ada ")
    # The change came with the mutation's own answer.
    assert renamed["sent"][-1] == "updateAccount"
    assert steps["log out"]["success"]
    assert steps["log out"]["me"] is None
    return steps


def test_generated_types_compile_for_every_operation_of_the_project(project: Project, tmp_path: Path) -> None:
    types = tmp_path / "types.ts"
    documents = project.path / "docs/operations.graphql"
    node("codegen.mjs", project.path / "schema.graphql", documents, types)
    run(CLIENTS / "node_modules/.bin/tsc", "--noEmit", "--strict", types, cwd=tmp_path)
    operations = [line.split("(")[0].split()[1] for line in documents.read_text().splitlines() if is_operation(line)]
    assert len(operations) > 20
    missing = [name for name in operations if f"export type {name}" not in types.read_text()]
    assert missing == []


def is_operation(line: str) -> bool:
    return line.startswith(("query ", "mutation "))
