"""The worker: sends what is due in the outbox, and imports files into the catalog, until it is told to stop."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from exercises.exchange import jobs
from programs import delivery

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send queued handouts by e-mail and import queued files. Runs until SIGTERM or Ctrl-C; finishes what it has."

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
            worked = self._look()
            if options["once"] and not worked:
                return
            if not worked:
                stop.wait(options["interval"])

    def _look(self) -> bool:
        """Send one mail, or else work on one import; return whether there was any.

        A database that is away for a while is waited for.
        """
        close_old_connections()
        try:
            due = delivery.next_due(timezone.now())
            if due:
                delivery.send_due.call(due)
                return True
            due = jobs.next_waiting()
            if due:
                jobs.work.call(due)
        except DatabaseError:
            log.exception("The database can't be reached; trying again.")
            return False
        return due is not None
