"""`make bench-render`: measures rendering the template, compared with a template of one file."""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import report
from benchmarks.stacks import TEMPLATE, run


def main() -> None:
    """Measure, and print or write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--page", type=Path, help="a Markdown page to write the result to")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as output:
        one_file = Path(output) / "one-file-template"
        (one_file / "{{cookiecutter.name}}").mkdir(parents=True)
        (one_file / "cookiecutter.json").write_text('{"name": "one_file"}')
        (one_file / "{{cookiecutter.name}}/README.md").write_text("# {{ cookiecutter.name }}\n")
        rounds = [
            [render(template, Path(output) / f"{number}") for template in (one_file, TEMPLATE)]
            for number in range(options.rounds)
        ]

    ours = statistics.median(ours for _, ours in rounds)
    base = statistics.median(base for base, _ in rounds)
    ratio = statistics.median(ours / base for base, ours in rounds)
    text = (
        f"This template {ours:.2f} s, a template of one file {base:.2f} s: {ratio:.2f} times as long. "
        f"Medians of {options.rounds} interleaved rounds, Python's start included. {report.machine()}"
    )
    print(text)
    if options.page:
        report.write(options.page, "rendering", text)


def render(template: Path, output: Path) -> float:
    """Render a template with its default answers and return the seconds."""
    start = time.perf_counter()
    run(sys.executable, "-m", "cookiecutter", template, "--no-input", "--default-config", "--output-dir", output)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
