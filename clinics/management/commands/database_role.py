"""Print what makes the site's own role on PostgreSQL."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics import row_security


class Command(BaseCommand):
    help = "Print SQL that makes the role which the site connects as; run it with psql, as the owner of the database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="its name, such as releasefirst_site")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
            raise CommandError("A role's name has small letters, digits and underscores.")
        for statement in row_security.grants(role):
            self.stdout.write(f"{statement};")
        self.stdout.write(f"-- Then, in psql, so that no shell keeps it:  \\password {role}")
