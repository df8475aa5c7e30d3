"""A PostgreSQL dump can be restored into another database, and users can log in there."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.conftest import Project, run

SERVER = "postgres://postgres@127.0.0.1:5432"
LOGIN = """
import json
from django.test import Client
query = 'mutation { tokenAuth(email: "user2@email.com", password: "demo-password-123") { success errors } }'
answer = Client().post("/graphql", {"query": query}, content_type="application/json", headers={"host": "127.0.0.1"})
print(json.dumps(answer.json()["data"]["tokenAuth"]))
"""


@pytest.fixture
def databases() -> Iterator[tuple[str, str]]:
    """Create two empty databases and drop them at the end."""
    with socket.socket() as client:
        if client.connect_ex(("127.0.0.1", 5432)) != 0 or not shutil.which("pg_dump"):
            pytest.skip("needs PostgreSQL at 127.0.0.1:5432, with trust for the user postgres, and its pg_dump")
    # Another run may use the same server.
    names = (f"drill_before_{os.getpid()}", f"drill_after_{os.getpid()}")
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        for name in names:
            server.execute(f"DROP DATABASE IF EXISTS {name}")
            server.execute(f"CREATE DATABASE {name}")
        yield names
        for name in names:
            server.execute(f"DROP DATABASE {name}")


def test_a_dump_restores_and_its_users_log_in(
    rendered: Callable[[str, str], Project], databases: tuple[str, str]
) -> None:
    project = rendered("graphql", "email").path
    before, after = databases
    for command in (["migrate", "--verbosity", "0"], ["loaddata", "users"]):
        run(sys.executable, "manage.py", *command, cwd=project, DATABASE_URL=f"{SERVER}/{before}")

    dump = project.parent / "accounts.dump"
    run("pg_dump", "--format=custom", f"--file={dump}", f"{SERVER}/{before}", cwd=project)
    run("pg_restore", "--exit-on-error", f"--dbname={SERVER}/{after}", str(dump), cwd=project)

    shell = run(
        sys.executable, "manage.py", "shell", "-v", "0", "-c", LOGIN, cwd=project, DATABASE_URL=f"{SERVER}/{after}"
    )
    assert json.loads(shell.stdout) == {"success": True, "errors": None}
