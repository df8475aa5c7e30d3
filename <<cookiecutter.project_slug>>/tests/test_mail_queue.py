"""With a real mail server that fails in every possible way, no mail is lost and each arrives once."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from threading import Barrier, Event
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.auth.signals import user_logged_in
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graphql_auth import sealing
from graphql_auth.mails import kinds, queue
from graphql_auth.management.commands.mail_worker import MailWorker, take_over
from graphql_auth.transactions import atomic
from tests.api import mutation
from tests.conftest import NEW_PASSWORD, PASSWORD, refused

DONE = {"success": True, "errors": None}
NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
EMAIL_FAIL = refused("email_fail", "Failed to send email.")
KNOWN = {
    "unverified": "unverified@example.com",
    "verified": "verified@example.com",
    "with_secondary": "two_secondary@example.com",
    "archived": "archived@example.com",
    "inactive": "inactive@example.com",
    "closed": "closed@example.com",
}
DELAYS = [timedelta(minutes=1), timedelta(hours=1)]

NOBODY_LISTENS, NOBODY_ANSWERS, STALLS, HANGS_UP = "nobody listens", "nobody answers", "stalls", "hangs up"
REFUSES_THE_RECIPIENT = ("421 4.3.2 Shutting down", "451 4.7.1 Greylisted", "550 5.1.1 No such user")
REFUSES_THE_MAIL = "554 5.7.1 Looks like spam"
FAULTS = [NOBODY_LISTENS, NOBODY_ANSWERS, STALLS, HANGS_UP, *REFUSES_THE_RECIPIENT, REFUSES_THE_MAIL]
every_fault = pytest.mark.parametrize("fault", FAULTS)
no_server_or_a_bad_one = pytest.mark.parametrize("fault", [NOBODY_LISTENS, HANGS_UP])


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
        """Fail with one of FAULTS from now on; None: work."""
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
            return REFUSES_THE_MAIL
        self.received.append(mail)
        return "250 OK"


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
    monkeypatch.setattr("django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}

    def work(after: timedelta = timedelta()) -> None:
        with time_machine.travel(timezone.now() + after):
            call_command("mail_worker", once=True)

    yield work
    for number, handler in handlers.items():
        signal.signal(number, handler)


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


# Sent at once


@every_fault
def test_a_failing_server_leaves_the_account_and_the_mail_can_be_asked_for_again(mutate, new_account, server, fault):
    """D25."""
    server.fail(fault)

    answer = mutate("register", **new_account)

    assert (answer["success"], answer["errors"]) == (False, EMAIL_FAIL)
    assert get_user_model().objects.get().email == "new@example.com"
    assert mutate("resendActivationEmail", email="new@example.com")["errors"] == EMAIL_FAIL
    assert server.received == []

    server.fail(None)

    assert mutate("resendActivationEmail", email="new@example.com") == DONE
    [mail] = server.received
    assert mail["To"] == "new@example.com"
    assert mutate("verifyAccount", token=token_in(mail)) == DONE


@no_server_or_a_bad_one
def test_every_mutation_that_mails_reports_a_failing_server(mutate, unverified, verified, server, fault):
    """D25."""
    server.fail(fault)

    answers = [
        mutate("resendActivationEmail", email=unverified.email),
        mutate("sendPasswordResetEmail", email=verified.email),
        mutate("sendPasswordResetEmail", email=unverified.email),
        mutate("sendSecondaryEmailActivation", login=verified, email="second@example.com", password=PASSWORD),
    ]

    assert answers == [{"success": False, "errors": EMAIL_FAIL}] * 4


@no_server_or_a_bad_one
@pytest.mark.parametrize(
    "name", ["register", "resendActivationEmail", "sendPasswordResetEmail", "sendSecondaryEmailActivation"]
)
def test_a_failing_server_does_not_reveal_who_has_an_account(
    api, make_user, verified, unverified, server, configure, new_account, name, fault
):
    """D21."""
    configure(PREVENT_ENUMERATION=True)
    server.fail(fault)
    known = {
        "register": new_account | {"email": verified.email},
        "sendSecondaryEmailActivation": {"email": unverified.email, "password": PASSWORD},
    }.get(name, {"email": unverified.email})
    login = make_user("asking", verified=True) if name == "sendSecondaryEmailActivation" else None

    answer = api.post(*mutation(name, camel_case(known)), login=login)
    unknown = api.post(*mutation(name, camel_case(known | {"email": "unknown@example.com"})), login=login)

    assert server.received == []
    assert answer.status_code == unknown.status_code == 200
    assert answer.content == unknown.content
    assert answer.headers == unknown.headers
    assert answer.json()["data"][name]["success"] is True


# Put into the database


def test_a_queued_mail_does_not_care_whether_the_server_works(mutate, new_account, server, work):
    server.fail(NOBODY_LISTENS)

    answer = mutate("register", **new_account)

    assert (answer["success"], answer["errors"]) == (True, None)
    assert server.shown == []
    assert states() == ["READY"]


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_queued_in_the_transaction_that_causes_it(api, new_account, listen, work):
    inside = []

    def fail(**_):
        inside.append((connection.in_atomic_block, states()))
        raise RuntimeError

    listen(user_logged_in, fail)

    answer = api.post(*mutation("register", new_account)).json()

    assert inside == [(True, ["READY"])]
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert not get_user_model().objects.exists()
    assert states() == []


def test_a_queued_mail_is_delivered_once(mutate, verified, server, work):
    mutate("sendPasswordResetEmail", email=verified.email)

    work()
    work()

    [mail] = server.received
    assert mail["To"] == verified.email
    assert mutate("passwordReset", token=token_in(mail), **NEW) == DONE
    assert states() == ["SUCCESSFUL"]


@pytest.mark.parametrize(("language", "subject"), [("de", "Passwort bei "), ("fr", "Réinitialisez ")])
def test_a_queued_mail_speaks_the_language_of_its_request(api, verified, server, work, language, subject):
    api.post(*mutation("sendPasswordResetEmail", {"email": verified.email}), HTTP_ACCEPT_LANGUAGE=language)

    work()

    [mail] = server.received
    assert subject in mail["Subject"]
    assert f'<html lang="{language}"' in mail.get_body(("html",)).get_content()


@every_fault
def test_a_mail_that_failed_is_tried_again_after_each_delay(mutate, verified, server, work, fault):
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)
    waited = timedelta()
    for tries, delay in enumerate(DELAYS, 1):
        work(after=waited)
        waited += delay
        work(after=waited - timedelta(seconds=20))
        assert states() == ["SUCCESSFUL"] * tries + ["READY"]
        waited += timedelta(seconds=20)
    server.fail(None)

    work(after=waited)
    work(after=timedelta(days=9))

    [mail] = server.received
    assert mutate("passwordReset", token=token_in(mail), **NEW) == DONE
    assert states() == ["SUCCESSFUL"] * 3


@every_fault
def test_a_mail_that_failed_for_good_waits_for_another_try(mutate, verified, staff, server, work, fault):
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)
    for day in range(4):
        work(after=timedelta(days=day))
    failed = DBTaskResult.objects.get(status="FAILED")
    assert states() == ["SUCCESSFUL", "SUCCESSFUL", "FAILED"]
    server.fail(None)

    try_again(staff, *DBTaskResult.objects.all())
    work()
    work(after=timedelta(days=9))

    [mail] = server.received
    assert mutate("passwordReset", token=token_in(mail), **NEW) == DONE
    failed.refresh_from_db()
    assert (failed.status, failed.traceback) == ("SUCCESSFUL", "")


@pytest.mark.parametrize(("permission", "state"), [("view", "FAILED"), ("change", "READY")])
def test_only_who_may_change_tasks_gives_them_another_try(make_user, work, verified, permission, state):
    ask(verified)
    DBTaskResult.objects.update(status="FAILED")
    helper = make_user("helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename=f"{permission}_dbtaskresult"))

    try_again(helper, *DBTaskResult.objects.all())

    assert states() == [state]


@pytest.mark.parametrize("fault", [None, STALLS, HANGS_UP, REFUSES_THE_MAIL])
def test_the_queue_holds_no_token(mutate, verified, server, work, fault, caplog):
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)

    for day in range(4):
        work(after=timedelta(days=day))

    stored = str(list(DBTaskResult.objects.values()))
    mailed = [token_in(mail) for mail in server.shown]
    assert len(mailed) == (1 if fault is None else 3)
    assert not [token for token in mailed if token in stored or token.split(":")[0] in stored or token in caplog.text]


@pytest.mark.parametrize("state", KNOWN)
def test_a_known_and_an_unknown_address_leave_the_same_row(mutate, configure, request, new_account, work, state):
    """A03: and neither can be read in it."""
    configure(PREVENT_ENUMERATION=True)
    request.getfixturevalue(state)
    asker = request.getfixturevalue("staff")
    local, _, domain = KNOWN[state].partition("@")

    for email in (KNOWN[state], f"{'x' * len(local)}@{domain}"):
        mutate("register", **new_account | {"email": email})
        mutate("resendActivationEmail", email=email)
        mutate("sendPasswordResetEmail", email=email)
        mutate("sendSecondaryEmailActivation", login=asker, email=email, password=PASSWORD)

    rows = [*DBTaskResult.objects.order_by("enqueued_at").values()]
    shapes = [shape(row) for row in rows]
    assert shapes[:4] == shapes[4:]
    assert "example.com" not in str(rows)


def shape(value):
    """Return the visible shape of a row without the keys: types, and the lengths of texts."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return len(value) if isinstance(value, str) else type(value)


def test_only_the_kind_of_a_sent_mail_is_kept(mutate, verified, server, work):
    """A03: for an unknown address as well."""
    for email in (verified.email, "unknown@example.com"):
        mutate("sendPasswordResetEmail", email=email)

    work()

    assert len(server.received) == 1
    for row in DBTaskResult.objects.all():
        assert row.args_kwargs == {"args": ["password_reset_request"], "kwargs": {}}


@pytest.mark.parametrize("fault", [HANGS_UP, *REFUSES_THE_RECIPIENT, REFUSES_THE_MAIL])
def test_a_failed_mail_names_no_address(mutate, verified, server, work, fault, caplog):
    """B08: a server's refusal names the recipient, and is kept with the task."""
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)

    for day in range(4):
        work(after=timedelta(days=day))

    assert states()[-1] == "FAILED"
    assert verified.email not in str([*DBTaskResult.objects.values()]) + caplog.text


@pytest.mark.parametrize("fallback", [True, False])
def test_a_mail_that_was_sealed_under_another_key_fails(mutate, verified, server, work, settings, fallback):
    mutate("sendPasswordResetEmail", email=verified.email)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key-of-this-site"
    settings.SECRET_KEY_FALLBACKS = [former] if fallback else []

    work()

    assert states() == (["SUCCESSFUL"] if fallback else ["FAILED"])


@pytest.mark.parametrize("rotated", [True, False])
def test_the_mails_that_wait_for_an_account_are_deleted_with_it(
    mutate, configure, with_secondary, verified, work, settings, rotated
):
    """B08: without a worker they would wait forever."""
    configure(ALLOW_DELETE_ACCOUNT=True)
    for email in (with_secondary.email, "two_secondary@example.com", verified.email):
        mutate("sendPasswordResetEmail", email=email)
    ask(with_secondary)
    if rotated:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-key-of-this-site", [settings.SECRET_KEY]

    mutate("deleteAccount", login=with_secondary, password=PASSWORD)

    [left] = DBTaskResult.objects.all()
    assert sealing.unseal(left.args_kwargs["args"][2]) == verified.email


def test_a_queued_mail_survives_a_change_of_the_key(mutate, verified, server, work, settings):
    mutate("sendPasswordResetEmail", email=verified.email)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 16, [settings.SECRET_KEY]

    work()

    assert mutate("passwordReset", token=token_in(server.received[0]), **NEW) == DONE


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


# Workers


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
    is_sending = server.is_shown.wait(20)
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


def camel_case(arguments):
    return {re.sub(r"_(\w)", lambda match: match[1].upper(), name): value for name, value in arguments.items()}
