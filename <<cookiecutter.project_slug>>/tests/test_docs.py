"""The documentation refers to existing tests."""

import ast
import functools
import re
from pathlib import Path

import pytest
from django.conf import settings

PROMISES = Path(settings.BASE_DIR, "docs/security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`((?!tests/)(?:\w+/)*test_\w+\.py)(?:::(\w+))?`", PROMISES)


def test_every_promise_names_a_test():
    rows = re.findall(r"^\| (?!Promise|Stage)(.+) \|$", PROMISES, re.MULTILINE)

    assert [row for row in rows if not re.search(r"`(\w+/)*test_", row)] == []


@pytest.mark.parametrize(("module", "name"), NAMED)
def test_a_test_that_is_named_exists(module, name):
    functions = functions_of(module)

    assert not name or name in functions


@functools.cache
def functions_of(module):
    """Return the names of a test module's functions; many promises name the same module."""
    source = Path(settings.BASE_DIR, "tests", module).read_text(encoding="utf-8")
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
