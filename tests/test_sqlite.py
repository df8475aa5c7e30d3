"""Two server processes share one SQLite file and answer concurrent requests."""

import contextlib
import functools
import json
import socket
import sqlite3
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import RUNSERVER, Project, run, serving

PASSWORD, NEW_PASSWORD = "a-long-password-1815", "another-password-1852"
REDIS = "redis://127.0.0.1:6379/14"

# No rate limits except for LOGIN_LIMIT; hashes are cheap and counted.
SETTINGS = """
import os
from pathlib import Path

from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.servers.basehttp import WSGIServer

from config.settings import *

FOLDER = Path(__file__).parent
WSGIServer.request_queue_size = 100  # sixty connections at once are more than a developer makes


class CountingHasher(MD5PasswordHasher):
    def encode(self, password, salt):
        with (FOLDER / "hashes").open("a") as hashes:
            hashes.write("#")
        return super().encode(password, salt)


GRAPHQL_AUTH |= {"RATE_LIMITS": {"login": os.environ["LOGIN_LIMIT"]} if "LOGIN_LIMIT" in os.environ else {}}
PASSWORD_HASHERS = ["race_settings.CountingHasher"]
EMAIL_BACKEND, EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", FOLDER / "mails"
"""

# Available to the code that `prepare` runs.
USERS = f"""
import json
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.db.models import F
from graphql_auth import sessions, tokens
from graphql_auth.models import Session, UsedRefreshToken, UserStatus

def user(name, **status):
    made = get_user_model().objects.create_user(f"{{name}}@example.com", "{PASSWORD}")
    made.status.change(verified=True, **status)
    return made
"""


@dataclass(frozen=True)
class Servers:
    """Two servers of a project that share a database."""

    addresses: list[str]
    project: Path
    folder: Path
    environment: dict[str, str]

    def prepare(self, code: str) -> Any:
        """Run Python code in the project, where `user(name)` is available, and return the value of its last line."""
        *before, last = code.strip().splitlines()
        code = "\n".join([USERS, *before, f"print(json.dumps({last}))"])
        shell = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        return json.loads(run(*shell, cwd=self.project, **self.environment).stdout)

    def together(self, *queries: str | Callable[[], Any], token: str = "", **headers: str) -> list[Any]:
        """Send the queries at the same time, alternating between the servers; return the value of each query's field.

        Functions among the queries are called instead of sent.
        """
        barrier = Barrier(len(queries))

        def send(number: int) -> Any:
            query = queries[number]
            barrier.wait()
            return query() if callable(query) else self.ask(query, token, number, **headers)

        with ThreadPoolExecutor(len(queries)) as threads:
            return list(threads.map(send, range(len(queries))))

    def ask(self, query: str, token: str = "", number: int = 0, **headers: str) -> Any:
        """Send a query to one of the servers and return the value of its field."""
        headers |= {"Content-Type": "application/json", "Authorization": f"JWT {token}"}
        request = urllib.request.Request(self.addresses[number % 2], json.dumps({"query": query}).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        (field,) = answer["data"].values()
        return field

    def mails(self) -> Counter[str]:
        """Return the number of mails to each email address."""
        texts = [mail.read_text() for mail in self.folder.glob("mails/*")]
        return Counter(line for text in texts for line in text.splitlines() if line.startswith("To: "))


@contextlib.contextmanager
def serving_twice(project: Path, folder: Path, **environment: str) -> Iterator[Servers]:
    """Serve a project twice on one new database."""
    (folder / "race_settings.py").write_text(SETTINGS)
    environment |= {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "race_settings",
        "PYTHONPATH": str(folder),
    }
    run(sys.executable, "manage.py", "migrate", "--verbosity", "0", cwd=project, **environment)
    logs = [folder / f"{number}.log" for number in range(2)]
    with contextlib.ExitStack() as stack:
        addresses = [stack.enter_context(serving(*RUNSERVER, cwd=project, log=log, **environment)) for log in logs]
        yield Servers(addresses, project, folder, environment)
    assert not [log for log in logs if "Traceback" in log.read_text()]


@pytest.fixture(scope="module")
def servers(rendered: Callable[[str, str], Project], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Serve a project twice, without limits."""
    with serving_twice(rendered("graphql", "email").path, tmp_path_factory.mktemp("servers")) as servers:
        yield servers


def register(email: str) -> str:
    """Return a registration."""
    return f'mutation {{ register(email: "{email}", password1: "{PASSWORD}", password2: "{PASSWORD}") {{ errors }} }}'


def codes(answer: dict[str, Any]) -> set[str]:
    """Return the codes of an answer's errors."""
    return {error["code"] for details in (answer["errors"] or {}).values() for error in details}


def test_thirty_registrations_of_one_address_make_one_account(servers: Servers) -> None:
    for number in range(20):
        spellings = [f"v{number}@example.com", f" V{number}@example.com", f"v{number}@EXAMPLE.com"] * 10

        answers = servers.together(*map(register, spellings))

        assert sorted(map(codes, answers), key=len) == [set(), *[{"unique"}] * 29]

    assert servers.prepare('get_user_model().objects.filter(email__regex="^v[0-9]").count()') == 20
    assert servers.mails() == {f"To: v{number}@example.com": 1 for number in range(20)}


def test_eight_accounts_verify_one_secondary_address_and_one_gets_it(servers: Servers) -> None:
    mailed = servers.prepare("""
users = [user(f"eight{number}") for number in range(8)]
[tokens.make(tokens.SECONDARY_EMAIL, user, email="shared@example.com") for user in users]
""")

    answers = servers.together(
        *(f'mutation {{ verifySecondaryEmail(token: "{token}") {{ errors }} }}' for token in mailed)
    )

    assert sorted(map(codes, answers), key=len) == [set(), *[{"unique"}] * 7]
    assert servers.prepare('UserStatus.objects.filter(secondary_email="shared@example.com").count()') == 1


def test_ten_uses_of_a_refresh_token_have_one_successor(servers: Servers) -> None:
    issued = servers.prepare("""
ten = user("ten")
[sessions.start(ten).refresh_token for round in range(20)]
""")
    uses = [f'mutation {{ refreshToken(refreshToken: "{token}") {{ errors token refreshToken }} }}' for token in issued]

    opened = []
    for use in uses:
        answers = servers.together(*[use] * 10)
        assert [codes(answer) for answer in answers] == [set()] * 10
        assert len({answer["refreshToken"] for answer in answers}) == 1
        opened += [answer["token"] for answer in answers]
    assert servers.prepare("UsedRefreshToken.objects.count()") == 20
    assert all(servers.ask("{ me { email } }", token) for token in opened)

    servers.prepare('Session.objects.update(refreshed_at=F("refreshed_at") - timedelta(minutes=1))')
    assert [codes(servers.ask(use)) for use in uses] == [{"invalid_token"}] * 20
    assert not any(servers.ask("{ me { email } }", token) for token in opened)


def test_ten_uses_of_a_reset_token_have_one_winner_whose_password_counts(servers: Servers) -> None:
    token = servers.prepare('tokens.make(tokens.PASSWORD_RESET, user("forgetful"))')
    words = [f"{NEW_PASSWORD}-{number}" for number in range(10)]
    reset = 'mutation {{ passwordReset(token: "{0}", newPassword1: "{1}", newPassword2: "{1}") {{ errors }} }}'.format

    answers = servers.together(*(reset(token, word) for word in words))

    won = [word for word, answer in zip(words, answers, strict=True) if not codes(answer)]
    assert sorted(map(codes, answers), key=len) == [set(), *[{"invalid_token"}] * 9]
    log_in = 'mutation {{ tokenAuth(email: "forgetful@example.com", password: "{}") {{ success }} }}'.format
    assert [word for word in [PASSWORD, *words] if servers.ask(log_in(word))["success"]] == won


def test_an_update_beside_other_changes_loses_none_of_them(servers: Servers) -> None:
    issued = servers.prepare("""
users = [user(f"many{number}", secondary_email=f"other{number}@example.com") for number in range(50)]
[[user.pk, sessions.start(user).token] for user in users]
""")
    words = f'oldPassword: "{PASSWORD}", newPassword1: "{NEW_PASSWORD}", newPassword2: "{NEW_PASSWORD}"'
    change = f"mutation {{ passwordChange({words}) {{ success }} }}"
    swap = f'mutation {{ swapEmails(password: "{PASSWORD}") {{ success }} }}'
    update = 'mutation { updateAccount(firstName: "Ada") { success } }'

    expected = []
    for number, (pk, token) in enumerate(issued):
        ban = functools.partial(write, servers, f"UPDATE users_customuser SET is_active = 0 WHERE id = {pk}")
        which = number % 3
        updated, changed = servers.together(update, [change, ban, swap][which], token=token)
        assert changed["success"] is True
        expected.append(["Ada" if updated["success"] else "", which == 0, which == 1, which == 2])

    assert expected == servers.prepare(f"""
users = get_user_model().objects.filter(status__secondary_email__regex="^(many|other)").order_by("pk")
def changed(user):
    password, email = user.check_password("{NEW_PASSWORD}"), user.email.startswith("other")
    return [user.first_name, password, not user.is_active, email]

[changed(user) for user in users]
""")


def write(servers: Servers, statement: str) -> dict[str, bool]:
    """Write to the database from this process, and return whether a row changed."""
    with contextlib.closing(sqlite3.connect(servers.folder / "db.sqlite3", timeout=20)) as connection, connection:
        return {"success": connection.execute(statement).rowcount == 1}


def test_sixty_wrong_passwords_at_once_compute_five_hashes(
    rendered: Callable[[str, str], Project], tmp_path: Path
) -> None:
    with socket.socket() as client:
        if client.connect_ex(("127.0.0.1", 6379)) != 0:
            pytest.skip("needs Redis at 127.0.0.1:6379: redis-server, or docker run -p 6379:6379 redis")
    environment = {"LOGIN_LIMIT": "5/15 minutes", "RATE_LIMIT_STORAGE_URI": REDIS, "TRUSTED_PROXIES": "1"}
    log_in = 'mutation { tokenAuth(email: "victim@example.com", password: "wrong") { errors } }'
    with serving_twice(rendered("graphql", "email").path, tmp_path, **environment) as servers:
        servers.prepare('user("victim").pk')
        (tmp_path / "hashes").write_text("")

        # A unique client, so that attempts counted in Redis by other runs do not matter.
        answers = servers.together(*[log_in] * 60, **{"X-Forwarded-For": f"fd00:{uuid4().hex[:4]}::1"})

    assert Counter(code for answer in answers for code in codes(answer)) == {"invalid_credentials": 5, "throttled": 55}
    assert len((tmp_path / "hashes").read_text()) == 5
