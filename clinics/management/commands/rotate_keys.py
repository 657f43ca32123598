"""Seal everything in the database anew with the first of FIELD_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinics import resealing, wall
from clinics.secrets import CannotUnseal


class Command(BaseCommand):
    help = "Seal all that is sealed with the first of FIELD_KEYS; the others may go afterwards."

    @wall.all_clinics("the keys are the whole site's")
    def handle(self, **options: Any) -> None:
        try:
            done = resealing.rotate()
        except CannotUnseal as trouble:
            raise CommandError(
                f"{trouble} What was sealed anew so far stays readable; put the missing key behind the others and "
                "start again. Every key of FIELD_KEYS is still needed."
            ) from trouble
        for table, count in sorted(done.items()):
            self.stdout.write(f"{table:30}{count:>8}")
        self.stdout.write(
            f"{done.total()} values sealed anew. Everything is sealed with the first key; the others may go."
        )
