"""Corrections of a patient's data keep what was there before, and say so on the patient's page."""

import datetime

import pytest

from clinics.models import Role
from patients import changes, mail_consent, records
from patients.models import PatientChange
from tests.conftest import make_user, signed_in
from tests.reading import shown

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "José Núñez",
    "birth_date": datetime.date(1980, 5, 17),
    "email": "jose@mail.invalid",
    "phone": "",
    "language": "es",
    "contact_note": "",
}


@pytest.fixture
def by():
    return make_user(Role.ASSISTANT)


@pytest.fixture
def patient(by):
    return records.create(by.memberships.get().clinic, TYPED, by=by)


def kept():
    return list(PatientChange.objects.order_by("id").values_list("field", "old", "new"))


def test_keeps_who_when_old_and_new_of_each_field_that_was_corrected(patient, by):
    records.update(patient, {**TYPED, "name": "José Álvarez", "birth_date": None, "phone": "1"}, seen_version=1, by=by)

    assert kept() == [("birth_date", "1980-05-17", ""), ("name", "José Núñez", "José Álvarez"), ("phone", "", "1")]
    assert {change.by for change in changes.of(patient)} == {"Dana Okafor"}
    assert {change.label for change in changes.of(patient)} == {"Date of birth", "Full name", "Phone"}


def test_keeps_what_the_patient_agreed_to_before(patient, by):
    for consent in ("attach", "attach", "none"):
        mail_consent.record(patient, consent, by=by)

    assert kept() == [("mail_consent", "", "attach"), ("mail_consent", "attach", "none")]
    assert changes.of(patient)[0].old != "attach"  # the words of the choice


def test_keeps_nothing_of_a_change_that_was_not_made(patient, by):
    with pytest.raises(records.EditedMeanwhile):
        records.update(patient, {**TYPED, "phone": "1"}, seen_version=7, by=by)

    assert kept() == []


def test_the_patients_page_tells_the_latest_first(patient, by):
    records.update(patient, {**TYPED, "phone": "1"}, seen_version=1, by=by)
    records.update(patient, {**TYPED, "phone": "2"}, seen_version=2, by=by)

    page = shown(signed_in(by).get(f"/patients/{patient.pk}/"))

    assert "Corrections (2) Phone: 2, before: 1" in page
    assert "Phone: 1, before: nothing" in page
