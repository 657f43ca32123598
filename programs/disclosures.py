"""To whom a patient's data went: mails to others than the patient, referral sheets, and what was noted by hand.

What 45 CFR 164.528 asks for: date, recipient, what, why, of six years. What went to the patient isn't in it.
"""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import AuditEntry, User
from patients.models import Disclosure, Patient, PatientChange
from programs.models import Delivery

YEARS = 6
COLUMNS = ("date", "to whom", "what", "why", "noted by")


@dataclass(frozen=True, slots=True)
class Line:
    """One disclosure."""

    on: datetime.date
    recipient: str
    what: str
    why: str
    by: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.on.isoformat(), self.recipient, self.what, self.why, self.by)


def lines(patient: Patient, *, at: datetime.datetime) -> list[Line]:
    """Return what went to others in the last six years, the latest first: 4 queries."""
    since = timezone.localdate(at) - datetime.timedelta(days=round(YEARS * 365.25))
    found = [*_mails(patient), *_referrals(patient), *_noted(patient)]
    return sorted((line for line in found if line.on >= since), key=lambda line: line.on, reverse=True)


@transaction.atomic
def note(patient: Patient, *, on: datetime.date, recipient: str, what: str, why: str, by: User) -> Disclosure:
    """Keep what went out by a way that this site doesn't see, such as a letter or a call."""
    check_may(by, Can.RECORD, patient.clinic_id)
    row = Disclosure.objects.create(patient=patient, on=on, recipient=recipient, what=what, why=why, noted_by=by)
    audit.about(patient, "note disclosure", by=by, subject=row)
    return row


def _mails(patient: Patient) -> list[Line]:
    """Mails that were handed over to an address that never was the patient's."""
    changes = PatientChange.objects.filter(patient=patient, field="email").values_list("old", "new")
    own = {patient.email.casefold(), *(address.casefold() for change in changes for address in change)}
    sent = Delivery.objects.filter(issue__program__patient=patient, sent_at__isnull=False)
    return [
        Line(
            timezone.localdate(mail.sent_at),
            mail.to,
            f"Handout {mail.issue.number}, {'as a PDF' if mail.how == 'attach' else 'as a link'} by e-mail",
            "Sent on the patient’s consent to mail",
            str(mail.queued_by),
        )
        for mail in sent.select_related("issue", "queued_by").defer("issue__snapshot")
        if mail.to.casefold() not in own
    ]


def _referrals(patient: Patient) -> list[Line]:
    printed = AuditEntry.objects.filter(
        clinic=patient.clinic_id, patient_id=patient.pk, action="print referral", subject=f"patient:{patient.pk}"
    )
    what, why = "Referral sheet with the open red flags, printed", "Treatment: medical assessment"
    return [Line(timezone.localdate(row.at), "The doctor referred to", what, why, row.by_name) for row in printed]


def _noted(patient: Patient) -> list[Line]:
    rows = Disclosure.objects.filter(patient=patient).select_related("noted_by")
    return [Line(row.on, row.recipient, row.what, row.why, str(row.noted_by)) for row in rows]
