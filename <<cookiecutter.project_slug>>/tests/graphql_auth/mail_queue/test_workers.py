"""The workers that send queued mails."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graphql_auth.management.commands.mail_worker import MailWorker, take_over
from tests.graphql_auth.mail_queue.helpers import NOBODY_LISTENS, STALLS, ask, states, try_again


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Any) -> Iterator[str]:
    """Use a database that threads and processes can share, on SQLite a copy in a file, and return its URL."""
    if connection.vendor != "sqlite":
        url = urlsplit(os.environ["DATABASE_URL"])
        yield url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        return
    in_memory, configured = connections["default"], connection.settings_dict
    name, path = configured["NAME"], str(tmp_path / "db.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [path])
    configured["NAME"] = path
    connections["default"] = connections.create_connection("default")
    yield f"sqlite:///{path}"
    connections["default"].close()
    connections["default"] = in_memory
    configured["NAME"] = name


@pytest.mark.parametrize(
    "change",
    [
        lambda user: user.delete(),
        lambda user: user.status.change(verified=True),
        lambda user: get_user_model().objects.update(is_active=False),
        lambda user: get_user_model().objects.update(email="elsewhere@example.com"),
    ],
    ids=["deleted", "verified", "inactive", "elsewhere"],
)
@pytest.mark.parametrize("failed_before", [False, True])
def test_a_mail_is_not_sent_when_the_account_needs_it_no_longer(
    mutate, unverified, server, work, change, failed_before
):
    mutate("resendActivationEmail", email=unverified.email)
    if failed_before:
        server.fail(NOBODY_LISTENS)
        work()
        server.fail(None)
    change(unverified)

    work(after=timedelta(days=1))

    assert server.shown == []
    assert set(states()) <= {"SUCCESSFUL"}


def test_a_mistake_in_the_program_fails_at_once_and_is_logged(mutate, verified, server, work, configure, caplog):
    mutate("sendPasswordResetEmail", email=verified.email)
    configure(EMAIL_TEMPLATE_PASSWORD_RESET="missing.html")

    work()

    assert states() == ["FAILED"]
    assert "TemplateDoesNotExist: missing.html" in DBTaskResult.objects.get().traceback
    [record] = [record for record in caplog.records if record.name == "graphql_auth.mails.queue"]
    assert record.getMessage() == f"A mail of the kind password_reset to the user {verified.pk} was not sent."


def test_a_mail_that_fails_does_not_keep_others_waiting(make_user, server, work):
    first, second = make_user("first"), make_user("second")
    ask(first)
    ask(second)
    DBTaskResult.objects.filter(args_kwargs__args__1=str(first.pk)).update(args_kwargs={"args": ["x"], "kwargs": {}})

    work()

    assert [mail["To"] for mail in server.received] == [second.email]
    assert sorted(states()) == ["FAILED", "SUCCESSFUL"]


def test_a_mail_whose_worker_died_is_taken_over_after_five_minutes(verified, server, work):
    ask(verified)
    DBTaskResult.objects.get().claim("dead")

    work(after=timedelta(minutes=4, seconds=50))
    assert (server.received, states()) == ([], ["RUNNING"])

    work(after=timedelta(minutes=5, seconds=10))
    assert (len(server.received), states()) == (1, ["SUCCESSFUL"])


def test_a_mail_whose_workers_all_died_is_given_up(make_user, staff, server, work):
    """Otherwise it could kill one worker after the other, or be sent forever."""
    deadly, other = make_user("deadly"), make_user("other")
    ask(deadly)
    for day in range(5):
        DBTaskResult.objects.get(status="READY").claim(f"dead {day}")
        with time_machine.travel(timezone.now() + timedelta(days=day + 1)):
            DBTaskResult.objects.update(started_at=timezone.now() - timedelta(hours=1))
            assert take_over() == (day < 4)
    ask(other)

    work(after=timedelta(days=6))
    assert [mail["To"] for mail in server.received] == [other.email]
    assert sorted(states()) == ["FAILED", "SUCCESSFUL"]

    try_again(staff, *DBTaskResult.objects.all())
    work(after=timedelta(days=6))
    assert [mail["To"] for mail in server.received] == [other.email, deadly.email]


def test_a_task_of_another_kind_is_not_taken_over(verified, server, work):
    """It may take longer, and may not be made to be run twice."""
    ask(verified)
    DBTaskResult.objects.get().claim("busy")
    DBTaskResult.objects.update(task_path="operator.add")

    work(after=timedelta(days=1))

    assert states() == ["RUNNING"]


def test_a_mail_is_deleted_thirty_days_after_it_finished(make_user, server, work):
    """It names an address, which the account may have given up since."""
    sent, failed, waiting = (make_user(name) for name in ("sent", "failed", "waiting"))
    ask(sent)
    work()
    ask(failed)
    DBTaskResult.objects.filter(status="READY").update(status="FAILED", finished_at=timezone.now())
    server.fail(NOBODY_LISTENS)
    ask(waiting)
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now() + timedelta(days=60))

    work(after=timedelta(days=29))
    assert sorted(states()) == ["FAILED", "READY", "SUCCESSFUL"]

    work(after=timedelta(days=31))
    assert states() == ["READY"]


def test_a_worker_finishes_its_mail_before_it_stops(make_user, server, work, monkeypatch):
    def stop_twice():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

    for number in range(2):
        ask(make_user(f"user{number}"))
    server.before_answering = stop_twice
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("it went on"))

    call_command("mail_worker")

    assert len(server.received) == 1
    assert sorted(states()) == ["READY", "SUCCESSFUL"]


def test_a_waiting_worker_stops_at_once(db, work, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: os.kill(os.getpid(), signal.SIGTERM))

    with pytest.raises(SystemExit):
        call_command("mail_worker")


def test_workers_side_by_side_deliver_each_mail_once(make_user, server, shared_database, work):
    users = [make_user(f"user{number}") for number in range(12)]
    for user in users:
        ask(user)
    barrier = Barrier(4)

    def run(worker):
        barrier.wait()
        try:
            worker.run()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, [MailWorker() for _ in range(4)]))

    assert sorted(mail["To"] for mail in server.received) == sorted(user.email for user in users)
    assert states() == ["SUCCESSFUL"] * 12


def test_the_mail_of_a_killed_worker_is_sent_by_another(verified, server, shared_database, work):
    ask(verified)
    server.fail(STALLS)
    environment = {
        "DATABASE_URL": shared_database,
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "EMAIL_TIMEOUT": "60",
        "MAIL_QUEUE": "database",
    }
    command = [sys.executable, "manage.py", "mail_worker"]
    worker = subprocess.Popen(command, cwd=django_settings.BASE_DIR, env=os.environ | environment)
    is_sending = server.is_shown.wait(60)
    worker.kill()
    worker.wait()
    assert is_sending
    server.fail(None)

    work()
    assert (server.received, states()) == ([], ["RUNNING"])

    work(after=timedelta(minutes=6))
    work(after=timedelta(days=1))
    assert [mail["To"] for mail in server.received] == [verified.email]
    assert states() == ["SUCCESSFUL"]
