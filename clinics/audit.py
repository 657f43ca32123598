"""The log of who saw or changed patient data. Only this module writes it, and nothing edits it."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from django.db import DatabaseError
from django.db.models import Model

from clinics import wall
from clinics.models import AuditEntry, Membership, User

NAME = AuditEntry._meta.get_field("by_name").max_length
SUBJECT = AuditEntry._meta.get_field("subject").max_length
REFUSED = "refuse access"


class NotRecorded(Exception):
    """The entry can't be written; what it was to tell of may not be shown or done."""


class OfAClinic(Protocol):
    """A patient, as much of one as the log needs."""

    pk: int
    clinic_id: int


def about(patient: OfAClinic, action: str, *, by: User | None, subject: Model | None = None, **detail: Any) -> None:
    """Write one entry about a patient; `subject` is the record that was seen or changed, else the patient."""
    name = f"patient:{patient.pk}" if subject is None else subject
    record(action, by=by, clinic_id=patient.clinic_id, subject=name, patient_id=patient.pk, **detail)


def listed(patients: Iterable[OfAClinic], action: str, *, by: User, subject: str) -> None:
    """Write that a page names these patients: an entry for each clinic whose patients are among them."""
    seen: defaultdict[int, set[int]] = defaultdict(set)
    for patient in patients:
        seen[patient.clinic_id].add(patient.pk)
    for clinic_id in sorted(seen):
        record(action, by=by, clinic_id=clinic_id, subject=subject, patients=sorted(seen[clinic_id]))


def refused(by: User, page: str, asked: dict[str, int], *, status: int) -> None:
    """Write that a person was refused a page or a record, in their own clinic's chain.

    What isn't there and what is another clinic's are written alike.
    """
    first = Membership.objects.filter(user_id=by.pk).order_by("clinic_id").values_list("clinic_id", flat=True).first()
    record(REFUSED, by=by, clinic_id=first, subject=f"page:{page}"[:SUBJECT], asked=asked, status=status)


def record(
    action: str,
    *,
    by: User | None,
    clinic_id: int | None,
    subject: Model | str,
    patient_id: int | None = None,
    **detail: Any,
) -> None:
    """Write one entry, or raise NotRecorded.

    `action` is a verb and a noun (“view patient”), `subject` the record or a word for a list, `detail`
    what else must be known later: ids, counts and names of changed fields, never clinical free text.
    Call it in the transaction of the change; for a view, before the page is rendered, so that a page
    whose entry can't be written isn't shown.
    """
    name = subject if isinstance(subject, str) else f"{subject._meta.model_name}:{subject.pk}"
    try:
        with _open_for(clinic_id):
            AuditEntry.objects.create(
                by=by,
                by_name=str(by or "")[:NAME],
                clinic_id=clinic_id,
                action=action,
                subject=name,
                patient_id=patient_id,
                detail=detail,
            )
    except DatabaseError as trouble:
        raise NotRecorded(f"“{action}” can't be written into the audit log.") from trouble


def _open_for(clinic_id: int | None) -> AbstractContextManager[None]:
    """Return in whose clinics an entry is added: who signs in, or tries to, is in none yet."""
    if clinic_id is None:
        return wall.all_clinics("an entry that is no clinic's may be added by everybody")
    return wall.only(clinic_id) if wall.scope() == wall.NOBODY else nullcontext()
