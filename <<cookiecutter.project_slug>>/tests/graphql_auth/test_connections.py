"""Database connections that break, on PostgreSQL."""

import os
import socket
import socketserver
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from django.contrib.auth.signals import user_logged_in
from django.db import close_old_connections, connection
from django.test import Client
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions
from graphql_auth.models import Session
from tests.api import mutation
from tests.conftest import PASSWORD
from tests.graphql_auth.mail_queue.conftest import server
from tests.graphql_auth.mail_queue.helpers import ask

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not project.DATABASES["default"]["ENGINE"].endswith("postgresql"),
        reason="needs PostgreSQL: DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres make test",
    ),
]

__all__ = ["server"]


def end_connections(*, name: str) -> int:
    """End the connections of programs with this application_name, from another connection; return their number."""
    ended: list[int] = []

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE application_name = %s AND pid <> pg_backend_pid()",
                [name],
            )
            ended.append(cursor.fetchone()[0])
        connection.close()

    # Each thread has its own connection.
    thread = Thread(target=end)
    thread.start()
    thread.join()
    return ended[0]


@pytest.fixture
def break_own() -> Any:
    """Return a function that breaks the connection of this test."""
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'faulty'")
    return lambda: end_connections(name="faulty")


def test_a_request_after_the_connection_broke_is_answered(api, query, verified, break_own):
    token = sessions.start(verified).token
    assert break_own() == 1

    # Django's test client leaves this out.
    close_old_connections()

    assert query("{ me { email } }", login=token) == {"me": {"email": verified.email}}


def test_pages_and_the_admin_are_answered_after_the_connection_broke(staff, break_own):
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    assert break_own() == 1

    close_old_connections()

    assert client.get("/admin/", secure=True).status_code == 200


def test_a_connection_that_breaks_in_a_request_leaves_nothing_half_done(api, verified, break_own, listen, caplog):
    listen(user_logged_in, lambda **_: break_own())
    document = mutation("tokenAuth", {"email": verified.email, "password": PASSWORD})

    answer = api.post(*document)

    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "connection" not in answer.content.decode()
    assert error["extensions"]["requestId"] in caplog.text
    close_old_connections()
    verified.refresh_from_db()
    assert (Session.objects.count(), verified.last_login) == (0, None)


@contextmanager
def mail_worker(server: Any, tmp_path: Any, database: str = "") -> Iterator[Any]:
    """Run `manage.py mail_worker` in a process of its own, with the database at the address `database`."""
    url = urlsplit(os.environ["DATABASE_URL"])
    host = f"{url.netloc.rpartition('@')[0]}@{database}" if database else url.netloc
    environment = {
        "DATABASE_URL": url._replace(netloc=host, path=f"/{connection.settings_dict['NAME']}").geturl(),
        "PGAPPNAME": "mail_worker",
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "MAIL_QUEUE": "database",
    }
    command = [sys.executable, "manage.py", "mail_worker", "--interval", "0.2"]
    with (tmp_path / "log").open("w") as log:
        worker = subprocess.Popen(command, cwd=project.BASE_DIR, env=os.environ | environment, stderr=log)
        try:
            yield worker
        finally:
            worker.terminate()
            worker.wait(20)


def wait_until(is_so: Any) -> None:
    until = monotonic() + 20
    while not is_so():
        assert monotonic() < until
        sleep(0.05)


def is_sent() -> bool:
    return not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()


def test_a_worker_reconnects_and_delivers_each_mail_once(make_user, server, settings, tmp_path):
    """It ended with a traceback, or sent the mail twice."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    broken = []
    users = [make_user(f"user{number}") for number in range(3)]
    with mail_worker(server, tmp_path) as worker:
        ask(users[0])
        wait_until(is_sent)
        # While it waits.
        broken.append(end_connections(name="mail_worker"))
        ask(users[1])
        wait_until(is_sent)
        # While it sends.
        server.before_answering = lambda: broken.append(end_connections(name="mail_worker"))
        ask(users[2])
        wait_until(is_sent)
        is_running = worker.poll() is None

    assert broken == [1, 1]
    assert is_running
    assert [mail["To"] for mail in server.received] == [user.email for user in users]
    assert "Traceback" not in (tmp_path / "log").read_text()


class Forwarder(socketserver.BaseRequestHandler):
    """Passes a connection on to the database."""

    def handle(self) -> None:
        url = urlsplit(os.environ["DATABASE_URL"])
        with socket.create_connection((url.hostname, url.port or 5432)) as database:
            back = Thread(target=pass_on, args=(database, self.request), daemon=True)
            back.start()
            pass_on(self.request, database)
            back.join()


def pass_on(source: socket.socket, target: socket.socket) -> None:
    """Pass on what arrives until the source ends."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_a_worker_waits_for_a_database_that_is_down(make_user, server, settings, tmp_path):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    ask(make_user("waiting"))
    log = tmp_path / "log"
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forwarder, bind_and_activate=False) as database:
        database.daemon_threads = True
        database.server_bind()
        port = database.server_address[1]
        with mail_worker(server, tmp_path, f"127.0.0.1:{port}") as worker:
            wait_until(lambda: log.read_text().count("The database is unavailable") > 1)
            assert worker.poll() is None
            database.server_activate()
            serving = Thread(target=database.serve_forever)
            serving.start()
            try:
                wait_until(is_sent)
            finally:
                database.shutdown()
                serving.join()

    assert len(server.received) == 1
    assert "Traceback" not in log.read_text()
