"""The log of who saw or changed patient data. Only this module writes it, and nothing edits it."""

from typing import Any

from django.db.models import Model

from clinics.models import AuditEntry, User


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
