"""The measured stacks: how to set them up, serve them with gunicorn, and send requests."""

import contextlib
import functools
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.operations import WrongAnswerError

TEMPLATE = Path(__file__).resolve().parent.parent
FLAVOURS = {"graphql": "GraphQL", "relay": "Relay"}
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Stack:
    """An implementation of the operations. One without `documents` has a URL for each instead of GraphQL."""

    name: str
    folder: Path  # for its database and log
    settings: str
    application: str = "django.core.wsgi:get_wsgi_application()"
    project: Path = TEMPLATE
    documents: Path | None = None
    more: Mapping[str, str] = field(default_factory=dict, hash=False)  # environment variables

    @functools.cached_property
    def texts(self) -> dict[str, str]:
        """The GraphQL document of each operation, from the stack's documentation."""
        assert self.documents is not None
        found = re.finditer(r"^(?:query|mutation) (\w)(\w*).*?^}", self.documents.read_text(), re.MULTILINE | re.DOTALL)
        return {match[1].lower() + match[2]: match[0] for match in found}

    def environment(self, *, hashed: bool) -> dict[str, str]:
        """Return the environment of its processes: production settings, with a public users query."""
        database = self.folder / "db.sqlite3"
        return os.environ | {
            "PYTHONPATH": str(TEMPLATE),
            "DJANGO_SETTINGS_MODULE": self.settings,
            "BENCH_DATABASE": str(database),
            "BENCH_HASH": "real" if hashed else "none",
            "DATABASE_URL": f"sqlite:///{database}",
            "DEBUG": "False",
            "SECURE_SSL_REDIRECT": "False",
            "ALLOWED_HOSTS": "127.0.0.1",
            "EMAIL_URL": "dummymail://",
            "MAIL_QUEUE": "database",
            "USERS_QUERY": "public",
            **self.more,
        }

    def set_up(self, accounts: int) -> None:
        """Create the database."""
        self.folder.mkdir(parents=True)
        command = [sys.executable, "-m", "benchmarks.set_up", str(accounts)]
        run(*command, cwd=self.project, env=self.environment(hashed=True))


def floor(output: Path) -> Stack:
    """Return the hand-written views."""
    return Stack("floor", output / "floor", "benchmarks.floor.settings")


def plain(output: Path) -> Stack:
    """Return graphene-django with django-graphql-jwt."""
    documents = TEMPLATE / "benchmarks/plain/operations.graphql"
    return Stack("plain", output / "plain", "benchmarks.plain.settings", documents=documents)


def rendered(api: str, output: Path, template: Path = TEMPLATE, suffix: str = "") -> Stack:
    """Render a project and return it; `suffix` distinguishes those of another template."""
    slug = f"bench_{api}"
    name = FLAVOURS[api] + suffix
    folder = output / name
    options = ["--no-input", "--default-config", "--output-dir", folder, f"api={api}", f"project_slug={slug}"]
    run(sys.executable, "-m", "cookiecutter", template, *options)
    project = folder / slug
    documents = project / "docs/operations.graphql"
    return Stack(name, folder / "served", "benchmarks.project_settings", "config.wsgi:application", project, documents)


@dataclass(frozen=True)
class Server:
    """A served stack."""

    stack: Stack
    url: str
    process: psutil.Process

    def request(self, operation: str, variables: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the URL and the JSON of a request."""
        if self.stack.documents is None:
            return f"{self.url}/{operation}", variables
        text = self.stack.texts[operation]
        return f"{self.url}/graphql", {
            "query": text,
            "variables": {"input": variables} if "$input:" in text else variables,
        }

    def answer(self, operation: str, status: int, body: dict[str, Any]) -> dict[str, Any]:
        """Return the result in a response. Raises WrongAnswerError when there is none."""
        answer: dict[str, Any] | None = body
        if self.stack.documents is not None:
            answer = None if "errors" in body else body["data"][operation]
        if status != 200 or answer is None:
            raise WrongAnswerError(f"{self.stack.name}, {operation}: {status} {body}")
        return answer

    def cpu(self) -> float:
        """Return the CPU seconds of the workers so far."""
        times = [worker.cpu_times() for worker in self.process.children(recursive=True)]
        return sum(spent.user + spent.system for spent in times)

    def memory(self) -> int:
        """Return the memory of the workers in bytes."""
        return sum(worker.memory_info().rss for worker in self.process.children(recursive=True))


@contextlib.contextmanager
def serving(stack: Stack, *options: str, hashed: bool, core: int | None = None) -> Iterator[Server]:
    """Serve a stack with options for gunicorn, on one of CORES if `core` is given; stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = stack.folder / "log"
    with log.open("w") as output:
        process = psutil.Popen(
            [sys.executable, "-m", "gunicorn", stack.application, *options, "--bind", address],
            cwd=stack.project,
            env=stack.environment(hashed=hashed),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        if core is not None:
            pin(process.pid, core)
        wait_for(address, process, log)
        yield Server(stack, f"http://{address}", process)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def run(*command: str | Path, **options: Any) -> None:
    """Run a command; if it fails, exit with its output."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True, capture_output=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command}:\n{done.stdout}\n{done.stderr}")


def pin(pid: int, core: int) -> None:
    """Pin a process and its children to one of CORES, if the system supports it."""
    if CORES:
        os.sched_setaffinity(pid, {CORES[core]})


def wait_for(address: str, process: psutil.Popen, log: Path) -> None:
    """Wait until a server accepts connections; exit with its log if it does not."""
    host, port = address.split(":")
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.1)
    sys.exit(log.read_text())
