"""Presents the results: tables, a chart and the machine."""

import argparse
import datetime
import os
import platform
import re
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.operations import Row


@dataclass(frozen=True)
class Burst:
    """The results of clients sending an operation."""

    cpu: float  # seconds of the server per request
    latencies: list[float]  # milliseconds


Measured = dict[Row, dict[str, list[Burst]]]  # by the stack's name, one for each round

THERE = " there"  # the suffix of a project that another checkout rendered

# Dimensions of the chart in pixels.
WIDTH, LABEL, MARGIN, TOP, SWATCH, BAR, GAP = 760, 220, 50, 62, 110, 14, 16
CHART = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title description">
  <title id="title">CPU for one request, as a multiple of a hand-written view</title>
  <desc id="description">{description}.</desc>
  <style>
    svg {{ background: #fff; font: 13px system-ui, sans-serif; fill: #1f2328; }}
    .value {{ font-size: 11px; fill: #59636e; }}
    line {{ stroke: #59636e; stroke-dasharray: 4 3; }}
    .stack0 {{ fill: #0969da; }} .stack1 {{ fill: #8250df; }} .stack2 {{ fill: #9a6700; }}
    @media (prefers-color-scheme: dark) {{
      svg {{ background: #0d1117; fill: #f0f6fc; }}
      .value {{ fill: #9198a1; }}
      line {{ stroke: #9198a1; }}
      .stack0 {{ fill: #58a6ff; }} .stack1 {{ fill: #bc8cff; }} .stack2 {{ fill: #d29922; }}
    }}
  </style>
  {marks}
</svg>
"""


def comparison(measured: Measured, names: Sequence[str], options: argparse.Namespace) -> str:
    """Return the tables of CPU and latency, and how they were measured. The first stack is the floor."""
    floor, *others = names
    cpu = [
        [str(row), f"{1e6 * statistics.median(burst.cpu for burst in seen[floor]):.0f} µs"]
        + [f"{ratio(seen[name], seen[floor]):.1f}" for name in others]
        for row, seen in measured.items()
    ]
    latency = [
        [str(row), *(f"{percentile(seen[name], 50):.1f} / {percentile(seen[name], 99):.1f}" for name in names)]
        for row, seen in measured.items()
    ]
    parts = [
        "CPU of the server for one request: the floor's in microseconds, the others' as a multiple of it.",
        table(["operation", *names], cpu),
        "Milliseconds until the answer, median / 99th percentile, for "
        f"{options.clients} clients that each ask again at once.",
        table(["operation", *names], latency),
    ]
    if here := [name for name in names if name + THERE in names]:
        change = [
            [str(row), *(f"{ratio(seen[name], seen[name + THERE]):.2f}" for name in here)]
            for row, seen in measured.items()
        ]
        parts += ["CPU here as a multiple of that there.", table(["operation", *here], change)]
    conditions = (
        f"Medians of {options.rounds} interleaved rounds of {options.seconds:g} s, "
        f"one gunicorn worker (gthread) with one thread, SQLite, {2 * options.accounts} accounts."
    )
    return "\n\n".join([*parts, f"{conditions} {machine()}"])


def ratio(seen: Iterable[Burst], base: Iterable[Burst]) -> float:
    """Return the median of the rounds' ratios of CPU."""
    return statistics.median(one.cpu / other.cpu for one, other in zip(seen, base, strict=True))


def percentile(bursts: Iterable[Burst], percent: int) -> float:
    """Return the median of the rounds' percentiles of latency."""
    return statistics.median(quantile(burst.latencies, percent) for burst in bursts)


def quantile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of `values`."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with texts in the first column and numbers in the others."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def machine() -> str:
    """Return a sentence about the machine and the date."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "graphene", "gunicorn"))
    today = datetime.datetime.now(datetime.UTC).date()
    system = f"{os.cpu_count()} cores; {platform.system()}; Python {platform.python_version()}"
    return f"{processor()}, {system}, {packages}; {today}."


def processor() -> str:
    """Return the name of the processor."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", cpuinfo.read_text() if cpuinfo.exists() else "", re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def write(page: Path, part: str, text: str) -> None:
    """Put `text` between the markers of a part of the page."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    before, found, rest = page.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        sys.exit(f"{page} needs the lines {begin.strip()} and {end}.")
    page.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


def chart(measured: Measured, names: Sequence[str]) -> str:
    """Return an SVG chart with a bar per operation and stack, as multiples of the floor."""
    floor, *others = names
    ratios = {str(row): [ratio(seen[name], seen[floor]) for name in others] for row, seen in measured.items()}
    unit = (WIDTH - LABEL - MARGIN) / max(1, *(value for values in ratios.values() for value in values))
    group = BAR * len(others) + GAP
    height = TOP + group * len(ratios)
    one = LABEL + unit
    marks = [
        f'<rect x="{LABEL + SWATCH * n}" y="12" width="{BAR - 2}" height="{BAR - 2}" class="stack{n}"/>'
        f'<text x="{LABEL + SWATCH * n + BAR + 4}" y="23">{escape(name)}</text>'
        for n, name in enumerate(others)
    ]
    for i, (operation, values) in enumerate(ratios.items()):
        y = TOP + group * i
        middle = y + (group - GAP) / 2 + 4
        marks.append(f'<text x="{LABEL - 10}" y="{middle}" text-anchor="end">{escape(operation)}</text>')
        for n, value in enumerate(values):
            top, end = y + BAR * n, LABEL + unit * value
            marks.append(
                f'<rect x="{LABEL}" y="{top}" width="{unit * value:.1f}" height="{BAR - 2}" class="stack{n}"/>'
                f'<text x="{end + 5:.1f}" y="{top + 10}" class="value">{value:.1f}</text>'
            )
    marks.append(
        f'<line x1="{one:.1f}" x2="{one:.1f}" y1="{TOP - 6}" y2="{height - GAP + 4}"/>'
        f'<text x="{one:.1f}" y="{TOP - 10}" text-anchor="middle" class="value">{escape(floor)}</text>'
    )
    description = "; ".join(
        f"{operation}: " + ", ".join(f"{name} {value:.1f}" for name, value in zip(others, values, strict=True))
        for operation, values in ratios.items()
    )
    return CHART.format(width=WIDTH, height=height, description=escape(description), marks="\n  ".join(marks))
