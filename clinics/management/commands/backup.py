"""Write a backup, sealed, while the site goes on."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics import backups, wall
from clinics.sealing import Trouble


class Command(BaseCommand):
    help = "Write the database and what else can't be made again to one sealed file. The site may go on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.BACKUP_DIR, help="folder, of this site alone")
        parser.add_argument("--keep", type=int, help="delete all but so many of the newest backups there")

    @wall.all_clinics("a backup holds every clinic")
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            path = backups.make(options["to"])
            gone = backups.thin(options["to"], options["keep"]) if options["keep"] else []
        except Trouble as trouble:
            raise CommandError(f"{trouble} Earlier backups are as they were.") from trouble
        self.stdout.write(f"Written: {path}, {path.stat().st_size / 1e6:.1f} MB. Old ones deleted: {len(gone)}.")
