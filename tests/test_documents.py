"""No document takes long to read, whatever it contains.

`make fuzz` measures 100,000 documents. `make test` reads only a few and does not check the times, because other tests
run in parallel.
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
MOST_TIMES = 30  # as long as a plain document of the same length


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
