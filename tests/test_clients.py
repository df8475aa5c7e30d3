"""Standard GraphQL clients, with their released packages and documented configuration, work with a project."""

import fcntl
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RUNSERVER, TEMPLATE, Project, create_demo_users, run, serving

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


@pytest.fixture(params=FLAVOURS, ids="-".join)
def project(request: pytest.FixtureRequest, rendered: Callable[[str, str], Project]) -> Project:
    return rendered(*request.param)


@pytest.fixture
def endpoint(project: Project, tmp_path: Path) -> Iterator[str]:
    """Serve the project with the demo users and short-lived access tokens."""
    (tmp_path / "short_lived.py").write_text(SETTINGS)
    surroundings = {
        "PYTHONPATH": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "short_lived",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
    }
    create_demo_users(project, **surroundings)
    with serving(*RUNSERVER, cwd=project.path, log=tmp_path / "log", **surroundings) as endpoint:
        yield endpoint


def node(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run a script of tests/clients and return the JSON objects that it printed."""
    done = subprocess.run(["node", *arguments], cwd=CLIENTS, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def compile_operations(project: Project, folder: Path) -> Path:
    """Compile the operations of the Relay client against a project's schema; return the folder of the artifacts."""
    shutil.copytree(CLIENTS / "relay", folder / "src")
    shutil.copy(project.path / "schema.graphql", folder)
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


# One test for each flavour, because each test may run in another process, which would need a server of its own.
@pytest.mark.long(minutes=1)
def test_clients_keep_a_session_and_audits_pass(endpoint: str, project: Project, tmp_path: Path) -> None:
    """Each client logs in, refreshes once, sees a change and logs out; only the audits of GET fail."""
    stories: list[list[str | Path]] = [["story.mjs", client, endpoint, project.api] for client in ("apollo", "urql")]
    if project.api == "relay":
        stories.append(["story.mjs", "relay", endpoint, "relay", compile_operations(project, tmp_path)])

    # The stories wait for tokens to expire.
    with ThreadPoolExecutor() as threads:
        audits, *told = threads.map(lambda script: node(*script), [["audit.mjs", endpoint], *stories])

    assert len(audits) > 50
    assert {audit["id"]: audit["reason"] for audit in audits if audit["status"] != "ok"}.keys() == OF_GET
    steps = [check_story(script[1], story) for script, story in zip(stories, told, strict=True)]
    if project.api == "relay":
        assert steps[-1]["refetch"]["id"] == steps[-1]["log in"]["id"]
        assert steps[-1]["refetch"]["sent"] == ["node"]
        assert steps[-1]["page"]["users"] == 2


def check_story(client: str | Path, reported: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Check the steps that every client takes; return them by name."""
    steps = {step["step"]: step for step in reported}
    login = steps["log in"]
    assert login["success"]
    assert steps["me"]["id"] == login["id"]
    waited = steps["five requests with an expired token"]
    assert waited["ids"] == [login["id"]] * 5
    assert waited["sent"].count("me") >= 5
    assert waited["sent"].count("refreshToken") == 1
    renamed = steps["rename"]
    assert renamed["success"]
    assert renamed["seen"][-1] == f"Ada {client}"
    # The change came with the mutation's own answer.
    assert renamed["sent"][-1] == "updateAccount"
    assert steps["log out"]["success"]
    assert steps["log out"]["sent"][-2:] == ["revokeToken", "me"]
    assert steps["log out"]["me"] is None
    return steps


def test_generated_types_compile_for_every_operation_of_both_flavours(
    rendered: Callable[[str, str], Project], tmp_path: Path
) -> None:
    projects = {flavour[0]: rendered(*flavour) for flavour in FLAVOURS}
    readmes = [(project.path / "README.md").read_text() for project in projects.values()]
    scalars = {line for readme in readmes for line in re.findall(r"`scalars: ({.+})`", readme)}
    assert len(scalars) == 1

    node("codegen.mjs", *scalars, *(f"{project.path}={tmp_path / name}.ts" for name, project in projects.items()))

    types = {name: tmp_path / f"{name}.ts" for name in projects}
    run(CLIENTS / "node_modules/.bin/tsc", "--noEmit", "--strict", *types.values(), cwd=tmp_path)
    for name, project in projects.items():
        documents = (project.path / "docs/operations.graphql").read_text()
        operations = re.findall(r"^(?:query|mutation) (\w+)", documents, re.MULTILINE)
        assert len(operations) > 20
        generated = types[name].read_text()
        assert [operation for operation in operations if f"export type {operation}" not in generated] == []
