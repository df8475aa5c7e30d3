"""The commands in the README work in a fresh clone."""

import contextlib
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import FOLDER, TEMPLATE, Project, render, run, serving
from tests.test_projects import PRODUCTION

SETS_UP = "this is done once"
ASK_ME = """curl -H 'Content-Type: application/json' --data '{"query": "{ me { pk } }"}'"""
# The code blocks with commands in the README.
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", (TEMPLATE / "README.md").read_text(), flags=re.MULTILINE | re.DOTALL)
RENDERING = {block.split()[0]: block for block in BLOCKS if "TEMPLATE" in block}


def serving_by_make(target: str, folder: Path, log: Path) -> contextlib.AbstractContextManager[str]:
    """Run a make target that serves and may have to set up an environment first."""
    return serving("make", target, "ADDRESS={address}", cwd=folder, log=log, patience=600)


def curl(line: str, address: str) -> dict:
    """Send the request of a curl command to another URL and return the response."""
    words = shlex.split(line)
    headers = dict(word.split(": ", 1) for flag, word in itertools.pairwise(words) if flag == "-H")
    request = urllib.request.Request(address, words[-1].encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def register_ada(folder: Path, address: str) -> None:
    """Register like GraphiQL's first tab."""
    code = "import json; from graphql_auth.api import tabs; print(json.dumps(next(tabs.tabs())))"
    tab = json.loads(run(".venv/bin/python", "manage.py", "shell", "-v", "0", "-c", code, cwd=folder).stdout)
    body = json.dumps({"query": tab["query"], "variables": json.loads(tab["variables"])})
    command = shlex.join(["curl", "-H", "Content-Type: application/json", "--data", body])
    assert curl(command, address)["data"]["register"]["success"]


@pytest.mark.long(minutes=1)
def test_make_demo_serves_the_requests_of_the_readme_and_runs_again_cheaply(clone: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "first.log", tmp_path / "again.log"
    with serving_by_make("demo", clone, first) as address:
        (line,) = [line for line in first.read_text().splitlines() if "curl" in line]
        answer = curl(line, address)["data"]["tokenAuth"]
        assert (answer["success"], answer["errors"]) == (True, None)
        assert answer["token"]
        assert answer["refreshToken"]
        assert b"graphiql" in page(address)
        register_ada(clone / "build/my_project", address)
        readme = (clone / "build/my_project/README.md").read_text().splitlines()
        log_in, ask = [line for line in readme if line.startswith("curl ")]
        token = curl(log_in, address)["data"]["tokenAuth"]["token"]
        me = curl(ask.replace("<token>", token), address)["data"]["me"]
        assert me == {"email": "ada@example.com", "verified": False}
    assert SETS_UP in first.read_text()
    with serving_by_make("demo", clone, again) as address:
        assert curl(line, address)["data"]["tokenAuth"]["success"]
    assert SETS_UP not in again.read_text()


def test_make_run_serves_elsewhere_and_links_lead_there(clone: Path, tmp_path: Path) -> None:
    odd = tmp_path / "C# 50%41?" / "my_project"
    odd.parent.mkdir()
    project = render(odd.parent).path
    here = ["READY=", f"RUN={sys.executable}", f"ENV={sys.prefix}"]
    with serving("make", "run", "ADDRESS={address}", *here, cwd=project, log=tmp_path / "log") as address:
        variables = {"email": "ada@example.com", "username": "ada", "password": "a-long-password-1815"}
        register = (
            "mutation ($email: String!, $username: String!, $password: String!) { register(email: $email, "
            "username: $username, password1: $password, password2: $password) { success } }"
        )
        body = json.dumps({"query": register, "variables": variables})
        curl(shlex.join(["curl", "-H", "Content-Type: application/json", "--data", body]), address)
        assert f"{address.removesuffix('graphql')}activate/" in (tmp_path / "log").read_text()
    assert (project / "db.sqlite3").exists()


def without_uv(folder: Path) -> str:
    """Return a PATH with all programs except uv."""
    for name in reversed(os.get_exec_path()):
        for program in Path(name).glob("*"):
            if program.name not in {"uv", "uvx"}:
                (folder / program.name).unlink(missing_ok=True)
                (folder / program.name).symlink_to(program)
    return str(folder)


@pytest.mark.long(minutes=1)
@pytest.mark.skipif(not shutil.which("uv"), reason="needs uv")
def test_an_environment_that_uv_made_works_where_uv_is_not_on_the_path(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV", raising=False)
    project = render(tmp_path).path
    run("make", "migrate", cwd=project)
    assert not (project / ".venv/bin/pip").exists()
    monkeypatch.setenv("PATH", without_uv(tmp_path_factory.mktemp("bin")))
    log = tmp_path / "log"
    command = ["make", "serve", "ADDRESS={address}"]
    with serving(*command, cwd=project, log=log, patience=600, ALLOW_DEBUG="1", WEB_CONCURRENCY="1") as address:
        assert curl(ASK_ME, address) == {"data": {"me": None}}
    assert "ensurepip" in log.read_text()


def test_make_serve_refuses_the_env_file_as_rendered(tmp_path: Path) -> None:
    project = render(tmp_path).path
    command = ["make", "serve", "PRODUCTION_READY=", f"RUN={sys.executable}", f"ENV={sys.prefix}"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "Set DEBUG=False in .env" in done.stderr
    assert "ALLOW_DEBUG=1" in done.stderr
    assert "WARNINGS" not in done.stderr
    assert not (project / "db.sqlite3").exists()


def test_gunicorn_refuses_the_env_file_as_rendered(tmp_path: Path) -> None:
    project = render(tmp_path).path
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "config.wsgi"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "Set DEBUG=False in .env" in done.stderr


def test_make_serve_turns_nothing_on_that_was_not_asked_for(tmp_path: Path) -> None:
    project = render(tmp_path).path
    keys = dict(line.split("=", 1) for line in (project / ".env").read_text().splitlines() if "_KEY=" in line[:20])
    (project / ".env").unlink()
    here = ["READY=", "PRODUCTION_READY=", f"RUN={sys.executable}", f"ENV={sys.prefix}"]
    environment = PRODUCTION | keys | {"ALLOWED_HOSTS": "127.0.0.1", "WEB_CONCURRENCY": "1"}
    del environment["DEBUG"]
    command = ["make", "serve", "ADDRESS={address}", *here]
    with serving(*command, cwd=project, log=tmp_path / "log", **environment) as address:
        with pytest.raises(urllib.error.HTTPError, match="405"):
            page(address, **{"X-Forwarded-Proto": "https"})
        by_proxy = ["X-Forwarded-Proto: https", "SCRIPT_NAME: /x", "Content-Type: application/json"]
        flags = [word for header in by_proxy for word in ("-H", header)]
        question = shlex.join(["curl", *flags, "--data", '{"query": "{ me { pk } }"}'])
        with pytest.raises(urllib.error.HTTPError, match="404"):
            curl(question, address.replace("/graphql", "/x/graphql"))
    assert not (project / ".env").exists()


@pytest.mark.long(minutes=1)
def test_make_serve_serves_as_in_production(rendered: Callable[[str, str], Project], tmp_path: Path) -> None:
    project = rendered("relay", "email").path
    here = ["READY=", "PRODUCTION_READY=", f"RUN={sys.executable}", f"ENV={sys.prefix}"]
    environment = PRODUCTION | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "WEB_CONCURRENCY": "1",
    }
    command = ["make", "serve", "ADDRESS={address}", *here]
    with serving(*command, cwd=project, log=tmp_path / "log", **environment) as address:
        with pytest.raises(urllib.error.HTTPError, match="403"):
            curl(ASK_ME, address)
        ask_over_https = ASK_ME.replace(" --data", " -H 'X-Forwarded-Proto: https' --data")
        assert curl(ask_over_https, address) == {"data": {"me": None}}
        headers = "".join(f" -H 'X-{number}: 1'" for number in range(60))
        with pytest.raises(urllib.error.HTTPError, match="431"):
            curl(ask_over_https.replace(" --data", headers + " --data"), address)
        by_proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        style = urllib.request.Request(address.replace("graphql", "static/account/account.css"), headers=by_proxy)
        with urllib.request.urlopen(style, timeout=30) as response:
            assert response.headers["Content-Type"].startswith("text/css")
        with pytest.raises(urllib.error.HTTPError, match="405"):
            page(address, **by_proxy)


def test_make_lint_finds_nothing() -> None:
    # Use the environment of these tests.
    run("make", "lint", f"DEV={sys.prefix}", f"--assume-old={sys.prefix}/ready", cwd=TEMPLATE)


def page(address: str, **headers: str) -> bytes:
    """Return the page that a browser gets."""
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    request = urllib.request.Request(address, headers=accept | headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read()


def shown(page: Path) -> set[str]:
    """Return the make targets that a Markdown page shows."""
    return set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE))


def targets(folder: Path) -> set[str]:
    """Return the targets that `make` lists in a folder."""
    return {line.split()[0] for line in run("make", cwd=folder).stdout.splitlines()}


@pytest.mark.parametrize("program", RENDERING)
def test_cookiecutter_runs_as_the_readme_says(tmp_path: Path, clone: Path, program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"needs {program}")
    script = RENDERING[program].replace("TEMPLATE", shlex.quote(str(clone)))
    enter = "\n" * 7  # at each question
    done = subprocess.run(["sh", "-e", "-c", script], cwd=tmp_path, input=enter, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "my_project/.env").exists()


def test_every_command_of_the_readme_is_run() -> None:
    assert set(RENDERING) == {"uvx", "pipx", "python3"}
    others = {line for block in BLOCKS if block not in RENDERING.values() for line in block.splitlines()}
    # Tests above run the first and `make run`, test_update.py the updates, and these tests are run by the last.
    updates = {"make update-check", "make update"}
    assert others == {"make demo", "cd my_project", "make run", "make test"} | updates


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/performance.md"])
def test_the_make_commands_of_the_template_exist(page: str) -> None:
    assert shown(TEMPLATE / page) <= targets(TEMPLATE) | targets(FOLDER)


def test_the_make_commands_of_a_project_exist(project: Project) -> None:
    assert shown(project.path / "README.md") <= targets(project.path)
