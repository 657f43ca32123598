"""What is done at a site where a record is erased."""

import random

from django.conf import settings
from django.db import connection

from clinics.models import AuditEntry, Role, User
from patients.models import Patient, Tombstone, fold
from programs import erasing
from tests.conftest import make_user
from tests.programs.full_record import make_full

NAME, OTHER = "Zanzibara Quill", "Maria Rivera"
CANARY = b"anzibara"
MANY = 60


def seed() -> int:
    """Make a record that holds the canary in every table, one of somebody else, and many that moved about since."""
    by = make_user()
    patient = make_full(NAME, by=by)
    make_full(OTHER, by=by)
    random.seed(8)
    clinic = by.memberships.get().clinic
    for number in range(MANY):
        name = f"{NAME} {number}" if number % 2 else f"{OTHER} {number}"
        Patient.objects.create(clinic=clinic, name=name, folded_name=fold(name))
    for row in Patient.objects.order_by("?"):
        row.contact_note = row.name * random.randrange(1, 9)
        row.save(update_fields=["contact_note"])
    return patient.pk


def erase() -> tuple[bool, dict[str, int]]:
    """Erase all that hold the canary, then clean the file; return whether that could be done, and the traces.

    SQLite overwrites what is deleted, with gaps; here it doesn't at all.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=OFF")
    admin = User.objects.filter(memberships__role=Role.CLINIC_ADMIN)[0]
    for patient in Patient.objects.filter(name__startswith=NAME):
        erasing.erase(patient, reason="asked", by=admin)
    return _only_at_night() and erasing.leave_no_trace(), traces()  # while the write-ahead log is still there


def _only_at_night() -> bool:
    """A large file isn't written anew while people are at work."""
    erasing.MOST_AT_WORK = 1000
    return connection.vendor != "sqlite" or not erasing.leave_no_trace(at_work=True)


def traces() -> dict[str, int]:
    """Return how often the canary stands in each file of the site, wherever it stands at all."""
    found = {path: path.read_bytes().lower().count(CANARY) for path in settings.VAR_DIR.rglob("*") if path.is_file()}
    return {path.name: count for path, count in found.items() if count}


def state() -> dict[str, int]:
    return {
        "erased ones": Patient.objects.filter(name__startswith=NAME).count(),
        "others": Patient.objects.filter(name__startswith=OTHER).count(),
        "tombstones": Tombstone.objects.count(),
        "erased again": AuditEntry.objects.filter(action="erase record again").count(),
    }
