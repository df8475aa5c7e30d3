"""The documentation speaks of what is here."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

NAMED = re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", Path(settings.BASE_DIR, "docs/security.md").read_text())


def test_every_promise_names_a_test():
    text = Path(settings.BASE_DIR, "docs/security.md").read_text()
    rows = re.findall(r"^\| (?!promise|stage)(.+) \|$", text, re.MULTILINE)

    assert [row for row in rows if "`test_" not in row] == []


@pytest.mark.parametrize(("module", "name"), NAMED)
def test_a_test_that_is_named_exists(module, name):
    source = Path(settings.BASE_DIR, "tests", module).read_text(encoding="utf-8")

    tests = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    assert not name or name in tests
