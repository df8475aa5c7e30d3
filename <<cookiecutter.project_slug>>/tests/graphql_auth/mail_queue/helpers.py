"""A mail server for the tests, and functions that several of them use."""

import asyncio
import re
import socket
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from graphql_auth.mails import kinds, queue
from graphql_auth.transactions import atomic
from tests.conftest import NEW_PASSWORD

DONE = {"success": True, "errors": None}
NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
DELAYS = [timedelta(minutes=1), timedelta(hours=1)]
NOBODY_LISTENS, NOBODY_ANSWERS, STALLS, HANGS_UP = "nobody listens", "nobody answers", "stalls", "hangs up"
REFUSES_THE_RECIPIENT = ("421 4.3.2 Shutting down", "451 4.7.1 Greylisted", "550 5.1.1 No such user")
REFUSES_THE_MAIL = ("452 4.3.1 Out of space", "554 5.7.1 Looks like spam")
TEMPORARY = (NOBODY_LISTENS, NOBODY_ANSWERS, STALLS, HANGS_UP, *REFUSES_THE_RECIPIENT[:2], REFUSES_THE_MAIL[0])
PERMANENT = (REFUSES_THE_RECIPIENT[2], REFUSES_THE_MAIL[1])


class MailServer(Controller):
    """A mail server at a free port that stores mails and can simulate failures."""

    def __init__(self, settings: Any) -> None:
        super().__init__(self, hostname="127.0.0.1", server_hostname="localhost")
        self.settings = settings
        self.received: list[Any] = []
        self.shown: list[Any] = []
        self.is_shown = Event()
        self.before_answering: Callable[[], None] = lambda: None
        # One that is bound and does not listen, so that nobody else does; one that listens and does not answer.
        self._closed, self._silent = socket.socket(), socket.create_server(("127.0.0.1", 0))
        self._closed.bind(("127.0.0.1", 0))

    def _create_server(self) -> Any:
        listening = socket.create_server((self.hostname, 0))
        self.port = listening.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=listening)

    def fail(self, fault: str | None) -> None:
        """Fail with one of TEMPORARY or PERMANENT from now on; None: work."""
        self.fault = fault
        sockets = {NOBODY_LISTENS: self._closed, NOBODY_ANSWERS: self._silent}
        self.settings.EMAIL_PORT = sockets[fault].getsockname()[1] if fault in sockets else self.port
        self.settings.EMAIL_TIMEOUT = 0.1 if fault in (NOBODY_ANSWERS, STALLS) else 20

    def stop(self) -> None:
        """Stop listening."""
        super().stop()
        self._closed.close()
        self._silent.close()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Take or refuse a recipient."""
        if self.fault in REFUSES_THE_RECIPIENT:
            return self.fault
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail, or fail to."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.shown.append(mail)
        self.is_shown.set()
        self.before_answering()
        if self.fault == STALLS:
            await asyncio.sleep(60)
        if self.fault == HANGS_UP:
            server.transport.abort()
        if self.fault is not None:
            return self.fault if self.fault in REFUSES_THE_MAIL else REFUSES_THE_MAIL[0]
        self.received.append(mail)
        return "250 OK"


def token_in(mail):
    return re.search(r"https?://\S+/(\S+)", mail.get_body(("plain",)).get_content())[1]


def states():
    return list(DBTaskResult.objects.order_by("enqueued_at").values_list("status", flat=True))


def ask(user):
    """Queue a mail for `user`."""
    with atomic():
        queue.add(kinds.PASSWORD_RESET, user, to=user.email)


def try_again(user, *rows):
    """Run the admin action that retries tasks as `user`."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    selected = {"action": "try_again", "_selected_action": [str(row.pk) for row in rows]}
    return client.post(reverse("admin:django_tasks_database_dbtaskresult_changelist"), selected, secure=True)
