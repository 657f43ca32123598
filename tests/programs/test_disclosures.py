"""The report of disclosures: of fifty mixed events exactly those that went to others."""

import datetime
import itertools

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clinics import audit
from clinics.models import AuditEntry, Role
from patients import records
from patients.models import Disclosure, Patient
from programs import delivery, disclosures
from programs.models import Delivery
from tests.conftest import make_clinic, make_patient, make_user
from tests.programs.samples import make_issue

pytestmark = pytest.mark.django_db

TO_OTHERS = "others"


@pytest.fixture
def by():
    return make_user(Role.THERAPIST)


@pytest.fixture
def issue(by):
    made = make_issue(by=by)
    patient = made.program.patient
    fields = {"name": patient.name, "birth_date": None, "phone": "", "language": "en", "contact_note": ""}
    for version, address in enumerate(["before@patients.invalid", "Maria@Patients.invalid"], start=1):
        records.update(patient, fields | {"email": address}, seen_version=version, by=by)
    made.program.patient.refresh_from_db()
    return made


def mail(issue, to, *, by, sent=True):
    row = delivery.queue_handout(issue, to=to, form_key=delivery.new_form_key(), by=by)
    if sent:
        Delivery.objects.filter(pk=row.pk).update(status="sent", sent_at=timezone.now())


def note(patient, recipient, *, by, days=0):
    on = timezone.localdate() - datetime.timedelta(days=days)
    disclosures.note(patient, on=on, recipient=recipient, what="A letter", why="Treatment", by=by)


def test_of_fifty_events_tells_exactly_those_that_went_to_others(issue, by):
    patient = issue.program.patient
    other = make_issue(by=by)
    acts = [
        lambda to: mail(issue, f"{to}@doctors.invalid", by=by),  # told
        lambda to: mail(issue, f"{to}@waiting.invalid", by=by, sent=False),
        lambda to: mail(issue, "maria@patients.INVALID", by=by),
        lambda to: mail(issue, "before@patients.invalid", by=by),
        lambda to: mail(other, f"{to}@doctors.invalid", by=by),
        lambda to: audit.about(patient, "print referral", by=by),  # told
        lambda to: audit.about(patient, "print handout", by=by, subject=issue),
        lambda to: audit.about(other.program.patient, "print referral", by=by),
        lambda to: note(patient, f"{to}, lawyer", by=by),  # told
        lambda to: note(patient, f"{to}, long ago", by=by, days=2193),
    ]

    for number, act in enumerate(itertools.islice(itertools.cycle(acts), 50)):
        act(f"to{number}")

    told = [line.recipient for line in disclosures.lines(patient, at=timezone.now())]
    right = [f"to{number}@doctors.invalid" for number in range(0, 50, 10)]
    right += [f"to{number}, lawyer" for number in range(8, 50, 10)]
    assert sorted(told) == sorted([*right, *["The doctor referred to"] * 5])


def test_says_date_recipient_what_why_and_who(issue, by):
    mail(issue, "dr.ames@doctors.invalid", by=by)

    (line,) = disclosures.lines(issue.program.patient, at=timezone.now())

    assert line.cells == (
        timezone.localdate().isoformat(),
        "dr.ames@doctors.invalid",
        "Handout 1, as a PDF by e-mail",
        "Sent on the patient’s consent to mail",
        "Dana Okafor",
    )


def test_tells_the_latest_first_in_4_queries(issue, by, django_assert_num_queries):
    for days in (3, 1, 2):
        note(issue.program.patient, f"{days} days ago", by=by, days=days)
    mail(issue, "dr.ames@doctors.invalid", by=by)

    with django_assert_num_queries(4):
        told = [line.recipient for line in disclosures.lines(issue.program.patient, at=timezone.now())]

    assert told == ["dr.ames@doctors.invalid", "1 days ago", "2 days ago", "3 days ago"]


@pytest.mark.parametrize("role", [Role.TRAINER, Role.ASSISTANT, "elsewhere"])
def test_is_noted_by_those_who_look_after_records(role):
    clinic = make_clinic()
    other = make_user(clinic=make_clinic()) if role == "elsewhere" else make_user(role, clinic=clinic)

    with pytest.raises(PermissionDenied):
        note(make_patient(clinic=clinic), "Somebody", by=other)
    assert not Disclosure.objects.exists()


def test_a_note_is_in_the_log_without_its_words(by):
    patient = make_patient(clinic=by.memberships.get().clinic)

    note(patient, "Somebody", by=by)

    entry = AuditEntry.objects.first()
    assert (entry.action, entry.patient_id, entry.detail) == ("note disclosure", patient.pk, {})
    assert Patient.objects.count() == 1
