"""Two server processes share one SQLite file, and their requests meet."""

import contextlib
import json
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import RUNSERVER, Project, run, serving

PASSWORD = "a-long-password-1815"


@pytest.fixture(scope="module")
def servers(rendered: Callable[[str, str], Project], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Serve a rendered project twice on one database, and return the addresses."""
    project = rendered("graphql", "email").path
    folder = tmp_path_factory.mktemp("servers")
    environment = {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", "EMAIL_URL": "dummymail://"}
    run(sys.executable, "manage.py", "migrate", "--verbosity", "0", cwd=project, **environment)
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(serving(*RUNSERVER, cwd=project, log=folder / f"{number}.log", **environment))
            for number in range(2)
        ]


@pytest.mark.parametrize("round", range(5))
def test_ten_registrations_of_one_address_make_one_account(servers: list[str], round: int) -> None:
    arguments = f'password1: "{PASSWORD}", password2: "{PASSWORD}"'
    spellings = [f"V{round}@example.com", f" v{round}@Example.com"]
    requests = [f'mutation {{ register(email: "{spellings[n % 2]}", {arguments}) {{ errors }} }}' for n in range(10)]

    answers = [answer["register"]["errors"] for answer in together(servers, requests)]

    assert answers.count(None) == 1
    codes = {error["code"] for errors in answers if errors for details in errors.values() for error in details}
    assert codes <= {"unique", "throttled"}


def test_ten_uses_of_a_refresh_token_have_one_winner(servers: list[str]) -> None:
    email = f'email: "ada@example.com", password1: "{PASSWORD}", password2: "{PASSWORD}"'
    (registered,) = together(servers, [f"mutation {{ register({email}) {{ refreshToken }} }}"])
    token = registered["register"]["refreshToken"]
    use = f'mutation {{ refreshToken(refreshToken: "{token}") {{ success }} }}'

    answers = together(servers, [use] * 10)

    assert [answer["refreshToken"]["success"] for answer in answers].count(True) == 1


def together(servers: list[str], queries: list[str]) -> list[dict[str, Any]]:
    """Send the queries at the same time, to the servers in turn, and return the data of each answer."""

    def send(number: int) -> dict[str, Any]:
        body = json.dumps({"query": queries[number]}).encode()
        request = urllib.request.Request(servers[number % 2], body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        return answer["data"]

    with ThreadPoolExecutor(len(queries)) as threads:
        return list(threads.map(send, range(len(queries))))
