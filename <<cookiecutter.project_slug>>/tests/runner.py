"""Lets `manage.py test` run pytest."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent


class PytestRunner:
    """The TEST_RUNNER. Django's own finds only test classes, and would report success without running the others."""

    def __init__(self, *, verbosity: int = 1, failfast: bool = False, keepdb: bool = False, **options: Any) -> None:
        self.arguments = [
            *(["--verbose"] if verbosity > 1 else ["--quiet"] if verbosity < 1 else []),
            *(["--exitfirst"] if failfast else []),
            *(["--reuse-db"] if keepdb else []),
        ]

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare the options of Django's runner that pytest has, too."""
        parser.add_argument("--keepdb", action="store_true", help="Keep the test database for the next run.")

    def run_tests(self, test_labels: Sequence[str], **options: Any) -> int:
        """Run the tests that `test_labels` name, or all, and return the exit status: 0 if they passed.

        A label is like Django's, such as `shop.tests.CartTests`, or like pytest's.
        """
        try:
            import pytest
        except ImportError:
            sys.exit("The tests need pytest, which is in requirements/dev.txt. `make test` installs it and runs them.")
        labels = [_argument(label) for label in test_labels]
        return int(pytest.main([*self.arguments, *(labels or [str(PROJECT)])]))


def _argument(label: str) -> str:
    """Return a label as pytest takes it: a path, and after `::` what is in the file."""
    if "::" in label or Path(label).exists():
        return label
    names = label.split(".")
    for count in range(len(names), 0, -1):
        place = PROJECT.joinpath(*names[:count])
        for path in (place, place.with_name(f"{place.name}.py")):
            if path.exists():
                return "::".join([str(path), *names[count:]])
    return label
