"""A patient's contact data: made, changed without losing another's change, archived and brought back."""

from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import Clinic, User
from patients import changes
from patients.models import Patient, fold

EDITABLE = ("name", "birth_date", "email", "phone", "language", "contact_note")
FORM_LIVES_S = 24 * 60 * 60


class EditedMeanwhile(Exception):
    """Somebody else changed the patient since the form was shown; nothing was written."""


class _SentBefore(Exception):
    """The same form made a patient already."""


def create(clinic: Clinic, values: dict[str, Any], *, by: User, form_key: str = "") -> Patient:
    """Return a new patient of the clinic; `values` are EDITABLE fields, of which the name is needed.

    The same `form_key` sent twice, as by a double click, gives the patient that is there.
    """
    check_may(by, Can.CONTACTS, clinic.pk)
    sent = f"new-patient:{by.pk}:{form_key}"
    try:
        with transaction.atomic():
            patient = Patient.objects.create(clinic=clinic, folded_name=fold(values["name"]), **values)
            audit.about(patient, "create patient", by=by)
            # A row of the same database: of two at once the second waits for the first here.
            if form_key and not cache.add(sent, patient.pk, FORM_LIVES_S):
                raise _SentBefore
    except _SentBefore:
        return Patient.objects.visible_to(by).get(pk=cache.get(sent))
    return patient


@transaction.atomic
def update(patient: Patient, values: dict[str, Any], *, seen_version: int, by: User) -> None:
    """Write the EDITABLE fields that changed, and keep what they held before.

    Raise EditedMeanwhile if the patient moved on since `seen_version`.
    """
    before = Patient.objects.get(pk=patient.pk)
    changed = {name: values[name] for name in EDITABLE if values[name] != getattr(before, name)}
    written = dict(changed)
    if "name" in changed:
        written["folded_name"] = fold(changed["name"])
    current = Patient.objects.filter(pk=patient.pk, version=seen_version)
    if not current.update(**written, version=seen_version + 1):
        raise EditedMeanwhile
    changes.note(before, changed, by=by)
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
