"""Sends the mails that wait in the database."""

import logging
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from graphql_auth.mails.queue import send_mail

logger = logging.getLogger(__name__)

# Each step of sending a mail takes at most EMAIL_TIMEOUT: a worker that takes this long is dead.
ABANDONED_AFTER = timedelta(minutes=5)
# A mail whose workers died this often is not tried again.
MAX_WORKERS = 5
# The longest time between two attempts to reach the database, in seconds.
LONGEST_PAUSE = 30.0
# How long finished and failed mails stay in the database.
KEPT_FOR = timedelta(days=30)


class MailWorker(Worker):
    """Sends all mails in the queue, then returns."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=[send_mail.queue_name],
            excluded_queue_names=[],
            backend_name=send_mail.backend,
            worker_id=get_random_string(32),
            batch=True,
            interval=0,
            startup_delay=False,
            max_tasks=None,
        )

    def run_task(self, db_task_result: DBTaskResult) -> None:
        """Run a task. Once a mail was sent, only its kind is kept, not its recipient."""
        super().run_task(db_task_result)
        if db_task_result.status == "SUCCESSFUL" and db_task_result.task_path == send_mail.module_path:
            db_task_result.args_kwargs = {"args": db_task_result.args_kwargs["args"][:1], "kwargs": {}}
            db_task_result.save(update_fields=["args_kwargs"])

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the mail that is being sent, even if the signal comes more than once."""
        self.running = False
        if not self.running_task:
            sys.exit(0)


class Command(BaseCommand):
    """Send the mails that wait in the database until stopped. Several workers can run at the same time."""

    help = "Sends the mails that wait in the database, until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--once", action="store_true", help="Send the mails that are waiting now, then stop.")
        parser.add_argument("--interval", type=float, default=1.0, help="Seconds to wait when the queue is empty.")

    def handle(self, *, once: bool, interval: float, **options: Any) -> None:
        """Take over the mails of dead workers, send all mails, wait, and repeat.

        If the database is unavailable, wait longer each time. Any other error ends the command.
        """
        if not isinstance(send_mail.get_backend(), DatabaseBackend):
            raise CommandError("Mails are sent at once instead of waiting in the database. Set MAIL_QUEUE=database.")
        worker = MailWorker()
        worker.configure_signals()
        if not once:
            self.stdout.write("Sending the mails that wait in the database. Stop with Ctrl+C.")
        failures = 0
        while worker.running:
            try:
                take_over()
                forget()
                worker.run()
                failures = 0
            except (OperationalError, InterfaceError) as error:
                if once:
                    raise
                failures += 1
                logger.error("The database is unavailable: %s", error)
            if once:
                return
            # Connections that broke are closed, and the others are checked before their next statement.
            close_old_connections()
            if worker.running:
                time.sleep(min(interval * 2**failures, max(interval, LONGEST_PAUSE)))


def take_over() -> int:
    """Put the mails of dead workers back into the queue and return their number.

    A mail whose workers died MAX_WORKERS times is marked as failed.
    """
    now = timezone.now()
    abandoned = _mails().running().filter(started_at__lte=now - ABANDONED_AFTER)
    hopeless = [mail.pk for mail in abandoned if len(mail.worker_ids) >= MAX_WORKERS]
    abandoned.filter(pk__in=hopeless).update(status="FAILED", finished_at=now, traceback="Its workers died.")
    return abandoned.exclude(pk__in=hopeless).update(status="READY", run_after=now)


def forget() -> None:
    """Delete the mails that finished more than KEPT_FOR ago."""
    _mails().finished().filter(finished_at__lte=timezone.now() - KEPT_FOR).delete()


def _mails() -> Any:
    # Other tasks of the project may take longer, and may not be safe to run twice.
    return DBTaskResult.objects.filter(task_path=send_mail.module_path)
