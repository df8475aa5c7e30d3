"""`make bench-load`: measures two processes under mixed traffic, and while logins use all the CPU."""

import argparse
import itertools
import random
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import ClassVar

from locust import between, constant, constant_pacing, task

from benchmarks import report
from benchmarks.load import Client, log_in, play
from benchmarks.operations import Conversation, accounts
from benchmarks.stacks import rendered, serving

ACCOUNTS = 1000
WORKERS = 2
VISITORS, READERS, LOGINS = 8, 2, 8  # clients
MIX = {"me": 60, "verifyToken": 10, "users": 10, "refreshToken": 10, "tokenAuth": 8, "register": 2}  # percent


class Visitor(Client):
    """A client of the server, which is set before it starts."""

    abstract = True
    logins = itertools.cycle(accounts(ACCOUNTS, hashed=True))
    conversations: ClassVar[list[Conversation]] = []  # of logged-in clients that have not started yet
    latencies: ClassVar[dict[str, list[float]]] = defaultdict(list)  # milliseconds, by operation

    def on_start(self) -> None:
        """Take over a conversation."""
        self.conversation = self.conversations.pop()

    def visit(self, operation: str) -> None:
        """Send an operation and record its latency."""
        self.latencies[operation].append(self.ask(operation))


class Mixed(Visitor):
    """Sends various operations with short pauses."""

    wait_time = between(0.01, 0.05)

    @task
    def ask_for_something(self) -> None:
        """Send an operation chosen by its share in the mix."""
        self.visit(*random.choices(list(MIX), list(MIX.values())))


class Reader(Visitor):
    """Queries `me` ten times a second."""

    wait_time = constant_pacing(0.1)

    @task
    def ask_for_me(self) -> None:
        """Query `me`."""
        self.visit("me")


class Login(Visitor):
    """Logs in repeatedly."""

    wait_time = constant(0)

    @task
    def log_in(self) -> None:
        """Log in."""
        self.visit("tokenAuth")


def main() -> None:
    """Measure, and print or write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of mixed traffic; each other part takes a sixth")
    parser.add_argument("--page", type=Path, help="a Markdown page to write the result to")
    options = parser.parse_args()
    short = options.seconds / 6

    with tempfile.TemporaryDirectory() as output:
        stack = rendered("graphql", Path(output))
        stack.set_up(ACCOUNTS)
        with serving(stack, "--config", "deploy/gunicorn.conf.py", "--workers", str(WORKERS), hashed=True) as server:
            Visitor.server, Visitor.host = server, server.url
            traffic({Mixed: VISITORS}, short)
            memory = [server.memory()]
            mixed = traffic({Mixed: VISITORS}, options.seconds)
            memory.append(server.memory())
            alone = traffic({Reader: READERS}, short)
            beside = traffic({Reader: READERS, Login: LOGINS}, short)

    everything = list(itertools.chain.from_iterable(mixed.values()))
    rows = [*((operation, mixed[operation]) for operation in MIX if operation in mixed), ("all", everything)]
    before, after = (f"{size / 2**20:.0f} MiB" for size in memory)
    head = ["operation", "requests", "median", "95th percentile", "99th percentile"]
    cells = [[name, str(len(seen)), *(f"{report.quantile(seen, p):.0f}" for p in (50, 95, 99))] for name, seen in rows]
    quiet, busy = (f"{report.quantile(seen['me'], 95):.0f} ms" for seen in (alone, beside))
    logins = f"{len(beside['tokenAuth']) / short:.0f} logins a second"
    parts = [
        f"{len(everything)} requests of {VISITORS} clients in {options.seconds:g} s, every answer right; "
        f"the processes held {before} before and {after} after. Milliseconds until the answer:",
        report.table(head, cells),
        f"The 95th percentile of `me`: {quiet} with nobody else there, {busy} beside {LOGINS} clients that log in "
        f"without a rest ({logins}).",
        f"{WORKERS} gunicorn workers as `deploy/gunicorn.conf.py` has them, SQLite, {2 * ACCOUNTS} accounts, clients "
        f"on the same cores. {report.machine()}",
    ]
    text = "\n\n".join(parts)
    print(text)
    if options.page:
        report.write(options.page, "load", text)


def traffic(clients: dict[type[Client], int], seconds: float) -> dict[str, list[float]]:
    """Run clients for some seconds and return their latencies."""
    Visitor.latencies.clear()
    Visitor.conversations += [log_in(Visitor.server, Visitor.logins) for _ in range(sum(clients.values()))]
    play(clients, seconds=seconds)
    return dict(Visitor.latencies)


if __name__ == "__main__":
    main()
