"""The benchmarks run and write their results. The runs are too short for meaningful numbers."""

import random
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import timing
from benchmarks.operations import Account, Conversation, WrongAnswerError
from tests.conftest import TEMPLATE, run

SMALL = ["--rounds", "1", "--seconds", "0.1", "--clients", "1", "--accounts", "21"]
OPERATIONS = ["verifyToken", "me", "users(first: 20)", "refreshToken"]
OPERATIONS += [f"{name}{variant}" for variant in (", hash taken out", "") for name in ("tokenAuth", "register")]

ME = {"username": "user1"}
WRONG_ANSWERS = {
    "verifyToken": {"payload": {"username": "user2"}},
    "me": {"email": "user2@example.com"},
    "users": {"edges": [{"node": {"email": "user1@example.com"}}] * 20, "pageInfo": {"hasNextPage": True}},
    "refreshToken": {"token": "new", "refreshToken": "the last one", "payload": ME},
    "tokenAuth": {"token": "new", "refreshToken": None},
    "register": {"success": False},
}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a copy of the page that the benchmarks write to."""
    copy = tmp_path / "performance.md"
    copy.write_text((TEMPLATE / "docs/performance.md").read_text())
    return copy


def rows(text: str) -> list[list[str]]:
    """Return the cells of each row of the tables in a text."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]


def test_every_operation_is_measured_on_every_stack(page: Path) -> None:
    run(sys.executable, "-m", "benchmarks.compare", *SMALL, "--page", page, cwd=TEMPLATE)

    part = page.read_text().partition("<!-- requests -->")[2].partition("<!-- end of requests -->")[0]
    head, _, *cpu = rows(part)[: len(OPERATIONS) + 2]
    assert head == ["operation", "floor", "GraphQL", "Relay", "plain"]
    assert [row[0] for row in cpu] == OPERATIONS
    assert all(re.fullmatch(r"\d+ µs", row[1]) and re.fullmatch(r"[\d.]+", cell) for row in cpu for cell in row[2:])
    chart = ET.fromstring(page.with_suffix(".svg").read_text())
    assert {text.text for text in chart.iter("{http://www.w3.org/2000/svg}text")} >= {*OPERATIONS, *head[1:]}


@pytest.mark.parametrize("operation", WRONG_ANSWERS)
def test_a_wrong_answer_is_noticed(operation: str) -> None:
    conversation = Conversation(iter([]))
    conversation.account = Account(1)
    conversation.refresh_token = "the last one"
    with pytest.raises(WrongAnswerError):
        conversation.hear(operation, WRONG_ANSWERS[operation])


def test_rendering_is_measured(page: Path) -> None:
    run(sys.executable, "-m", "benchmarks.rendering", "--rounds", "1", "--page", page, cwd=TEMPLATE)
    assert re.search(r"<!-- rendering -->\n\nThis template [\d.]+ s", page.read_text())


def test_traffic_is_measured(page: Path) -> None:
    run(sys.executable, "-m", "benchmarks.traffic", "--seconds", "1", "--page", page, cwd=TEMPLATE)
    assert "95th percentile of `me`" in page.read_text().partition("<!-- load -->")[2]


def test_a_flood_of_logins_is_measured(page: Path) -> None:
    run(sys.executable, "-m", "benchmarks.flood", "--seconds", "2", "--page", page, cwd=TEMPLATE)
    part = page.read_text().partition("<!-- flood -->")[2].partition("<!-- end of flood -->")[0]
    _, _, quiet, busy = rows(part)
    assert all(re.fullmatch(r"[\d.]+", cell) for row in (quiet, busy) for cell in row[1:])
    assert re.search(r"[1-9]\d* answered `throttled`", part)


@pytest.mark.parametrize(("later", "least", "most"), [(0, 45, 55), (0.5, 90, 99), (-0.5, 90, 99), (5, 99, 100)])
def test_a_threshold_tells_times_apart_as_far_as_they_differ(later: float, least: float, most: float) -> None:
    noise = random.Random(0)
    answers = timing.Answers(
        known=[noise.gauss(5 + later, 0.15) for _ in range(1000)], unknown=[noise.gauss(5, 0.15) for _ in range(1000)]
    )

    assert least <= answers.recognised() <= most


@pytest.mark.parametrize(
    ("known", "unknown", "threshold"),
    [
        ([5, 6, 7], [1, 2, 3], (3, True)),
        ([1, 2, 3], [5, 6, 7], (3, False)),
        ([1, 5, 6, 8], [2, 3, 4, 7], (4, True)),
    ],
)
def test_the_best_threshold_is_found(known: list[float], unknown: list[float], threshold: tuple[float, bool]) -> None:
    assert timing.best_threshold(known, unknown) == threshold
