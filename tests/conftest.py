"""Renders each combination of answers once per session, and runs commands in the rendered projects."""

import ast
import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter

TEMPLATE = Path(__file__).resolve().parent.parent
FOLDER = TEMPLATE / "<<cookiecutter.project_slug>>"
TREES = TEMPLATE / "tests/trees"
COMBINATIONS = [(api, login_field) for api in ("graphql", "relay") for login_field in ("username", "email")]
BUNDLED = "endpoint/static/graphiql/"
SET_UP = """
from django.core.management import call_command

call_command("migrate", verbosity=0)
call_command("loaddata", "users", verbosity=0)
"""
RUNSERVER = [sys.executable, "manage.py", "runserver", "--noreload", "{address}"]
OLDEST_COOKIECUTTER = Path(sys.prefix) / "cookiecutter-2.6.0"
AUTHOR = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
ODD_ANSWER = r"""Rob "B" O'Neil \ {{x}} <<x>> é 🎉"""


@dataclass(frozen=True)
class Project:
    """A rendered project."""

    path: Path
    api: str
    login_field: str
    files: tuple[str, ...]  # as rendered, before any tool created others

    def imports(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each Python file with each top-level module that it imports."""
        for name, text in self.texts():
            for node in ast.walk(ast.parse(text if name.endswith(".py") else "")):
                if isinstance(node, ast.Import):
                    yield from ((name, alias.name.partition(".")[0]) for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    yield name, str(node.module).partition(".")[0]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the name and text of each file but compiled messages, pictures and the bundles of `make graphiql`."""
        for name in self.files:
            if not name.startswith(BUNDLED) and not name.endswith((".mo", ".png")):
                yield name, (self.path / name).read_text(encoding="utf-8")


def render(output: Path, *, template: Path | str = TEMPLATE, overwrite: bool = False, **answers: str) -> Project:
    """Render the template like `cookiecutter --no-input`."""
    folder = cookiecutter(
        str(template), no_input=True, extra_context=answers, output_dir=str(output), overwrite_if_exists=overwrite
    )
    path = Path(folder)
    return Project(path, answers.get("api", "graphql"), answers.get("login_field", "username"), files_in(path))


def files_in(folder: Path) -> tuple[str, ...]:
    """List a folder's files, in alphabetical order."""
    return tuple(sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()))


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder. If it fails, fail with its output."""
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, stdin=subprocess.DEVNULL, text=True, capture_output=True
    )
    assert done.returncode == 0, f"{command} in {cwd}:\n{done.stdout}\n{done.stderr}"
    return done


def repository(clone: Path, output: Path) -> Path:
    """Turn a clone into a git repository with one commit."""
    folder = Path(shutil.copytree(clone, output / "template.git"))
    for command in (["init", "--quiet"], ["add", "--all"], [*AUTHOR, "commit", "--quiet", "-m", "All"]):
        run("git", *command, cwd=folder)
    return folder


def make(target: str, project: Project) -> str:
    """Run a make target of the project with the interpreter of these tests instead of an environment of its own."""
    here = ["READY=", "DEV_READY=", f"RUN={sys.executable}", f"ENV={sys.prefix}"]
    return run("make", target, *here, cwd=project.path).stdout


def create_demo_users(project: Project, **environment: str) -> None:
    """Migrate a project's database and load the demo users, in one process."""
    run(sys.executable, "manage.py", "shell", "-v", "0", "-c", SET_UP, cwd=project.path, **environment)


@contextlib.contextmanager
def serving(*command: str | Path, cwd: Path, log: Path, patience: float = 180, **environment: str) -> Iterator[str]:
    """Run a command that serves at `{address}` and yield the URL of its endpoint; stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(word).format(address=f"127.0.0.1:{port}", port=port) for word in command],
            cwd=cwd,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.2)
        else:
            pytest.fail(log.read_text())
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def require_server(name: str, port: int, how: str = "") -> None:
    """Skip the test if nothing listens at a port of this machine; fail in CI, which has these servers."""
    with socket.socket() as client:
        if client.connect_ex(("127.0.0.1", port)) != 0:
            lacking = pytest.fail if os.environ.get("CI") else pytest.skip
            lacking(f"needs {name} at 127.0.0.1:{port}{how and f', {how}'}: start it and run again")


@pytest.fixture(scope="session", autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Isolate the tests from the user's cookiecutter settings and clones, and from the make that runs them."""
    home = tmp_path_factory.mktemp("home")
    config = home / "cookiecutter.yaml"
    config.write_text(f'cookiecutters_dir: "{home}/clones"\nreplay_dir: "{home}/replay"\n')
    os.environ["COOKIECUTTER_CONFIG"] = str(config)
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        os.environ.pop(name, None)
    # A rendered project's tests do not use this plugin, which only the template's need; it takes seconds to import.
    os.environ["PYTEST_ADDOPTS"] = "-p no:schemathesis"
    # The packages are the same in every project, so mypy reads them once.
    os.environ["MYPY_CACHE_DIR"] = str(home / "mypy")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the longest tests: one that starts last keeps one process waiting for the other."""
    items.sort(key=minutes, reverse=True)


def minutes(item: pytest.Item) -> int:
    """Return how many minutes a test takes, by its marker."""
    marker = item.get_closest_marker("long")
    return marker.kwargs["minutes"] if marker else 0


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Project]:
    """Return a function that renders a combination of answers, once."""

    @functools.cache
    def render_once(api: str, login_field: str) -> Project:
        return render(tmp_path_factory.mktemp(f"{api}-{login_field}"), api=api, login_field=login_field)

    return render_once


@pytest.fixture(scope="session", params=COMBINATIONS, ids="-".join)
def project(request: pytest.FixtureRequest, rendered: Callable[[str, str], Project]) -> Project:
    """Return a project for each combination of answers."""
    return rendered(*request.param)


@pytest.fixture(scope="session")
def odd_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with unusual characters in every text."""
    texts = dict.fromkeys(["project_name", "description", "author_name"], ODD_ANSWER)
    return render(tmp_path_factory.mktemp("odd"), **texts)


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the template like a fresh clone."""
    names = [".git", ".venv*", "node_modules", "build", "__pycache__", ".*_cache", ".hypothesis"]
    copy = tmp_path_factory.mktemp("clone") / "template"
    return Path(shutil.copytree(TEMPLATE, copy, ignore=shutil.ignore_patterns(*names)))
