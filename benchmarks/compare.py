"""`make bench`: measures the cost of a request in each stack."""

import argparse
import contextlib
import itertools
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import report
from benchmarks.load import burst
from benchmarks.operations import ROWS, accounts
from benchmarks.report import THERE, Measured
from benchmarks.stacks import FLAVOURS, Stack, floor, pin, plain, rendered, serving

WARM_UP = 0.3  # seconds
ALONE = ("--worker-class", "gthread", "--workers", "1", "--threads", "1")


def main() -> None:
    """Measure, and print or write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="per operation and round")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--against", type=Path, help="another checkout of the template, to measure beside this one")
    parser.add_argument("--page", type=Path, help="a Markdown page to write the table to; the chart goes beside it")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as output:
        stacks = [floor(Path(output)), *(rendered(api, Path(output)) for api in FLAVOURS), plain(Path(output))]
        if options.against:
            stacks += [rendered(api, Path(output), options.against.resolve(), THERE) for api in FLAVOURS]
        for stack in stacks:
            say(f"Setting up {stack.name}.")
            stack.set_up(options.accounts)
        measured = measure(stacks, options)

    names = [stack.name for stack in stacks]
    text = report.comparison(measured, names, options)
    print(text)
    if options.page:
        report.write(options.page, "requests", text)
        options.page.with_suffix(".svg").write_text(report.chart(measured, names))


def measure(stacks: list[Stack], options: argparse.Namespace) -> Measured:
    """Measure each operation in all stacks, once per round."""
    measured: Measured = {row: {stack.name: [] for stack in stacks} for row in ROWS}
    # Separate cores for server and clients.
    pin(os.getpid(), -1)
    for hashed in (False, True):
        rows = [row for row in ROWS if row.hashed == hashed]
        with contextlib.ExitStack() as running:
            servers = [running.enter_context(serving(stack, *ALONE, hashed=hashed, core=0)) for stack in stacks]
            logins = {server: itertools.cycle(accounts(options.accounts, hashed=hashed)) for server in servers}
            for row, server in itertools.product(rows, servers):
                burst(server, row.operation, logins[server], clients=options.clients, seconds=WARM_UP)
            for number in range(options.rounds):
                say(f"Round {number + 1} of {options.rounds}, {'with' if hashed else 'without'} hash.")
                for row, server in itertools.product(rows, servers):
                    seen = burst(
                        server, row.operation, logins[server], clients=options.clients, seconds=options.seconds
                    )
                    measured[row][server.stack.name].append(seen)
    return measured


def say(progress: str) -> None:
    """Print the progress."""
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
