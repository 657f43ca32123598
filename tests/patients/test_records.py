"""Contact data: changed without losing another's change, archived and brought back, each logged once."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied

from clinics.models import AuditEntry, Role
from patients import records
from patients.forms import PatientForm
from patients.models import Patient, fold
from tests.conftest import make_clinic, make_patient, make_user

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "José Núñez",
    "birth_date": datetime.date(1980, 5, 17),
    "email": "jose@mail.invalid",
    "phone": "(555) 010-1234",
    "language": "es",
    "contact_note": "Call after 5 pm.",
}


@pytest.fixture
def by():
    return make_user(Role.ASSISTANT)


@pytest.fixture
def patient(by):
    return records.create(by.memberships.get().clinic, TYPED, by=by)


def entries():
    return list(AuditEntry.objects.order_by("id"))


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("José Núñez", "jose nunez"),
        ("MARIA", "maria"),
        ("Weiß", "weiss"),
        ("Łukasz Øster", "lukasz oster"),
        ("李 Wei", "李 wei"),
        ("Иван", "иван"),
        ("", ""),
        ("㎒" * 120, ("mhz" * 120)[:240]),
    ],
)
def test_folds_a_name_without_losing_letters(name, folded):
    assert fold(name) == folded


def test_creates_a_patient_with_what_was_typed(patient, by):
    patient.refresh_from_db()
    assert {name: getattr(patient, name) for name in records.EDITABLE} == TYPED
    assert (patient.folded_name, patient.version, patient.archived_at) == ("jose nunez", 1, None)
    assert patient.clinic == by.memberships.get().clinic
    assert [(entry.action, entry.subject, entry.by) for entry in entries()] == [
        ("create patient", f"patient:{patient.pk}", by)
    ]


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.CLINIC_ADMIN])
def test_creates_nobody_where_the_role_does_not_reach(role):
    clinic = make_clinic()
    stranger = make_user(role, clinic=clinic if role == Role.CLINIC_ADMIN else None)

    with pytest.raises(PermissionDenied, match="may not see or edit patients' contact data"):
        records.create(clinic, TYPED, by=stranger)

    assert not Patient.objects.exists()
    assert entries() == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"phone": ""}, ["phone"]),
        ({"language": "en"}, ["language"]),
        ({"name": "José Álvarez", "birth_date": None}, ["birth_date", "name"]),
        ({}, []),
    ],
)
def test_names_only_the_fields_that_changed(changes, fields, patient, by):
    records.update(patient, {**TYPED, **changes}, seen_version=1, by=by)

    entry = entries()[-1]
    assert (entry.action, entry.patient_id, entry.detail) == ("change patient", patient.pk, {"fields": fields})
    patient.refresh_from_db()
    assert patient.version == 2
    assert {name: getattr(patient, name) for name in records.EDITABLE} == {**TYPED, **changes}


def test_finds_a_renamed_patient_by_the_new_name(patient, by):
    records.update(patient, {**TYPED, "name": "José Álvarez"}, seen_version=1, by=by)

    assert Patient.objects.matching("alvarez").get() == patient
    assert not Patient.objects.matching("nunez").exists()


@pytest.mark.parametrize("seen", [0, 1, 3])
def test_a_second_editor_never_overwrites_the_first(seen, patient, by):
    records.update(patient, {**TYPED, "phone": "first"}, seen_version=1, by=by)
    logged = len(entries())

    with pytest.raises(records.EditedMeanwhile):
        records.update(patient, {**TYPED, "phone": "second"}, seen_version=seen, by=by)

    patient.refresh_from_db()
    assert (patient.phone, patient.version) == ("first", 2)
    assert len(entries()) == logged


def test_archives_and_brings_back_and_deletes_nothing(patient, by):
    records.archive(patient, by=by)
    assert not Patient.objects.active().exists()
    assert Patient.objects.get().name == "José Núñez"

    records.bring_back(patient, by=by)

    assert Patient.objects.active().get() == patient
    assert [entry.action for entry in entries()[1:]] == ["archive patient", "bring back patient"]


def test_logs_nothing_when_nothing_happens(patient, by):
    records.bring_back(patient, by=by)
    records.archive(patient, by=by)
    since = Patient.objects.get().archived_at
    records.archive(patient, by=by)

    assert Patient.objects.get().archived_at == since
    assert [entry.action for entry in entries()[1:]] == ["archive patient"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jose", True),
        ("JOSÉ", True),
        ("nunez jose", True),
        ("jos nun", True),
        ("jose@MAIL", True),
        ("(555) 010", True),
        ("", True),
        ("josef", False),
        ("jose rivera", False),
        ("%", False),
        ("_", False),
    ],
)
@pytest.mark.usefixtures("patient")
def test_matches_each_word_anywhere_in_name_email_or_phone(text, found):
    assert Patient.objects.matching(text).exists() is found


@pytest.mark.parametrize(
    ("name", "word"), [("Łukasz Weiß", "WEISS"), ("Łukasz Weiß", "weiß"), ("Łukasz Weiß", "lukasz"), ("李 Wei", "李")]
)
def test_finds_a_name_by_any_of_its_words(name, word):
    make_patient(name)

    assert Patient.objects.matching(word).exists()


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (datetime.date(1980, 5, 17), datetime.date(2026, 5, 16), 45),
        (datetime.date(1980, 5, 17), datetime.date(2026, 5, 17), 46),
        (datetime.date(2024, 2, 29), datetime.date(2025, 2, 28), 0),
        (datetime.date(2024, 2, 29), datetime.date(2025, 3, 1), 1),
        (None, datetime.date(2026, 5, 17), None),
    ],
)
def test_counts_whole_years(born, day, age):
    assert Patient(birth_date=born).age_on(day) == age


@pytest.mark.parametrize(
    ("field", "value", "trouble"),
    [
        ("name", "", "This field is required."),
        ("name", "   ", "This field is required."),
        ("birth_date", "17.5.1980", "Enter a valid date."),
        ("birth_date", "1880-01-01", "The year must be from"),
        ("birth_date", "9999-01-01", "The year must be from"),
        ("email", "jose", "Enter a valid email address."),
    ],
)
def test_says_what_is_wrong_with_what_was_typed(field, value, trouble):
    form = PatientForm({**TYPED, "version": 1, field: value})

    assert list(form.errors) == [field]
    assert trouble in form.errors[field][0]


def test_takes_nobody_who_is_born_tomorrow(monkeypatch):
    monkeypatch.setattr("patients.forms.timezone.localdate", lambda: datetime.date(2026, 5, 16))

    form = PatientForm({**TYPED, "version": 1, "birth_date": "2026-05-17"})

    assert form.errors == {"birth_date": ["The date of birth can't be in the future."]}


def test_asks_for_the_clinic_only_when_there_are_several():
    one, two = make_clinic(), make_clinic()

    assert "clinic" not in PatientForm(clinics=[one]).fields
    assert list(PatientForm(clinics=[one, two]).fields["clinic"].queryset) == [one, two]
