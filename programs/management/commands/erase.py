"""Erase again what an old backup brought back, and clean the database's file of what was deleted."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics import wall
from programs import erasing


class Command(BaseCommand):
    help = "Erase again what a list names, or clean SQLite's file. A record is erased on its page by a clinic's admin."

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_mutually_exclusive_group(required=True)
        ways.add_argument("--again", type=Path, metavar="FILE", help=f"an {erasing.LIST} that lies beside backups")
        ways.add_argument("--clean", action="store_true", help="write SQLite's file anew, without what was deleted")

    @wall.all_clinics("records of any clinic may be erased again")
    def handle(self, *args: Any, **options: Any) -> None:
        if options["clean"]:
            if not erasing.leave_no_trace():
                raise CommandError("The database's file is in use. Try again in a moment.")
            self.stdout.write("The database's file holds nothing of what was deleted.")
            return
        try:
            found = erasing.apply_tombstones(erasing.read_list(options["again"]))
        except (OSError, ValueError) as trouble:
            raise CommandError(f"{options['again']} can't be read: {trouble}.") from trouble
        self.stdout.write(f"Erased again: {found}.")
