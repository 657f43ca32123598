"""Write an issued handout's stored PDF to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics import audit, wall
from programs.models import Issue


class Command(BaseCommand):
    help = "Write the PDF of an issue, byte for byte as it was issued."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("issue_id", type=int)
        parser.add_argument("--out", type=Path, required=True, help="the file to write")

    @wall.all_clinics("whoever has the server names an issue of any clinic")
    def handle(self, *args: Any, **options: Any) -> None:
        found = Issue.objects.select_related("pdf", "program__patient").filter(pk=options["issue_id"]).first()
        if found is None:
            raise CommandError(f"There is no issue {options['issue_id']}.")
        patient = found.program.patient
        audit.about(patient, "print handout", by=None, subject=found, command=True)
        try:
            options["out"].write_bytes(bytes(found.pdf.content))
        except OSError as trouble:
            raise CommandError(f"The file can't be written: {trouble}.") from trouble
        self.stdout.write(f"Handout {found.number}, SHA-256 {found.pdf.sha256}, written to {options['out']}.")
