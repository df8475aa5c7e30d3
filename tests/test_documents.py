"""No document takes long to read, whatever is in it: `make fuzz` measures 100,000 of them.

In `make test`, where other tests run beside it, a few are read and nothing is said of the time they take.
"""

import json
import os
import sys
from collections.abc import Callable

import pytest

from tests.conftest import TEMPLATE, Project, run

DOCUMENTS = int(os.environ.get("FUZZ_DOCUMENTS", "60"))
FLAVOURS = [("graphql", "username"), ("relay", "email")]
MOST_MILLISECONDS = 50
# How many times as long as a plain document of the same length.
MOST_TIMES = 30


@pytest.mark.parametrize("flavour", FLAVOURS, ids="-".join)
def test_no_document_takes_long_to_read(rendered: Callable[[str, str], Project], flavour: tuple[str, str]) -> None:
    project = rendered(*flavour).path
    script = TEMPLATE / "tests/measure_documents.py"

    measured = json.loads(
        run(sys.executable, script, str(DOCUMENTS // len(FLAVOURS)), cwd=project, PYTHONPATH=str(project)).stdout
    )

    print(json.dumps(measured, indent=2))
    assert measured["documents"] == DOCUMENTS // len(FLAVOURS)
    assert measured["valid"]
    if "FUZZ_DOCUMENTS" in os.environ:
        assert measured["milliseconds"] <= MOST_MILLISECONDS, measured["slowest"]
        assert measured["times"] <= MOST_TIMES, measured["slowest for its length"]
