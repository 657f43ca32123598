"""Erases a patient's record for good, and keeps it erased when an old backup brings it back.

What stays: the audit log, which holds numbers and no names, and a tombstone. A tombstone's digest is made of the
record's number, its clinic and the moment it was made, so that a number that is given again later is somebody else.
The list of tombstones lies beside the backups, too: what a restored database doesn't know, it must be told.
"""

import datetime
import hashlib
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import Clinic, User
from patients import holding
from patients.models import Patient, Tombstone
from programs import record
from programs.models import Delivery, Issue, StoredPdf

LIST = "erased.jsonl"
MOST_AT_WORK = 150_000_000  # bytes: a few seconds on a busy machine; others wait for 20 at most
log = logging.getLogger(__name__)


class CannotErase(Exception):
    """The record can't be erased; the text is the sentence the page shows."""


class Erased(NamedTuple):
    """A tombstone as it stands in the list."""

    digest: str
    clinic: int
    at: str
    by: int | None
    reason: str


def erase(patient: Patient, *, reason: str, by: User | None, at: datetime.datetime | None = None) -> None:
    """Delete all that is held about the patient; raise CannotErase while there is a hold. `by` None is the site.

    Call `leave_no_trace` afterwards, outside a transaction.
    """
    at = at or timezone.now()
    if by is not None:
        check_may(by, Can.ERASE, patient.clinic_id)
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        try:
            holding.check_not_held(patient, timezone.localdate(at))
        except holding.Held as reason_why:
            raise CannotErase(str(reason_why)) from reason_why
        audit.about(patient, "erase record", by=by, reason=reason)
        Tombstone.objects.create(
            digest=digest_of(patient.pk, patient.clinic_id, patient.created_at),
            clinic_id=patient.clinic_id,
            erased_at=at,
            erased_by=by,
            reason=reason,
        )
        _delete(patient)
        transaction.on_commit(lambda: write_list(settings.BACKUP_DIR), robust=True)  # the next backup writes it too


def digest_of(patient_id: int, clinic_id: int, created_at: datetime.datetime) -> str:
    """Return by what an erased record is known again."""
    moment = created_at.astimezone(datetime.UTC).isoformat()
    return hashlib.sha256(f"patient:{clinic_id}:{patient_id}:{moment}".encode()).hexdigest()


def apply_tombstones(erased: Iterable[Erased]) -> int:
    """Erase what was erased before and is here again; return how many records that were. A hold doesn't count now."""
    known = {one.digest: one for one in erased}
    found = 0
    for row in Patient.objects.values_list("pk", "clinic_id", "created_at"):
        if digest_of(*row) in known:
            with transaction.atomic():
                patient = Patient.objects.get(pk=row[0])
                audit.about(patient, "erase record again", by=None)
                _delete(patient)
            found += 1
    _keep(known.values())
    if found:
        leave_no_trace()
    return found


def apply_again() -> None:
    """Erase again what the list beside the backups names: what `manage.py restore` calls at its end."""
    path = Path(settings.BACKUP_DIR) / LIST
    if not path.exists():
        log.warning("There is no list of erased records at %s. If there is one, run “manage.py erase --again”.", path)
        return
    log.info("Records erased again: %d.", apply_tombstones(read_list(path)))


def write_list(folder: Path) -> None:
    """Write the tombstones to the folder's list, if there are any; those that are only in the list stay in it."""
    path = Path(folder) / LIST
    if not path.exists() and not Tombstone.objects.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = {one.digest: one for one in (read_list(path) if path.exists() else [])}
    for stone in Tombstone.objects.all():
        key = stone.digest
        known[key] = Erased(key, stone.clinic_id, stone.erased_at.isoformat(), stone.erased_by_id, stone.reason)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one._asdict()) + "\n" for one in sorted(known.values()))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_list(path: Path) -> list[Erased]:
    """Return what a list names; raises OSError and ValueError for what isn't one."""
    try:
        return [Erased(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except TypeError as trouble:
        raise ValueError(f"{path} isn't a list of erased records.") from trouble


def leave_no_trace(*, at_work: bool = False) -> bool:
    """Write SQLite's file anew, without what was deleted; return whether that could be done now.

    `secure_delete` isn't enough: it leaves copies of rows that were moved between pages before they were deleted.
    Nobody else can write meanwhile, so that a large file isn't touched while people are at work.
    """
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            if at_work and cursor.fetchone()[0] > MOST_AT_WORK:
                return False
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return bool(cursor.fetchone()[0] == 0)
    except DatabaseError as trouble:
        log.warning("The database's file can't be written anew now: %s.", trouble)
        return False


def _delete(patient: Patient) -> None:
    """Delete the rows of all parts, those first that point to others, and the PDFs that nobody else was given."""
    pdfs = list(record.pdfs(patient).values_list("pk", flat=True))
    Delivery.objects.filter(issue__program__patient=patient).update(again_for=None)
    for part in reversed(record.PARTS):
        record.rows(part, patient).delete()
    still = Exists(Issue.objects.filter(pdf=OuterRef("pk")))
    StoredPdf.objects.filter(~still, pk__in=pdfs).delete()


def _keep(erased: Iterable[Erased]) -> None:
    """Take tombstones over from a list; people and clinics that this older state doesn't know are left out."""
    clinics = set(Clinic.objects.values_list("pk", flat=True))
    people = set(User.objects.values_list("pk", flat=True))
    Tombstone.objects.bulk_create(
        [
            Tombstone(
                digest=one.digest,
                clinic_id=one.clinic,
                erased_at=datetime.datetime.fromisoformat(one.at),
                erased_by_id=one.by if one.by in people else None,
                reason=one.reason,
            )
            for one in erased
            if one.clinic in clinics
        ],
        ignore_conflicts=True,
    )
