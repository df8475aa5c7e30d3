"""The import contracts of a rendered project reject what they are there to reject."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Project

REJECTED = {
    "graphql_auth/sessions.py": ("from graphql_auth import schema", "graphql_auth.sessions -> graphql_auth.schema"),
    "graphql_auth/tokens.py": ("from graphql_auth import sessions", "graphql_auth.tokens -> graphql_auth.sessions"),
    "graphql_auth/mails/queue.py": ("from graphql_auth import sessions", "mails.queue -> graphql_auth.sessions"),
    "graphql_auth/models/__init__.py": ("from graphql_auth import mails", "graphql_auth.models -> graphql_auth.mails"),
    "graphql_auth/flows/login.py": ("import graphql_auth.pages.urls", "flows.login -> graphql_auth.pages.urls"),
    "graphql_auth/admin/users.py": ("import graphene", "graphql_auth.admin.users -> graphene"),
    "graphql_auth/checks/project.py": ("import graphene_django", "graphql_auth.checks.project -> graphene_django"),
    "graphql_auth/permissions.py": ("from users import models", "graphql_auth.permissions -> users.models"),
    "endpoint/view.py": ("from graphql_auth import conf", "endpoint.view -> graphql_auth.conf"),
    "endpoint/urls.py": ("from users import models", "endpoint.urls -> users.models"),
    # A new module needs a layer.
    "graphql_auth/news.py": ("import json", "graphql_auth.news"),
}


@pytest.fixture(scope="module")
def packages(rendered: Callable[[str, str], Project], tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = rendered("relay", "username")
    folder = tmp_path_factory.mktemp("imports")
    for name in project.files:
        if name == "pyproject.toml" or name.endswith(".py"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project.path / name, folder / name)
    return folder


@pytest.mark.parametrize("module", REJECTED)
def test_an_import_that_breaks_the_layers_is_rejected(packages: Path, module: str) -> None:
    line, reported = REJECTED[module]
    file = packages / module
    text = file.read_text() if file.exists() else ""
    file.write_text(f"{text}\n{line}\n")
    done = subprocess.run([Path(sys.prefix) / "bin/lint-imports"], cwd=packages, text=True, capture_output=True)
    if text:
        file.write_text(text)
    else:
        file.unlink()

    assert done.returncode == 1, done.stdout
    assert reported in done.stdout
