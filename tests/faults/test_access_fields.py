"""Which field of a record each role reads and writes: forms and pages are as `clinics/fields.csv` says."""

import csv
import logging
from pathlib import Path

import pytest
from django.forms import Form, ModelForm

import clinics
from clinics.forms import ClinicForm
from clinics.models import Role
from clinics.people_forms import InviteForm, RoleForm
from exercises.models import Driver
from patients.forms import AssessmentForm, CloseFlagForm, PatientForm
from patients.models import Patient, RaisedFlag
from tests.conftest import make_assessment, make_clinic, make_patient, signed_in
from tests.faults import sweep
from tests.faults.sweep import Site

FORMS: dict[str, type[Form | ModelForm]] = {
    "patient": PatientForm,
    "assessment": AssessmentForm,
    "flag": CloseFlagForm,
    "clinic": ClinicForm,
    "invitation": InviteForm,
    "membership": RoleForm,
}
# What a page needs to save a form well, which is kept of no record.
AIDS = {"version", "form_key", "based_on", "kept_logo", "remove_logo"}
# What no form lists, as somebody might post it.
NOT_LISTED = {"folded_name": "x", "mail_consent": "attach", "created_at": "2001-01-01", "archived_at": "2001-01-01"}
NOT_LISTED |= {"is_staff": "on", "role": "clinic_admin", "id": "1", "pk": "1", "by": "1"}


def rows() -> list[dict[str, str]]:
    with Path(clinics.__file__).with_name("fields.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.asvs("V8.1.2", "V15.3.1")
@pytest.mark.parametrize("record", FORMS)
def test_each_field_of_a_form_has_a_row(record: str) -> None:
    listed = {row["field"] for row in rows() if row["record"] == record}

    assert set(FORMS[record].base_fields) - AIDS == listed


def test_knows_no_other_record_or_right() -> None:
    assert {row["record"] for row in rows()} == set(FORMS)
    assert {row[role] for row in rows() for role in Role.values} <= {"", "read", "write"}


@pytest.mark.asvs("V8.2.3")
@pytest.mark.django_db
def test_shows_assistants_and_admins_nothing_clinical() -> None:
    here = Site()
    marks = {"assessment": "hidden-note", "flag": "hidden-outcome", "driver": "Hidden driver", "flag question": "fever"}
    make_assessment(here.patient, by=here.therapist, note=marks["assessment"])
    Driver.objects.update(name=marks["driver"], short_name=marks["driver"])
    RaisedFlag.objects.filter(patient=here.patient).update(outcome=marks["flag"])
    logging.disable(logging.CRITICAL)

    seen = {role: everything(here, role) for role in (Role.THERAPIST, Role.ASSISTANT, Role.CLINIC_ADMIN)}
    logging.disable(logging.NOTSET)

    for name in ("assessment", "driver", "flag question"):
        assert marks[name] in seen[Role.THERAPIST], f"nobody sees {name}, so that its absence says nothing"
        assert marks[name] not in seen[Role.ASSISTANT]
        assert marks[name] not in seen[Role.CLINIC_ADMIN]
    assert marks["flag"] not in seen[Role.ASSISTANT] + seen[Role.CLINIC_ADMIN]
    assert here.patient.name in seen[Role.ASSISTANT]


def everything(here: Site, role: str) -> str:
    """Return all that the pages of patients and programs answer to this role."""
    client = signed_in(here.therapist if role == Role.THERAPIST else here.person(role))
    apps = ("patient", "clinic", "program", "issue", "delivery", "flag", "sign-off")
    found = [page for page in sweep.pages() if "GET" in page.row.methods and page.row.record in apps]
    names = {page.row.name for page in found} - {
        "preview_pdf",
        "referral_pdf",
        "handout_pdf",
        "clinic_logo",
        "own_exercise_new",
    }
    pages = [page for page in sweep.pages() if page.row.name in names | {"today", "patients", "patient_new"}]
    answers = (sweep.ask(client, "GET", page.address(here)) for page in pages)
    return "".join(answer.content.decode() for answer in answers if not answer.streaming)


@pytest.mark.asvs("V8.2.3", "V15.3.3")
@pytest.mark.django_db
@pytest.mark.parametrize("way", ["patient_new", "patient_edit"])
def test_takes_no_field_that_the_form_doesnt_list(way: str) -> None:
    here, other = Site(), make_clinic()
    patient = make_patient("Old Name", clinic=here.clinic, mail_consent="")
    before = Patient.objects.filter(pk=patient.pk).values().get()
    address = "/patients/new/" if way == "patient_new" else f"/patients/{patient.pk}/edit/"

    typed = {"name": "New Name", "language": "en", "version": 1, "clinic": other.pk, "clinic_id": other.pk}
    signed_in(here.person(Role.ASSISTANT)).post(address, typed | NOT_LISTED)

    found = Patient.objects.filter(name="New Name").values().get()
    assert found["clinic_id"] == here.clinic.pk
    assert (found["mail_consent"], found["archived_at"], found["folded_name"]) == ("", None, "new name")
    assert found["created_at"].year > 2001
    changed = {name for name in before if before[name] != found[name]}
    assert way == "patient_new" or changed == {"name", "folded_name", "version"}
