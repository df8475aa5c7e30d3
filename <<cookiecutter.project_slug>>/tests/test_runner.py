"""`manage.py test` runs pytest."""

import subprocess
import sys

import pytest
from django.conf import settings

from tests.runner import PROJECT, PytestRunner, _argument

HERE = "tests/test_runner.py"


def run(*arguments):
    """Run `manage.py test` and return the finished process."""
    command = [sys.executable, "manage.py", "test", *arguments]
    return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)


def test_the_test_command_runs_functions_with_fixtures():
    """Django's own runner found none and reported success."""
    done = run("tests.test_runner.test_a_user_is_there")

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_a_user_is_there(verified):
    assert verified.pk


@pytest.mark.parametrize("label", ["tests.missing", "tests.test_runner.test_missing"])
def test_a_label_that_finds_nothing_is_an_error(label):
    assert run(label).returncode != 0


@pytest.mark.parametrize(
    ("label", "argument"),
    [
        ("tests", "tests"),
        ("tests.test_runner", f"{PROJECT}/{HERE}"),
        ("tests.test_runner.Some.test_it", f"{PROJECT}/{HERE}::Some::test_it"),
        (f"{PROJECT}/{HERE}", f"{PROJECT}/{HERE}"),
        (f"{HERE}::test_it", f"{HERE}::test_it"),
    ],
)
def test_a_label_may_be_like_djangos_or_like_pytests(label, argument):
    assert _argument(label) == argument


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, []),
        ({"verbosity": 2, "failfast": True}, ["--verbose", "--exitfirst"]),
        ({"verbosity": 0, "keepdb": True, "interactive": False}, ["--quiet", "--reuse-db"]),
    ],
)
def test_options_of_the_test_command_are_passed_on(options, arguments):
    assert PytestRunner(**options).arguments == arguments
