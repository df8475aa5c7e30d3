"""Sends the mails that wait in the database."""

import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from graphql_auth.mails.queue import send_mail

# Sending one mail takes EMAIL_TIMEOUT at most for each step of it: who takes this long is dead.
ABANDONED_AFTER = timedelta(minutes=5)
# Who dies of a mail that often will not be given it again.
MOST_WORKERS = 5
# How long somebody may ask what became of a mail that was sent, or failed for good.
KEPT_FOR = timedelta(days=30)


class MailWorker(Worker):
    """Runs what waits in the queue of the mails, then returns."""

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
        """Run a task; of a mail that was dealt with only its name stays, not whom it was for."""
        super().run_task(db_task_result)
        if db_task_result.status == "SUCCESSFUL" and db_task_result.task_path == send_mail.module_path:
            db_task_result.args_kwargs = {"args": db_task_result.args_kwargs["args"][:1], "kwargs": {}}
            db_task_result.save(update_fields=["args_kwargs"])

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """Stop; a mail that is being sent is finished first, however often one is told to stop."""
        self.running = False
        if not self.running_task:
            sys.exit(0)


class Command(BaseCommand):
    """Send the mails that wait in the database, and go on. Any number of these can run side by side."""

    help = "Sends the mails that wait in the database, and goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--once", action="store_true", help="Send what waits now, then stop.")
        parser.add_argument("--interval", type=float, default=1.0, help="Seconds to wait when nothing waits.")

    def handle(self, *, once: bool, interval: float, **options: Any) -> None:
        """Take over what a killed worker left, send everything, wait, and start again."""
        if not isinstance(send_mail.get_backend(), DatabaseBackend):
            raise CommandError("No mail waits in the database: they are sent at once. Set MAIL_QUEUE=database.")
        worker = MailWorker()
        worker.configure_signals()
        if not once:
            self.stdout.write("Sending the mails that wait in the database. Stop with Ctrl+C.")
        while worker.running:
            take_over()
            forget()
            worker.run()
            if once:
                return
            if worker.running:
                time.sleep(interval)


def take_over() -> int:
    """Put the mails of workers that died back into the queue and return how many it were.

    One that MOST_WORKERS died of has failed for good.
    """
    now = timezone.now()
    abandoned = _mails().running().filter(started_at__lte=now - ABANDONED_AFTER)
    hopeless = [mail.pk for mail in abandoned if len(mail.worker_ids) >= MOST_WORKERS]
    abandoned.filter(pk__in=hopeless).update(status="FAILED", finished_at=now, traceback="Its workers died of it.")
    return abandoned.exclude(pk__in=hopeless).update(status="READY", run_after=now)


def forget() -> None:
    """Delete the mails that were dealt with long ago."""
    _mails().finished().filter(finished_at__lte=timezone.now() - KEPT_FOR).delete()


def _mails() -> Any:
    # Other tasks of the project may take longer, and may not be run twice.
    return DBTaskResult.objects.filter(task_path=send_mail.module_path)
