"""Retention: exactly what was kept as long as its clinic says is due, in two steps; holds stay."""

import datetime
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField
from django.utils import timezone

from clinics.models import Clinic, Role
from patients import holding
from patients.models import Patient, Tombstone
from programs import record, retention
from programs.models import Tick
from tests.conftest import make_clinic, make_patient, make_user
from tests.patients.samples import moment
from tests.programs.full_record import make_full
from tests.programs.samples import make_issue

pytestmark = pytest.mark.django_db

NOW = moment("2036-03-01 12:00")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path


def clinic_of(years: int | None) -> Clinic:
    clinic = make_clinic()
    clinic.retention_years = years
    clinic.save(update_fields=["retention_years"])
    return clinic


def made(clinic: Clinic, at: str) -> Patient:
    return make_patient(clinic=clinic, created_at=moment(at))


def due() -> list[int]:
    return [one.patient for one in retention.due(NOW) if not one.held]


@pytest.mark.asvs("V14.2.4")
@pytest.mark.parametrize(
    ("years", "last", "is_due"),
    [
        (6, "2030-03-01 12:00", True),
        (6, "2030-03-01 12:01", False),
        (10, "2026-03-01 12:00", True),
        (None, "1990-01-01 12:00", False),
    ],
    ids=["to the minute", "a minute later", "another clinic's years", "for good"],
)
def test_is_due_so_many_years_after_the_last_entry(years, last, is_due):
    patient = made(clinic_of(years), last)

    assert due() == ([patient.pk] if is_due else [])


def test_of_a_leap_day_it_is_the_day_before():
    patient = made(clinic_of(1), "2035-02-28 12:00")

    assert [one.patient for one in retention.due(moment("2036-02-29 12:00"))] == [patient.pk]


def test_each_clinic_has_its_own_years():
    six, ten = clinic_of(6), clinic_of(10)
    first, _ = made(six, "2028-01-01 12:00"), made(ten, "2028-01-01 12:00")

    assert due() == [first.pk]


def test_what_a_patient_notes_at_home_is_an_entry_too():
    by = make_user()
    patient = made(by.memberships.get().clinic, "2020-01-01 12:00")
    Clinic.objects.update(retention_years=6)
    issue = make_issue(by=by)
    issue.program.patient = patient
    issue.program.save(update_fields=["patient"])
    Tick.objects.create(issue=issue, day="2035-01-01", number=1, at=moment("2035-01-01 12:00"))

    assert patient.pk not in due()


def test_looks_at_every_moment_of_a_record():
    """A moment that is no entry is named here, with why."""
    no_entry = {
        ("patient", "archived_at"): "taking a record off the list is no entry",
        ("legalhold", "placed_at"): "a hold stands in the way by itself",
        ("legalhold", "lifted_at"): "as placed_at",
        ("delivery", "next_at"): "lies ahead",
        ("delivery", "lease_until"): "lies ahead",
        ("patientlink", "expires_at"): "lies ahead",
    }
    all_of_them = {
        (part.model._meta.model_name, field.name)
        for part in record.PARTS
        for field in part.model._meta.fields
        if isinstance(field, DateTimeField)
    }

    looked_at = {(part.model._meta.model_name, name) for part in record.PARTS for name in part.moments}

    assert all_of_them - looked_at == set(no_entry)


def test_the_number_of_queries_does_not_grow_with_the_patients(django_assert_num_queries):
    by = make_user()
    make_full("Maria Rivera", by=by)
    clinic = by.memberships.get().clinic
    for _ in range(3):
        made(clinic, "2020-01-01 12:00")

    with django_assert_num_queries(sum(len(part.moments) for part in record.PARTS)):
        assert len(record.last_use(clinic)) == 4


def test_a_hold_keeps_a_record_and_the_list_says_so():
    clinic = clinic_of(6)
    patient = made(clinic, "2020-01-01 12:00")
    holding.place(patient, why="Dispute.", until=None, by=make_user(Role.CLINIC_ADMIN, clinic=clinic))

    (one,) = retention.due(NOW)

    assert one.held
    assert str(one) == f"clinic {clinic.pk}  patient {patient.pk}  last entry 2020-01-01  held, stays"
    assert retention.carry_out(retention.code_of([one]), NOW) == 0
    assert Patient.objects.count() == 1


@pytest.mark.asvs("V14.2.4")
def test_the_command_lists_first_and_erases_exactly_what_it_listed(capsys, monkeypatch):
    years_ago = timezone.now() - datetime.timedelta(days=3000)
    clinic = clinic_of(6)
    old = make_patient("Zanzibara Quill", clinic=clinic, created_at=years_ago)
    make_patient(clinic=clinic)

    call_command("retention", dry_run=True)
    dry = capsys.readouterr().out
    call_command("retention")
    listed = capsys.readouterr().out

    assert f"patient {old.pk}  last entry {years_ago:%Y-%m-%d}  due\nDue: 1. Nothing was erased." in dry
    assert "--confirm" not in dry
    assert "Zanzibara" not in dry + listed
    assert Patient.objects.count() == 2
    code = re.search(r"--confirm (\w+)", listed)[1]
    monkeypatch.setattr("programs.erasing.leave_no_trace", lambda: True)  # it can't within a test's transaction
    call_command("retention", confirm=code)
    assert capsys.readouterr().out == "Erased: 1.\n"
    assert [patient.name for patient in Patient.objects.all()] == ["Maria Rivera"]
    assert (Tombstone.objects.get().reason, Tombstone.objects.get().erased_by) == ("retention", None)


def test_refuses_when_something_became_due_since():
    clinic = clinic_of(6)
    made(clinic, "2020-01-01 12:00")
    code = retention.code_of(retention.due(timezone.now().replace(year=2036)))
    made(clinic, "2020-01-02 12:00")

    with pytest.raises(CommandError, match="isn't what was shown"):
        call_command("retention", confirm=code)
    assert Patient.objects.count() == 2


@pytest.mark.parametrize("years", [0, 101])
def test_the_database_takes_no_other_years(years):
    with pytest.raises(IntegrityError), transaction.atomic():
        clinic_of(years)
