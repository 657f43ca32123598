"""Which records were kept as long as their clinic says. Two steps: what is due is shown, then exactly that goes."""

import datetime
import hashlib
from dataclasses import dataclass

from django.utils import timezone

from clinics.models import Clinic
from patients import holding
from patients.models import Patient
from programs import erasing, record


class NotTheSame(Exception):
    """What is due isn't what was shown; the text says so."""


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose time is over; `held` ones stay."""

    clinic: int
    patient: int
    last: datetime.datetime
    held: bool

    def __str__(self) -> str:
        what = "held, stays" if self.held else "due"
        return f"clinic {self.clinic}  patient {self.patient}  last entry {self.last:%Y-%m-%d}  {what}"


def due(at: datetime.datetime) -> list[Due]:
    """Return the records of all clinics whose time is over at that moment."""
    held = set(holding.standing(timezone.localdate(at)).values_list("patient_id", flat=True))
    found = []
    for clinic in Clinic.objects.exclude(retention_years=None).order_by("pk"):
        limit = _years_before(at, clinic.retention_years or 0)
        for patient, last in sorted(record.last_use(clinic).items()):
            if last <= limit:
                found.append(Due(clinic.pk, patient, last, patient in held))
    return found


def code_of(found: list[Due]) -> str:
    """Return a short code of exactly what would go, by which it is confirmed."""
    going = ",".join(f"{one.clinic}:{one.patient}:{one.last.isoformat()}" for one in found if not one.held)
    return hashlib.sha256(going.encode()).hexdigest()[:8]


def carry_out(code: str, at: datetime.datetime) -> int:
    """Erase what is due, if it is what was shown with that code, else raise NotTheSame; return how many records."""
    found = due(at)
    if code != code_of(found):
        raise NotTheSame("What is due isn't what was shown with this code. Look again.")
    going = [one.patient for one in found if not one.held]
    for key in going:
        erasing.erase(Patient.objects.get(pk=key), reason="retention", by=None, at=at)
    return len(going)


def _years_before(at: datetime.datetime, years: int) -> datetime.datetime:
    """Return the same day and time so many years before; of 29 February it is the 28th."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return at.replace(year=at.year - years, day=28)
