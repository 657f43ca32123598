"""Put a backup back, into an empty place."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics import backups, wall
from clinics.sealing import Trouble


class Command(BaseCommand):
    help = "Put a backup into the empty place that DATABASE_URL and VAR_DIR name. What isn't empty is never touched."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only open it from end to end, and say what it is")

    @wall.all_clinics("a backup holds every clinic")
    def handle(self, *args: Any, **options: Any) -> None:
        act, said = (backups.check, "Whole") if options["check"] else (backups.restore, "Restored")
        try:
            manifest = act(options["file"])
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        rows = sum(table["rows"] for table in manifest["tables"].values())
        made = f"made {manifest['made_at']}, {len(manifest['tables'])} tables, {rows} rows"
        self.stdout.write(f"{said}: {options['file']}, {made}.")
