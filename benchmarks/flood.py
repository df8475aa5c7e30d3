"""`make bench-flood`: measures `me` while 60 connections log in, each time from another network."""

import argparse
import contextlib
import ipaddress
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import psutil
from locust import FastHttpUser, constant, task

from benchmarks import report
from benchmarks.load import log_in, play
from benchmarks.operations import PASSWORD, WrongAnswerError, accounts
from benchmarks.stacks import PATIENCE, TEMPLATE, Server, Stack, rendered, serving
from benchmarks.traffic import ACCOUNTS, READERS, WORKERS, Reader

CONNECTIONS = 60
NETWORKS = int(ipaddress.ip_address("2001:db8::")) >> 64  # the first /64 network reserved for documentation
NICENESS = 19
WARM_UP = 3.0  # seconds
PACE = 100.0  # milliseconds from one request of a reader to its next
LIMITS = {"BENCH_LIMITS": "own", "TRUSTED_PROXIES": "1"}


class Flood(FastHttpUser):
    """A connection that logs in repeatedly, each time from a different network."""

    wait_time = constant(0)
    server: ClassVar[Server]
    logins = itertools.cycle(accounts(ACCOUNTS, hashed=True))
    answers: ClassVar[Counter[str]] = Counter()

    @task
    def log_in(self) -> None:
        """Log in and count the response."""
        variables = {"email": next(self.logins).email, "password": PASSWORD}
        address, body = self.server.request("tokenAuth", variables)
        client = ipaddress.ip_address((NETWORKS + random.getrandbits(32) << 64) + 1)
        response = self.client.post(address, json=body, headers={"X-Forwarded-For": str(client)})
        answer = self.server.answer("tokenAuth", response.status_code, response.json())
        self.answers[outcome(answer)] += 1


def outcome(answer: dict[str, Any]) -> str:
    """Return "done" or "throttled". Raises WrongAnswerError for any other response."""
    if answer["token"]:
        return "done"
    codes = [error["code"] for errors in answer["errors"].values() for error in errors]
    if codes != ["throttled"]:
        raise WrongAnswerError(f"tokenAuth: {answer}")
    return "throttled"


def main() -> None:
    """Measure, and print or write the results; with `--url`, generate the load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="of the flood, and of the quiet before it")
    parser.add_argument("--page", type=Path, help="a Markdown page to write the result to")
    parser.add_argument("--template", type=Path, default=TEMPLATE, help="another checkout of the template to measure")
    parser.add_argument("--url", help="of a server to log in to; then nothing else is done")
    parser.add_argument("--documents", type=Path, help="the operations of the project behind it")
    options = parser.parse_args()
    if options.url:
        flood(options.url, options.documents, options.seconds)
        return

    with tempfile.TemporaryDirectory() as output:
        stack = replace(rendered("graphql", Path(output), options.template), more=LIMITS)
        stack.set_up(ACCOUNTS)
        with serving(stack, "--config", "deploy/gunicorn.conf.py", "--workers", str(WORKERS), hashed=True) as server:
            Reader.server, Reader.host = server, server.url
            Reader.conversations += [log_in(server, Reader.logins) for _ in range(2 * READERS)]
            quiet = read(options.seconds)
            with flooding(server, options.seconds + 2 * WARM_UP) as load:
                busy = read(options.seconds)
            answers = json.loads(load.communicate(timeout=PATIENCE)[0])
            memory = server.memory()

    seconds = options.seconds + 2 * WARM_UP
    rates = {answer: count / seconds for answer, count in answers.items()}
    head = ["`me`", "requests", "median", "99th percentile", "longest"]
    rows = [
        [name, str(len(seen)), *(f"{report.quantile(seen, p):.1f}" for p in (50, 99)), f"{max(seen):.1f}"]
        for name, seen in (("with nobody else there", quiet), (f"beside {CONNECTIONS} connections that log in", busy))
    ]
    parts = [
        f"{CONNECTIONS} connections log in without a rest, to {ACCOUNTS} accounts with their right passwords, each "
        "time from another IPv6 network, so that no limit by client holds them. Milliseconds until `me` is answered:",
        report.table(head, rows),
        f"{rates.get('done', 0):.0f} logins a second were done and {rates.get('throttled', 0):.0f} answered "
        f"`throttled`; the processes held {memory / 2**20:.0f} MiB at the end.",
        f"{WORKERS} gunicorn workers as `deploy/gunicorn.conf.py` has them, SQLite, the default limits, the load on "
        f"the same cores with a niceness of {NICENESS}. {report.machine()}",
    ]
    text = "\n\n".join(parts)
    print(text)
    if options.page:
        report.write(options.page, "flood", text)


def read(seconds: float) -> list[float]:
    """Let readers query `me` for some seconds and return the milliseconds of each response."""
    Reader.latencies.clear()
    play({Reader: READERS}, seconds=seconds)
    return [waited for latency in Reader.latencies["me"] for waited in due(latency)]


def due(latency: float) -> Iterator[float]:
    """Yield a response's milliseconds, and those of the requests that its reader should have sent in the meantime."""
    while latency > 0:
        yield latency
        latency -= PACE


@contextlib.contextmanager
def flooding(server: Server, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Start the load in another process, away from the server's core if possible."""
    options = ["--url", server.url, "--documents", str(server.stack.documents), "--seconds", str(seconds)]
    command = [sys.executable, "-m", "benchmarks.flood", *options]
    load = subprocess.Popen(command, cwd=TEMPLATE, stdout=subprocess.PIPE, text=True)
    try:
        psutil.Process(load.pid).nice(NICENESS)
        time.sleep(WARM_UP)
        yield load
    finally:
        load.wait(PATIENCE + seconds)


def flood(url: str, documents: Path, seconds: float) -> None:
    """Log in for some seconds, and print the number of each outcome."""
    stack = Stack("flooded", documents.parent, "", documents=documents)
    Flood.server, Flood.host = Server(stack, url, psutil.Process()), url
    play({Flood: CONNECTIONS}, seconds=seconds)
    print(json.dumps(Flood.answers))


if __name__ == "__main__":
    main()
