"""The worker: sends due mail, imports files into the catalog, and notes daily where the audit log ends."""

import contextlib
import datetime
import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from clinics import audit_chain, wall
from exercises.exchange import jobs
from programs import delivery

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send queued handouts by e-mail and import queued files. Runs until SIGTERM or Ctrl-C; finishes what it has."

    told: datetime.date | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, then stop")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between looks at an empty outbox")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def finish(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, finish)
        signal.signal(signal.SIGINT, finish)
        while not stop.is_set():
            self._tell_heads()
            worked = self._look()
            if options["once"] and not worked:
                return
            if not worked:
                stop.wait(options["interval"])

    def _tell_heads(self) -> None:
        """Once a day, and when it starts, note where the audit log ends."""
        if self.told == timezone.localdate():
            return
        close_old_connections()
        with contextlib.suppress(DatabaseError):  # it is told when the database is back
            with wall.all_clinics("the log is every clinic's"):
                audit_chain.log_heads()
            self.told = timezone.localdate()

    def _look(self) -> bool:
        """Send one mail, or else work on one import; return whether there was any.

        A database that is away for a while is waited for.
        """
        close_old_connections()
        try:
            with wall.all_clinics("the outbox is every clinic's"):
                due = delivery.next_due(timezone.now())
                clinic = delivery.clinic_of(due) if due else None
            if due and clinic:
                with wall.only(clinic):
                    delivery.send_due.call(due)
                return True
            due = jobs.next_waiting()
            if due:
                jobs.work.call(due)
        except DatabaseError:
            log.exception("The database can't be reached; trying again.")
            return False
        return due is not None
