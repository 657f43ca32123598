"""Show which records were kept long enough, and erase exactly those when that is confirmed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinics import wall
from programs import erasing, retention


class Command(BaseCommand):
    help = "List the records whose time is over, by their clinics' settings. Erases nothing without --confirm CODE."

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--dry-run", action="store_true", help="only list what is due")
        ways.add_argument("--confirm", metavar="CODE", help="erase exactly what was listed with this code")

    @wall.all_clinics("each clinic's records are looked through")
    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["confirm"]:
            try:
                count = retention.carry_out(options["confirm"], now)
            except (retention.NotTheSame, erasing.CannotErase) as reason:
                raise CommandError(str(reason)) from reason
            if count and not erasing.leave_no_trace():
                raise CommandError(f"Erased: {count}. The database's file is in use: call “manage.py erase --clean”.")
            self.stdout.write(f"Erased: {count}.")
            return
        found = retention.due(now)
        for one in found:
            self.stdout.write(str(one))
        going = sum(not one.held for one in found)
        self.stdout.write(f"Due: {going}. Nothing was erased.")
        if going and not options["dry_run"]:
            self.stdout.write(f"To erase exactly these: manage.py retention --confirm {retention.code_of(found)}")
