"""Erasing a record: all of it and nothing else, never while it is held, and again when an old backup brings it back."""

import datetime
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone

from clinics.models import AuditEntry, Role
from patients import holding
from patients.models import Patient, Tombstone
from programs import delivery, erasing, record
from programs.models import Issue, StoredPdf
from tests.conftest import make_clinic, make_patient, make_user
from tests.programs.full_record import make_full
from tests.programs.samples import make_issue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    return tmp_path


@pytest.fixture
def by():
    return make_user(Role.THERAPIST)


@pytest.fixture
def admin(by):
    return make_user(Role.CLINIC_ADMIN, clinic=by.memberships.get().clinic)


def words() -> str:
    """Return all that is in the database, as text."""
    found = []
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            for row in cursor.fetchall():
                found.append(repr([bytes(value) if isinstance(value, memoryview) else value for value in row]))
    return "\n".join(found).lower()


def all_of(patient: Patient) -> list[list[dict]]:
    return [list(record.rows(part, patient).values()) for part in record.PARTS]


def erased(patient: Patient) -> list[erasing.Erased]:
    digest = erasing.digest_of(patient.pk, patient.clinic_id, patient.created_at)
    return [erasing.Erased(digest, patient.clinic_id, timezone.now().isoformat(), None, "asked")]


def test_deletes_all_of_a_patient_and_touches_nobody_else(by, admin):
    patient, other = make_full("Zanzibara Quill", by=by), make_full("Maria Rivera", by=by)
    kept, pdf = all_of(other), other.programs.get().issues.get().pdf_id
    assert "zanzibara" in words()

    erasing.erase(patient, reason="asked", by=admin)

    assert "zanzibara" not in words()
    assert [len(rows) for rows in all_of(patient)] == [0] * len(record.PARTS)
    assert all_of(other) == kept
    assert list(StoredPdf.objects.values_list("pk", flat=True)) == [pdf]


def test_leaves_the_log_and_a_tombstone_that_holds_nothing_personal(by, admin):
    patient = make_full("Zanzibara Quill", by=by)
    logged = AuditEntry.objects.filter(patient_id=patient.pk).count()

    erasing.erase(patient, reason="mistake", by=admin)

    assert AuditEntry.objects.filter(patient_id=patient.pk).count() == logged + 1
    entry, stone = AuditEntry.objects.first(), Tombstone.objects.get()
    assert (entry.action, entry.by, entry.detail) == ("erase record", admin, {"reason": "mistake"})
    assert (stone.clinic, stone.erased_by, stone.reason) == (patient.clinic, admin, "mistake")
    assert {field.name for field in Tombstone._meta.fields} == {"digest", "clinic", "erased_at", "erased_by", "reason"}


def test_keeps_a_pdf_that_somebody_else_was_given_too(by, admin):
    first, second = make_full("Maria Rivera", by=by), make_full("Maria Twin", by=by)
    Issue.objects.filter(program__patient=second).update(pdf=Issue.objects.get(program__patient=first).pdf)

    erasing.erase(first, reason="asked", by=admin)

    assert Issue.objects.get(program__patient=second).pdf_id in StoredPdf.objects.values_list("pk", flat=True)


@pytest.mark.parametrize(("days", "lifted", "held"), [(None, 0, 1), (0, 0, 1), (5, 0, 1), (-1, 0, 0), (None, 1, 0)])
def test_a_hold_stands_in_the_way_up_to_its_last_day(admin, days, lifted, held):
    patient = make_patient(clinic=admin.memberships.get().clinic)
    until = None if days is None else timezone.localdate() + datetime.timedelta(days=days)
    hold = holding.place(patient, why="Insurance dispute.", until=until, by=admin)
    if lifted:
        holding.lift(hold, by=admin)

    if held:
        with pytest.raises(erasing.CannotErase, match=r"This record is held until .*: Insurance dispute\."):
            erasing.erase(patient, reason="asked", by=admin)
    else:
        erasing.erase(patient, reason="asked", by=admin)

    assert Patient.objects.count() == Tombstone.objects.count() ^ 1 == held


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.TRAINER, Role.ASSISTANT, "elsewhere"])
def test_is_for_admins_of_the_clinic_alone(admin, role):
    patient = make_patient(clinic=admin.memberships.get().clinic)
    other = make_user(Role.CLINIC_ADMIN, clinic=make_clinic()) if role == "elsewhere" else None

    for act in (
        lambda by: erasing.erase(patient, reason="asked", by=by),
        lambda by: holding.place(patient, why="So.", until=None, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act(other or make_user(role, clinic=patient.clinic))
    assert Patient.objects.count() == 1


def test_an_older_state_forgets_again_who_was_erased_since(by, admin):
    patient, other = make_full("Zanzibara Quill", by=by), make_full("Maria Rivera", by=by)
    holding.place(patient, why="It was lifted later.", until=None, by=admin)

    assert erasing.apply_tombstones(erased(patient)) == 1

    assert "zanzibara" not in words()
    assert Patient.objects.get() == other
    assert Tombstone.objects.get().reason == "asked"
    assert AuditEntry.objects.first().action == "erase record again"
    assert erasing.apply_tombstones(erased(patient)) == 0


def test_spares_somebody_who_was_given_the_number_again(by):
    patient = make_patient(clinic=by.memberships.get().clinic)
    gone = erased(patient)
    Patient.objects.filter(pk=patient.pk).update(created_at=timezone.now())

    assert erasing.apply_tombstones(gone) == 0
    assert Patient.objects.count() == 1


def test_the_list_beside_the_backups_is_written_at_once_and_never_shrinks(
    admin, folder, django_capture_on_commit_callbacks
):
    clinic = admin.memberships.get().clinic
    one, two = make_patient(clinic=clinic), make_patient("Tom", clinic=clinic)
    listed = erased(one)[0].digest, erased(two)[0].digest

    for patient in (one, two):
        with django_capture_on_commit_callbacks(execute=True):
            erasing.erase(patient, reason="asked", by=admin)
        Tombstone.objects.all().delete()  # as in an older state

    rows = [json.loads(line) for line in (folder / erasing.LIST).read_text().splitlines()]
    assert {row["digest"] for row in rows} == set(listed)
    assert rows[0].keys() == {"digest", "clinic", "at", "by", "reason"}
    assert "Tom" not in (folder / erasing.LIST).read_text()


def test_says_that_there_is_no_list(caplog):
    erasing.apply_again()

    assert "There is no list of erased records" in caplog.text


def test_erases_again_by_hand(admin, folder):
    patient = make_patient(clinic=admin.memberships.get().clinic)
    (folder / "list").write_text("".join(json.dumps(one._asdict()) + "\n" for one in erased(patient)))

    call_command("erase", again=folder / "list")

    assert not Patient.objects.exists()


@pytest.mark.parametrize("content", ['{"digest": "1"}\n', "not JSON", "\xff"])
def test_refuses_what_is_no_list(folder, content):
    (folder / "list").write_text(content, encoding="latin-1")

    with pytest.raises(CommandError, match="can't be read"):
        call_command("erase", again=folder / "list")


def test_a_mail_that_waits_is_not_sent(by, admin):
    """The row is the queue: what a worker claimed before finds nothing to write its word into."""
    issue = make_issue(by=by)
    mail = delivery.queue_handout(issue, to="m@patients.invalid", form_key="key", by=by)

    erasing.erase(issue.program.patient, reason="asked", by=admin)

    assert delivery.claim(timezone.now(), mail.pk) is None
    assert delivery.next_due(timezone.now()) is None


def test_every_moment_that_is_named_is_one():
    for part in record.PARTS:
        for name in part.moments:
            assert isinstance(part.model._meta.get_field(name), models.DateTimeField)
