"""Django's own, with the wall open: a migration that changes rows must find all of them."""

from typing import Any

from django.core.management.commands import migrate

from clinics import wall


class Command(migrate.Command):
    @wall.all_clinics("a migration changes the rows of every clinic")
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
