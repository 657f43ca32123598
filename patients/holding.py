"""Holds: as long as there is one, a record can't be erased, by hand or because its time is over."""

import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import User
from patients.models import Patient
from patients.rights import LegalHold


class Held(Exception):
    """The record is held; the text is the sentence the page shows."""


def standing(on: datetime.date) -> QuerySet[LegalHold]:
    """Return the holds that count on that day."""
    return LegalHold.objects.filter(Q(until=None) | Q(until__gte=on), lifted_at=None)


def check_not_held(patient: Patient, on: datetime.date) -> None:
    """Raise Held if something stands in the way of erasing."""
    hold = standing(on).filter(patient=patient).first()
    if hold:
        until = f"until {hold.until.day} {hold.until:%B %Y}" if hold.until else "until the hold is lifted"
        raise Held(f"This record is held {until}: {hold.why}")


@transaction.atomic
def place(patient: Patient, *, why: str, until: datetime.date | None, by: User) -> LegalHold:
    """Keep the record from being erased, up to and with the day `until`."""
    check_may(by, Can.ERASE, patient.clinic_id)
    hold = LegalHold.objects.create(patient=patient, why=why, until=until, placed_by=by)
    audit.about(patient, "hold record", by=by, subject=hold, until=str(until or ""))
    return hold


@transaction.atomic
def lift(hold: LegalHold, *, by: User) -> None:
    """End a hold, once."""
    check_may(by, Can.ERASE, hold.patient.clinic_id)
    if LegalHold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=timezone.now(), lifted_by=by):
        audit.about(hold.patient, "lift hold", by=by, subject=hold)
