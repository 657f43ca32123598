"""The patient list's rows: contact data for all, driver and screening for clinicians, in a fixed number of queries."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from clinics.access import Can, clinics_where
from clinics.models import User
from patients import screening
from patients.models import Assessment, Patient


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as a line of the list; the clinical part is empty for those who may not see it."""

    patient: Patient
    clinical: bool = False
    driver: str = ""
    screening: str = ""
    flagged: bool = False


def rows_of(patients: Sequence[Patient], *, by: User, at: datetime.datetime) -> list[PatientRow]:
    """Return the rows in the given order: 4 queries for clinicians, 1 for others."""
    clinical = set(clinics_where(by, Can.CLINICAL).values_list("pk", flat=True))
    seen = [patient for patient in patients if patient.clinic_id in clinical]
    if not seen:
        return [PatientRow(patient) for patient in patients]
    states = screening.states_of(seen, at)
    drivers: dict[int, str] = {}
    for row in Assessment.objects.filter(patient__in=seen).select_related("driver").order_by("at", "id"):
        drivers[row.patient_id] = row.driver.short_name
    return [
        PatientRow(
            patient,
            clinical=patient.clinic_id in clinical,
            driver=drivers.get(patient.pk, ""),
            screening=states[patient.pk].words if patient.pk in states else "",
            flagged=patient.pk in states and states[patient.pk].status == "flagged",
        )
        for patient in patients
    ]
