"""Fixtures of the tests of the mail queue."""

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from tests.graphql_auth.mail_queue.helpers import DELAYS, MailServer


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """Start a working mail server in this process, use it for mails, and return it."""
    server = MailServer(settings)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    server.fail(None)
    yield server
    server.stop()


@pytest.fixture
def work(settings: Any, server: Any, configure: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let mails wait in the database; return `work(after=timedelta())`, which lets a worker send them then."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    configure(EMAIL_RETRY_DELAYS=DELAYS)
    # Here the connection holds the transaction of the test.
    for module in ("django_tasks_db.management.commands.db_worker", "graphql_auth.management.commands.mail_worker"):
        monkeypatch.setattr(f"{module}.close_old_connections", lambda: None)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}

    def work(after: timedelta = timedelta()) -> None:
        with time_machine.travel(timezone.now() + after):
            call_command("mail_worker", once=True)

    yield work
    for number, handler in handlers.items():
        signal.signal(number, handler)
