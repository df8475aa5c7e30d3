"""Two server processes share one SQLite file, and their requests meet."""

import contextlib
import json
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RUNSERVER, Project, run, serving

PASSWORD = "a-long-password-1815"
USERS = f"""
import json
from django.contrib.auth import get_user_model
from graphql_auth import sessions, tokens

def user(name):
    made = get_user_model().objects.create_user(f"{{name}}@example.com", "{PASSWORD}")
    made.status.change(verified=True)
    return made
"""


@dataclass(frozen=True)
class Servers:
    """A project that is served twice on one database."""

    addresses: list[str]
    project: Path
    environment: dict[str, str]

    def prepare(self, code: str) -> Any:
        """Run Python in the project, with `user(name)` at hand, and return what its last expression is."""
        *before, last = code.strip().splitlines()
        code = "\n".join([USERS, *before, f"print(json.dumps({last}))"])
        shell = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        return json.loads(run(*shell, cwd=self.project, **self.environment).stdout)


@pytest.fixture(scope="module")
def servers(rendered: Callable[[str, str], Project], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Serve a rendered project twice on one database."""
    project = rendered("graphql", "email").path
    folder = tmp_path_factory.mktemp("servers")
    environment = {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", "EMAIL_URL": "dummymail://"}
    run(sys.executable, "manage.py", "migrate", "--verbosity", "0", cwd=project, **environment)
    with contextlib.ExitStack() as stack:
        addresses = [
            stack.enter_context(serving(*RUNSERVER, cwd=project, log=folder / f"{number}.log", **environment))
            for number in range(2)
        ]
        yield Servers(addresses, project, environment)


@pytest.mark.parametrize("round", range(5))
def test_ten_registrations_of_one_address_make_one_account(servers: Servers, round: int) -> None:
    arguments = f'password1: "{PASSWORD}", password2: "{PASSWORD}"'
    spellings = [f"V{round}@example.com", f" v{round}@Example.com"]
    requests = [f'mutation {{ register(email: "{spellings[n % 2]}", {arguments}) {{ errors }} }}' for n in range(10)]

    answers = [answer["register"]["errors"] for answer in together(servers, requests)]

    assert answers.count(None) == 1
    codes = {error["code"] for errors in answers if errors for details in errors.values() for error in details}
    assert codes <= {"unique", "throttled"}


def test_ten_uses_of_a_refresh_token_have_one_winner(servers: Servers) -> None:
    email = f'email: "ada@example.com", password1: "{PASSWORD}", password2: "{PASSWORD}"'
    (registered,) = together(servers, [f"mutation {{ register({email}) {{ refreshToken }} }}"])
    token = registered["register"]["refreshToken"]
    use = f'mutation {{ refreshToken(refreshToken: "{token}") {{ success }} }}'

    answers = together(servers, [use] * 10)

    assert [answer["refreshToken"]["success"] for answer in answers].count(True) == 1


def test_eight_accounts_verify_one_secondary_address_and_one_gets_it(servers: Servers) -> None:
    tokens = servers.prepare("""
users = [user(f"user{number}") for number in range(8)]
[tokens.make(tokens.SECONDARY_EMAIL, user, email="shared@example.com") for user in users]
""")

    answers = together(
        servers, [f'mutation {{ verifySecondaryEmail(token: "{token}") {{ success }} }}' for token in tokens]
    )

    assert [answer["verifySecondaryEmail"]["success"] for answer in answers].count(True) == 1


def test_ten_uses_of_a_reset_token_have_one_winner(servers: Servers) -> None:
    token = servers.prepare('tokens.make(tokens.PASSWORD_RESET, user("bob"))')
    words = [f'newPassword1: "{PASSWORD}{number}", newPassword2: "{PASSWORD}{number}"' for number in range(10)]

    answers = together(
        servers, [f'mutation {{ passwordReset(token: "{token}", {word}) {{ errors }} }}' for word in words]
    )

    errors = [answer["passwordReset"]["errors"] for answer in answers]
    assert errors.count(None) == 1
    assert [error["nonFieldErrors"][0]["code"] for error in errors if error] == ["invalid_token"] * 9


def test_an_update_beside_a_password_change_loses_neither(servers: Servers) -> None:
    token = servers.prepare('sessions.start(user("cat")).token')
    words = f'oldPassword: "{PASSWORD}", newPassword1: "{PASSWORD}!", newPassword2: "{PASSWORD}!"'
    change = f"mutation {{ passwordChange({words}) {{ success }} }}"
    updates = [f'mutation {{ updateAccount(firstName: "{number}") {{ success }} }}' for number in range(8)]

    changed, *updated = together(servers, [change, *updates], token)

    assert changed["passwordChange"]["success"] is True
    cat = 'get_user_model().objects.get(email="cat@example.com")'
    stored = servers.prepare(f'[{cat}.check_password("{PASSWORD}!"), {cat}.first_name]')
    assert stored[0] is True
    assert (stored[1] != "") is any(answer["updateAccount"]["success"] for answer in updated)


def together(servers: Servers, queries: list[str], token: str = "") -> list[dict[str, Any]]:
    """Send the queries at the same time, to the servers in turn, and return the data of each answer."""

    def send(number: int) -> dict[str, Any]:
        body = json.dumps({"query": queries[number]}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"JWT {token}"}
        request = urllib.request.Request(servers.addresses[number % 2], body, headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        return answer["data"]

    with ThreadPoolExecutor(len(queries)) as threads:
        return list(threads.map(send, range(len(queries))))
