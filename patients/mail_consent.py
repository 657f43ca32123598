"""What may go to a patient by e-mail: the lesser of the clinic's policy and what the patient agreed to.

Nobody's silence is consent: as long as nothing is recorded, nothing goes out.
"""

import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from clinics import audit
from clinics.models import Clinic, User
from patients import changes
from patients.models import Patient

AMOUNTS = ("none", "link", "attach")  # each allows those before it


class MayNotMail(Exception):
    """This may not go to the patient by e-mail; the text is the sentence the page shows."""


def offered(clinic: Clinic) -> tuple[str, ...]:
    """Return what the clinic sends by e-mail, the most first; links need the site's address."""
    ways = AMOUNTS[1 : AMOUNTS.index(clinic.mail_policy) + 1]
    return tuple(way for way in reversed(ways) if way != "link" or settings.SITE_ADDRESS)


def check_clinic_mails(clinic: Clinic) -> None:
    """Raise MayNotMail if this clinic sends its patients nothing at all."""
    if clinic.mail_policy == "none":
        raise MayNotMail("This clinic sends nothing by e-mail.")
    if not offered(clinic):
        raise MayNotMail("This clinic sends links alone, and the address they would lead to isn’t set up.")


def check_may_mail(patient: Patient, how: str) -> None:
    """Raise MayNotMail unless the clinic sends `how` (attach or link) and the patient agreed to it."""
    check_clinic_mails(patient.clinic)
    if how not in offered(patient.clinic):
        raise MayNotMail("This clinic sends only a link by e-mail." if how == "attach" else "Links can’t be sent yet.")
    if not patient.mail_consent:
        raise MayNotMail("Ask the patient what may go by e-mail, and record the answer.")
    if patient.mail_consent == "none":
        raise MayNotMail("The patient wants nothing by e-mail.")
    if AMOUNTS.index(how) > AMOUNTS.index(patient.mail_consent):
        raise MayNotMail("The patient agreed to a link alone.")


def record(patient: Patient, consent: str, *, by: User, at: datetime.datetime | None = None) -> None:
    """Note with name and date what the patient agreed to; the same answer again keeps its first date."""
    if consent not in AMOUNTS:
        raise ValueError(consent)
    said = {"mail_consent": consent, "mail_consent_at": at or timezone.now(), "mail_consent_by": by}
    with transaction.atomic():
        before = Patient.objects.get(pk=patient.pk)
        if Patient.objects.filter(pk=patient.pk).exclude(mail_consent=consent).update(**said):
            changes.note(before, {"mail_consent": consent}, by=by)
            audit.about(patient, "record mail consent", by=by, consent=consent)
    patient.refresh_from_db(fields=list(said))
