"""Make a clinic whose first admin is invited: there are no accounts to begin with."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from clinics import people
from clinics.models import Clinic, Role
from clinics.people_views import address_of


class Command(BaseCommand):
    help = "Make a clinic and print the link with which its first admin takes the place. It works once, for three days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the clinic; for one that has no admin yet, a new link is printed")
        parser.add_argument("email", help="of its first admin")

    @transaction.atomic
    def handle(self, *args: Any, name: str, email: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as reason:
            raise CommandError(f"{email} isn’t an e-mail address.") from reason
        clinic, _ = Clinic.objects.get_or_create(name=name)
        if people.admins_of(clinic.pk).exists():
            raise CommandError(f"{name} has an admin, who invites others on the page “People”.")
        token = people.invite(clinic, email=email, role=Role.CLINIC_ADMIN, by=None)
        self.stdout.write(address_of(token))
