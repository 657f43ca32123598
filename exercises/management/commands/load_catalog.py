"""Load the shipped catalog into the database, or only check its files."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from exercises import catalog_files, languages, loading


class Command(BaseCommand):
    help = "Load the shipped exercise catalog. Safe to run again; an editor's changes are kept and named."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="check the files and change nothing")
        parser.add_argument("--again", action="store_true", help="compare each row even when the files are unchanged")
        parser.add_argument("--directory", type=Path, default=settings.CATALOG_DIR, help="where the files are")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            catalog = catalog_files.read(options["directory"])
        except catalog_files.BadCatalog as bad:
            for mistake in bad.mistakes:
                self.stderr.write(str(mistake))
            self._counts(exercises=0, languages=0, posed=0, cited=0, errors=len(bad.mistakes))
            raise CommandError("The catalog was not loaded: nothing was changed.", returncode=1) from bad
        if not options["check"]:
            self._tell(loading.load(catalog, again=options["again"]))
        for language in languages.known().values():
            if language.missing:
                self.stdout.write(f"{language.name} lacks {', '.join(language.missing)}: these are said in English.")
        self._counts(
            exercises=len(catalog.exercises),
            languages=min((len(entry.text) for entry in catalog.exercises), default=0),
            posed=sum(entry.slug in catalog.poses for entry in catalog.exercises),
            cited=sum(bool(entry.citations) for entry in catalog.exercises),
            muscles=len(catalog.muscles),
            pairs=len(catalog.pairs),
            drivers=len(catalog.drivers),
            precautions=len(catalog.precautions),
            red_flags=sum(len(group.questions) for group in catalog.red_flags.groups),
            tests=sum(bool(entry.accuracy) for entry in catalog.findings),
            findings=len(catalog.findings),
            protocols=len(catalog.protocols),
            outcome_measures=len(catalog.outcome_measures),
            claims=len(catalog.claims),
            citations=len(catalog.citations),
            errors=0,
        )

    def _tell(self, report: loading.Report) -> None:
        self.stdout.write(f"{report.created} rows created, {report.updated} updated.")
        for line in report.kept:
            self.stdout.write(f"Kept: {line}.")
        for name in report.retired:
            self.stdout.write(f"Retired, no longer shipped: {name}.")

    def _counts(self, **counts: int) -> None:
        self.stdout.write(json.dumps(counts))
