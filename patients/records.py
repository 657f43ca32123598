"""A patient's contact data: made, changed without losing another's change, archived and brought back."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import Clinic, User
from patients.models import Patient, fold

EDITABLE = ("name", "birth_date", "email", "phone", "language", "contact_note")


class EditedMeanwhile(Exception):
    """Somebody else changed the patient since the form was shown; nothing was written."""


@transaction.atomic
def create(clinic: Clinic, values: dict[str, Any], *, by: User) -> Patient:
    """Return a new patient of the clinic; `values` are EDITABLE fields, of which the name is needed."""
    check_may(by, Can.CONTACTS, clinic.pk)
    patient = Patient.objects.create(clinic=clinic, folded_name=fold(values["name"]), **values)
    audit.about(patient, "create patient", by=by)
    return patient


@transaction.atomic
def update(patient: Patient, values: dict[str, Any], *, seen_version: int, by: User) -> None:
    """Write the EDITABLE fields that changed; raise EditedMeanwhile if the patient moved on since `seen_version`."""
    before = Patient.objects.get(pk=patient.pk)
    changed = {name: values[name] for name in EDITABLE if values[name] != getattr(before, name)}
    written = dict(changed)
    if "name" in changed:
        written["folded_name"] = fold(changed["name"])
    current = Patient.objects.filter(pk=patient.pk, version=seen_version)
    if not current.update(**written, version=seen_version + 1):
        raise EditedMeanwhile
    audit.about(patient, "change patient", by=by, fields=sorted(changed))


@transaction.atomic
def archive(patient: Patient, *, by: User) -> None:
    """Take the patient off the lists; nothing is deleted."""
    if Patient.objects.filter(pk=patient.pk, archived_at=None).update(archived_at=timezone.now()):
        audit.about(patient, "archive patient", by=by)


@transaction.atomic
def bring_back(patient: Patient, *, by: User) -> None:
    """Put an archived patient back on the lists."""
    if Patient.objects.filter(pk=patient.pk, archived_at__isnull=False).update(archived_at=None):
        audit.about(patient, "bring back patient", by=by)
