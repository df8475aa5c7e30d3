"""Refreshing and revoking over real HTTP: several tabs, lost responses and stolen tokens.

The project is served as in production, by two processes of gunicorn with threads, on PostgreSQL and Redis.
"""

import os
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.conftest import Project, create_demo_users, require_server, serving
from tests.test_projects import PRODUCTION

POSTGRESQL = "postgres://postgres@127.0.0.1:5432"
NAME = f"tabs_{os.getpid()}"
GUNICORN = [
    *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "{address}"),
    "config.wsgi",
]
EMAIL = "user2@email.com"
TOKENS = "success errors token refreshToken refreshExpiresIn"
LOG_IN = f'mutation {{ tokenAuth(email: "{EMAIL}", password: "demo-password-123") {{ {TOKENS} }} }}'
REFRESH = f"mutation ($token: String!) {{ refreshToken(refreshToken: $token) {{ {TOKENS} }} }}"
REVOKE = "mutation ($token: String!) { revokeToken(refreshToken: $token) { success errors revoked } }"
ME = "{ me { email } }"
INVALID = {"nonFieldErrors": [{"message": "Invalid token.", "code": "invalid_token"}]}


class Proxy(socketserver.ThreadingTCPServer):
    """Passes bytes on to the server. While `passes` is a number, a response is cut off after so many bytes."""

    daemon_threads = True

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.target = target
        self.passes: int | None = None


class Passing(socketserver.BaseRequestHandler):
    """A connection through the proxy."""

    server: Proxy

    def handle(self) -> None:
        """Pass the request on, and the response as far as the proxy lets it."""
        with socket.create_connection(self.server.target) as upstream:
            threading.Thread(target=self.pass_request, args=[upstream], daemon=True).start()
            while response := upstream.recv(1 << 16):
                if self.server.passes is not None:
                    self.request.sendall(response[: self.server.passes])
                    return
                self.request.sendall(response)

    def pass_request(self, upstream: socket.socket) -> None:
        """Pass bytes of the client on until either side closes the connection."""
        try:
            while request := self.request.recv(1 << 16):
                upstream.sendall(request)
        except OSError:
            pass


class Tab:
    """A tab of a browser, or another program, with connections of its own."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.session = requests.Session()
        self.session.headers.update({"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})

    def ask(self, query: str, access: str | None = None, **variables: str) -> Any:
        """Return the data of a response."""
        response = self.session.post(
            self.endpoint,
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {access}"} if access else {},
            timeout=30,
        )
        assert response.status_code == 200, response.text
        answer = response.json()
        assert "errors" not in answer, answer
        return answer["data"]

    def log_in(self) -> dict[str, Any]:
        """Open a session and return its payload."""
        payload: dict[str, Any] = self.ask(LOG_IN)["tokenAuth"]
        assert payload["success"], payload
        return payload

    def refresh(self, token: str) -> dict[str, Any]:
        """Return the payload of refreshToken."""
        return self.ask(REFRESH, token=token)["refreshToken"]

    def revoke(self, token: str) -> dict[str, Any]:
        """Return the payload of revokeToken."""
        return self.ask(REVOKE, token=token)["revokeToken"]

    def is_logged_in(self, access: str) -> bool:
        """Return whether an access token works."""
        return self.ask(ME, access)["me"] == {"email": EMAIL}


@dataclass(frozen=True)
class Site:
    """The served project."""

    endpoint: str
    mails: Path
    proxy: Proxy

    def tab(self) -> Tab:
        """Open a tab."""
        return Tab(self.endpoint)

    def tab_behind_proxy(self) -> Tab:
        """Open a tab whose responses the proxy can lose."""
        return Tab(f"http://127.0.0.1:{self.proxy.server_address[1]}/graphql")

    def minute_passes(self) -> None:
        """Let the grace period end: a session that was refreshed before this was refreshed a minute earlier."""
        with psycopg.connect(f"{POSTGRESQL}/{NAME}") as database:
            database.execute("update graphql_auth_session set refreshed_at = refreshed_at - interval '1 minute'")

    def mailed(self) -> int:
        """Return how many mails told of a reused token, and forget them."""
        mails = [*self.mails.iterdir()] if self.mails.exists() else []
        count = sum(mail.read_text().count("Subject: A session of your account") for mail in mails)
        for mail in mails:
            mail.unlink()
        return count


@pytest.fixture(scope="module")
def served(rendered: Callable[[str, str], Project], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a project on a database of its own, with the demo users."""
    require_server("PostgreSQL", 5432, "with trust for the user postgres")
    require_server("Redis", 6379)
    project, folder = rendered("graphql", "username"), tmp_path_factory.mktemp("served")
    surroundings = PRODUCTION | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"{POSTGRESQL}/{NAME}",
        "EMAIL_URL": f"filemail:///{folder}/mails",
        "MAIL_QUEUE": "immediate",
        "RATE_LIMIT_PREFIX": NAME,
        "WEB_CONCURRENCY": "2",
    }
    with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as server:
        server.execute(f"drop database if exists {NAME} with (force)")
        server.execute(f"create database {NAME}")
        try:
            create_demo_users(project, **surroundings)
            with serving(*GUNICORN, cwd=project.path, log=folder / "log", **surroundings) as endpoint:
                port = int(endpoint.rpartition(":")[2].partition("/")[0])
                with Proxy(("127.0.0.1", port)) as proxy:
                    threading.Thread(target=proxy.serve_forever, daemon=True).start()
                    yield Site(endpoint, folder / "mails", proxy)
                    proxy.shutdown()
        finally:
            server.execute(f"drop database {NAME} with (force)")


@pytest.fixture
def site(served: Site) -> Site:
    """Return the served project without mails, behind a proxy that loses nothing."""
    served.mailed()
    served.proxy.passes = None
    return served


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Call all at the same moment; return what they returned."""
    barrier = threading.Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        barrier.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, calls))


@pytest.mark.parametrize("number", [2, 8])
def test_tabs_that_refresh_at_the_same_moment_share_one_session(site: Site, number: int) -> None:
    tabs = [site.tab() for _ in range(number)]
    shared = tabs[0].log_in()["refreshToken"]
    for _ in range(3):
        answers = together(*(partial(tab.refresh, shared) for tab in tabs))

        assert [answer["success"] for answer in answers] == [True] * number
        [successor] = {answer["refreshToken"] for answer in answers}
        assert successor not in (None, shared)
        assert len({answer["refreshExpiresIn"] for answer in answers}) == 1
        assert [tab.is_logged_in(answer["token"]) for tab, answer in zip(tabs, answers, strict=True)] == [True] * number
        shared = successor
        site.minute_passes()
    assert site.mailed() == 0


def test_tabs_that_log_out_at_the_same_moment_all_hear_that_it_worked(site: Site) -> None:
    tabs = [site.tab() for _ in range(8)]
    used_last = tabs[0].log_in()["refreshToken"]
    current = tabs[0].refresh(used_last)
    site.minute_passes()

    tokens = [used_last, current["refreshToken"]] * 4
    answers = together(*(partial(tab.revoke, token) for tab, token in zip(tabs, tokens, strict=True)))

    assert [answer["success"] for answer in answers] == [True] * 8
    assert len({answer["revoked"] for answer in answers}) == 1
    assert not tabs[1].is_logged_in(current["token"])
    assert site.mailed() == 0


def test_a_tab_that_refreshes_while_another_logs_out_does_not_keep_the_session(site: Site) -> None:
    tabs = [site.tab() for _ in range(8)]
    shared = tabs[0].log_in()["refreshToken"]

    revoked, *refreshed = together(partial(tabs[0].revoke, shared), *(partial(tab.refresh, shared) for tab in tabs[1:]))

    assert revoked["success"]
    for answer in refreshed:
        assert answer["success"] or answer["errors"] == INVALID
        assert not answer["success"] or not tabs[0].is_logged_in(answer["token"])
        assert tabs[0].refresh(answer["refreshToken"] or shared)["errors"] == INVALID
    assert site.mailed() == 0


@pytest.mark.parametrize("passes", [0, 100], ids=["nothing arrives", "a part arrives"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_response_logs_nobody_out(site: Site, passes: int, times: int) -> None:
    tab = site.tab_behind_proxy()
    token = tab.log_in()["refreshToken"]
    lose(site, tab, REFRESH, token, passes, times)

    again = tab.refresh(token)

    assert again["success"]
    assert tab.is_logged_in(again["token"])
    site.minute_passes()
    assert tab.refresh(again["refreshToken"])["success"]
    assert site.mailed() == 0


def test_a_retry_after_the_grace_period_ends_the_session_and_no_other(site: Site) -> None:
    tab, other = site.tab_behind_proxy(), site.tab().log_in()
    opened = tab.log_in()
    lose(site, tab, REFRESH, opened["refreshToken"])
    assert tab.is_logged_in(opened["token"])
    site.minute_passes()

    for _ in range(2):
        again = tab.refresh(opened["refreshToken"])
        assert (again["token"], again["refreshToken"], again["errors"]) == (None, None, INVALID)

    assert not tab.is_logged_in(opened["token"])
    assert tab.is_logged_in(other["token"])
    assert tab.refresh(other["refreshToken"])["success"]
    assert site.mailed() == 1


@pytest.mark.parametrize("age", ["current", "used last"])
def test_a_logout_whose_response_was_lost_is_answered_again(site: Site, age: str) -> None:
    tab = site.tab_behind_proxy()
    token = tab.log_in()["refreshToken"]
    current = tab.refresh(token)["refreshToken"]
    if age == "current":
        token = current
    lose(site, tab, REVOKE, token)
    site.minute_passes()

    answers = [tab.revoke(token), tab.revoke(current)]

    assert [answer["success"] for answer in answers] == [True, True]
    assert answers[0]["revoked"] == answers[1]["revoked"] is not None
    assert tab.refresh(token)["errors"] == tab.refresh(current)["errors"] == INVALID
    assert site.mailed() == 0


def test_who_lost_the_response_of_a_refresh_can_log_out_after_the_grace_period(site: Site) -> None:
    tab = site.tab_behind_proxy()
    opened = tab.log_in()
    lose(site, tab, REFRESH, opened["refreshToken"])
    site.minute_passes()

    first, second = (tab.revoke(opened["refreshToken"]) for _ in range(2))

    assert first["success"]
    assert first == second
    assert not tab.is_logged_in(opened["token"])
    assert site.mailed() == 0


@pytest.mark.parametrize("thief_first", [True, False], ids=["the thief first", "the owner first"])
def test_a_stolen_token_that_is_used_twice_after_the_grace_period_ends_the_session(
    site: Site, thief_first: bool
) -> None:
    """Nobody can tell which of the two is the thief, so both are logged out, and the owner is told."""
    owner, thief = site.tab(), site.tab()
    stolen = owner.log_in()["refreshToken"]
    first, second = (thief, owner) if thief_first else (owner, thief)
    got = first.refresh(stolen)
    assert got["success"]
    site.minute_passes()

    assert second.refresh(stolen)["errors"] == INVALID

    assert not first.is_logged_in(got["token"])
    assert first.refresh(got["refreshToken"])["errors"] == INVALID
    assert first.revoke(got["refreshToken"]) == {"success": False, "errors": INVALID, "revoked": None}
    assert site.mailed() == 1


@pytest.mark.parametrize("thief_first", [True, False], ids=["the thief first", "the owner first"])
def test_a_stolen_token_that_is_used_twice_within_the_grace_period_is_noticed_at_the_next_use(
    site: Site, thief_first: bool
) -> None:
    owner, thief = site.tab(), site.tab()
    stolen = owner.log_in()["refreshToken"]
    first, second = (thief, owner) if thief_first else (owner, thief)
    shared = [tab.refresh(stolen) for tab in (first, second)]
    assert shared[0]["refreshToken"] == shared[1]["refreshToken"]
    assert owner.is_logged_in(shared[0]["token"])
    assert owner.is_logged_in(shared[1]["token"])
    site.minute_passes()
    got = first.refresh(shared[0]["refreshToken"])
    assert got["success"]
    site.minute_passes()

    assert second.refresh(shared[1]["refreshToken"])["errors"] == INVALID

    assert not first.is_logged_in(got["token"])
    assert first.refresh(got["refreshToken"])["errors"] == INVALID
    assert site.mailed() == 1


@pytest.mark.parametrize("use", [Tab.refresh, Tab.revoke], ids=["refresh", "revoke"])
def test_a_token_older_than_the_one_used_last_ends_the_session_at_once(
    site: Site, use: Callable[[Tab, str], dict[str, Any]]
) -> None:
    tab = site.tab()
    older = tab.log_in()["refreshToken"]
    current = tab.refresh(tab.refresh(older)["refreshToken"])

    assert use(tab, older)["errors"] == INVALID

    assert not tab.is_logged_in(current["token"])
    assert tab.refresh(current["refreshToken"])["errors"] == INVALID
    assert site.mailed() == 1


def lose(site: Site, tab: Tab, query: str, token: str, passes: int = 0, times: int = 1) -> None:
    """Send a mutation whose response is cut off after so many bytes."""
    site.proxy.passes = passes
    for _ in range(times):
        with pytest.raises(requests.RequestException):
            tab.ask(query, token=token)
    site.proxy.passes = None
