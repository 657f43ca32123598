"""The log of who saw or changed patient data. Only this module writes it, and nothing edits it."""

from typing import Any, Protocol

from django.db.models import Model

from clinics.models import AuditEntry, User


class OfAClinic(Protocol):
    """A patient, as much of one as the log needs."""

    pk: int
    clinic_id: int


def about(patient: OfAClinic, action: str, *, by: User | None, subject: Model | None = None, **detail: Any) -> None:
    """Write one entry about a patient; `subject` is the record that was seen or changed, else the patient."""
    name = f"patient:{patient.pk}" if subject is None else subject
    record(action, by=by, clinic_id=patient.clinic_id, subject=name, patient_id=patient.pk, **detail)


def record(
    action: str,
    *,
    by: User | None,
    clinic_id: int | None,
    subject: Model | str,
    patient_id: int | None = None,
    **detail: Any,
) -> None:
    """Write one entry.

    `action` is a verb and a noun (“view patient”), `subject` the record or a word for a list, `detail`
    what else must be known later: ids, counts and names of changed fields, never clinical free text.
    Call it in the transaction of the change; for a view, before the page is rendered, so that a page
    whose entry can't be written isn't shown.
    """
    name = subject if isinstance(subject, str) else f"{subject._meta.model_name}:{subject.pk}"
    AuditEntry.objects.create(
        by=by, clinic_id=clinic_id, action=action, subject=name, patient_id=patient_id, detail=detail
    )
