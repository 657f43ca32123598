"""Today, and a patient's page: what each role finds there, in how many queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import AuditEntry
from patients.models import Patient
from programs import delivery, sign_offs
from programs.models import Delivery
from tests.conftest import make_assessment, make_clinic, make_patient, make_user, signed_in
from tests.programs.clinical import make_ready, screen
from tests.programs.samples import make_issue, make_program
from tests.reading import shown

pytestmark = pytest.mark.django_db

TODAY_QUERIES = 11
PATIENT_QUERIES = 28


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def therapist(clinic):
    return make_user("therapist", clinic=clinic)


@pytest.fixture
def trainer(clinic):
    return make_user("trainer", clinic=clinic, name="Milo Hartmann")


def today(user) -> str:
    return shown(signed_in(user).get("/"))


def busy_day(therapist, trainer, name=""):
    """Make a patient each for a waiting sign-off, an open flag, a draft and a failed mail."""
    clinic = trainer.memberships.get().clinic
    luis, agnes, priya, maria = (
        make_patient(f"{first}{name}", clinic=clinic, email="m@patients.invalid")
        for first in ("Luis", "Agnes", "Priya", "Maria")
    )
    sign_offs.ask(
        make_program("Bridge", by=trainer, patient=luis), reasons=["A reason."], question="Private words.", by=trainer
    )
    screen(agnes, by=therapist, yes=("fever",))
    make_program("Bridge", by=therapist, patient=priya)
    made = make_issue(make_program("Bridge", by=therapist, patient=maria), by=therapist)
    row = delivery.queue_handout(made, to="maria@patients.invalid", form_key=delivery.new_form_key(), by=therapist)
    Delivery.objects.filter(pk=row.pk).update(status="failed", trouble="The mail server said 550 no such user.")


def test_shows_a_therapist_what_waits(therapist, trainer):
    busy_day(therapist, trainer)

    text = today(therapist)

    assert "Waiting for your sign-off 1 program Luis asked by Milo Hartmann" in text
    assert "Open red flags 1 flag Agnes Routine referral: Cause of fever" in text
    assert "Mail that didn't arrive 1 mail Maria maria@patients.invalid · The mail server said 550" in text
    drafts = text[text.index("Programs not issued yet") : text.index("Newest patients")]
    assert "Priya" in drafts
    assert "Luis" in drafts
    assert "Maria" not in drafts


def test_shows_a_trainer_what_was_asked_instead(therapist, trainer):
    busy_day(therapist, trainer)

    text = today(trainer)

    assert "You asked a therapist 1 program Luis waiting since" in text
    assert "Waiting for your sign-off" not in text
    assert "Open red flags 1 flag Agnes" in text


def test_shows_an_assistant_nothing_clinical(clinic, therapist, trainer):
    busy_day(therapist, trainer)

    text = today(make_user("assistant", clinic=clinic))

    assert "Mail that didn't arrive 1 mail Maria" in text
    assert "Newest patients" in text
    for clinical in ("sign-off", "red flag", "Due for review", "Programs not issued", "A reason", "fever"):
        assert clinical not in text


def test_shows_a_clinic_admin_no_patients(clinic, therapist, trainer):
    busy_day(therapist, trainer)

    text = today(make_user("clinic_admin", clinic=clinic))

    assert "Your role in this clinic sees no patients." in text
    assert not [name for name in ("Luis", "Agnes", "Priya", "Maria") if name in text]


def test_shows_nothing_of_another_clinic(therapist, trainer):
    busy_day(therapist, trainer)

    text = today(make_user("therapist"))

    assert "No patients yet." in text
    assert not [name for name in ("Luis", "Agnes", "Priya", "Maria") if name in text]


@pytest.mark.parametrize("days", [1, 5])
@pytest.mark.parametrize("role", ["therapist", "trainer"])
def test_reads_today_in_the_same_number_of_queries_however_busy(clinic, therapist, trainer, days, role):
    for number in range(days):
        busy_day(therapist, trainer, f" {number}")
    client = signed_in(therapist if role == "therapist" else trainer)

    with CaptureQueriesContext(connection) as queries:
        client.get("/")

    assert len(queries) == TODAY_QUERIES, "\n".join(query["sql"][:200] for query in queries)


def test_logs_which_patients_today_named(therapist, trainer):
    busy_day(therapist, trainer)
    logged = AuditEntry.objects.count()

    today(therapist)

    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == logged + 1
    assert entry.action == "view today"
    assert entry.detail["patients"] == sorted(Patient.objects.values_list("pk", flat=True))


def test_logs_nothing_when_today_names_nobody(clinic):
    logged = AuditEntry.objects.count()

    today(make_user("clinic_admin", clinic=clinic))

    assert AuditEntry.objects.count() == logged


def test_leaves_out_drafts_of_archived_patients_and_issued_programs(therapist):
    archived = make_program("Bridge", by=therapist)
    Patient.objects.filter(pk=archived.patient_id).update(name="Archie", archived_at=timezone.now())
    make_issue(make_program("Bridge", by=therapist), by=therapist)

    text = today(therapist)

    assert "No drafts. Every program is issued as it stands." in text
    assert "Archie" not in text


def patient_page(user, patient):
    return signed_in(user).get(f"/patients/{patient.pk}/")


@pytest.fixture
def maria(clinic, therapist):
    """A patient with a flag, an assessment, a program, a handout and a mail."""
    patient = make_patient("Maria Rivera", clinic=clinic, phone="555-0199", email="maria@patients.invalid")
    make_assessment(patient, by=therapist, tight=["piriformis"], note="For colleagues.")
    made = make_issue(make_ready(by=therapist, patient=patient), by=therapist)
    screen(patient, by=therapist, yes=("fever",))
    delivery.queue_handout(made, to="maria@patients.invalid", form_key="key", by=therapist)
    return patient


CLINICAL = ("Piriformis", "fever", "Screening", "Assessment", "Programs", "New program", "Suspected driver", "Timeline")
FOR_ALL = ("Maria Rivera", "555-0199", "Handout 1, weeks 0–2", "Print handout 1", "Mail to maria@patients.invalid")


def test_shows_clinicians_everything_of_a_patient(therapist, trainer, maria):
    for user in (therapist, trainer):
        text = shown(patient_page(user, maria))
        assert not [part for part in (*CLINICAL, *FOR_ALL) if part not in text]
    assert "Close: Cause of fever" in shown(patient_page(therapist, maria))
    assert "A therapist closes this flag." in shown(patient_page(trainer, maria))


def test_hides_what_is_clinical_from_an_assistant(clinic, maria):
    response = patient_page(make_user("assistant", clinic=clinic), maria)

    text = shown(response)
    assert not [part for part in FOR_ALL if part not in text]
    assert not [part for part in CLINICAL if part in text]
    assert not {"assessment", "flags", "programs", "screening_state", "timeline"} & set(response.context.keys())


def test_is_an_assistants_page_for_a_therapist_of_another_clinic(clinic, maria):
    both = make_user("therapist")
    both.memberships.create(clinic=clinic, role="assistant")

    text = shown(patient_page(both, maria))

    assert "555-0199" in text
    assert not [part for part in CLINICAL if part in text]


@pytest.mark.parametrize("handouts", [1, 6])
def test_reads_a_patient_in_the_same_number_of_queries_whatever_the_past(therapist, maria, handouts):
    program = maria.programs.get()
    for number in range(handouts - 1):
        made = make_issue(program, by=therapist)
        delivery.queue_handout(made, to="m@patients.invalid", form_key=f"key-{number}", by=therapist)
    for number in range(handouts - 1):
        make_assessment(maria, by=therapist, tight=["piriformis", f"muscle_{number}"])
    client = signed_in(therapist)

    with CaptureQueriesContext(connection) as queries:
        client.get(f"/patients/{maria.pk}/")

    assert len(queries) == PATIENT_QUERIES, "\n".join(query["sql"][:200] for query in queries)
