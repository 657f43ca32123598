"""Check the audit log's chains, and tell their last entries so that they can be kept elsewhere."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics import audit_chain, wall
from clinics.audit_chain import Head


class Command(BaseCommand):
    help = "verify: name the first entry of the audit log that isn't as it was written. head: the chains' last entries."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("verify", "head"))
        parser.add_argument("--known", type=Path, help="what `audit head` printed earlier: finds a cut-off log")

    @wall.all_clinics("the log is checked as a whole")
    def handle(self, *args: Any, what: str, known: Path | None = None, **options: Any) -> None:
        if what == "head":
            self.stdout.write("\n".join(str(head) for head in audit_chain.heads()))
            return
        broken = audit_chain.first_broken(_read(known) if known else ())
        if broken:
            raise CommandError(f"The audit log was tampered with. {broken}")
        total = sum(head.number for head in audit_chain.heads())
        self.stdout.write(f"The audit log is whole: {total} entries.")


def _read(file: Path) -> list[Head]:
    """Return the heads of all lines that hold one; a line of a log may say more before it."""
    try:
        lines = [line.rstrip('"} ') for line in file.read_text(encoding="utf-8").splitlines()]
        heads = [line.split()[-3:] for line in lines if line]
        return [Head(int(clinic), int(number), digest) for clinic, number, digest in heads]
    except (OSError, ValueError) as trouble:
        raise CommandError(f"{file} doesn't hold what `audit head` prints: {trouble}.") from trouble
