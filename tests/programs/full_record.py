"""A patient of whom there is a row in every table, made by the product's own verbs as far as there are any."""

import datetime

from django.utils import timezone

from clinics.models import Clinic, Role, User
from patients import holding, mail_consent, records
from patients.models import Assessment, FindingAnswer, Patient
from programs import delivery, disclosures, patient_link, sign_offs
from programs.models import Issue, PainScore, Program, Tick
from tests.conftest import make_assessment, make_precaution, make_user
from tests.patients.samples import make_finding
from tests.programs.clinical import make_ready, screen
from tests.programs.samples import make_issue


def make_full(name: str, *, by: User) -> Patient:
    """Return a patient of the clinic of `by`; texts hold the name, and a hold was lifted."""
    clinic = by.memberships.get().clinic
    mailbox = name.replace(" ", ".").lower()
    typed = {"birth_date": datetime.date(1980, 5, 17), "phone": "1", "language": "en", "contact_note": f"{name} note"}
    patient = records.create(clinic, {"name": name, "email": f"{mailbox}@old.invalid", **typed}, by=by)
    new = {"name": name, "email": f"{mailbox}@patients.invalid", **typed}
    records.update(patient, new, seen_version=1, by=by)
    patient.refresh_from_db()
    mail_consent.record(patient, "attach", by=by)
    _assess(patient, by=by)
    program = make_ready(by=by, patient=patient)
    screen(patient, by=by, yes=("fever",))
    Program.objects.filter(pk=program.pk).update(next_visit=f"{name} comes on Monday", edits={"who": name})
    issue = make_issue(program, content=f"%PDF {name}".encode(), by=by)
    Issue.objects.filter(pk=issue.pk).update(snapshot={"patient": name}, overrides=[{"reason": f"{name} agreed"}])
    _give(issue, patient, name, by=by)
    _ask_and_hold(patient, program, name, clinic, by=by)
    return patient


def _assess(patient: Patient, *, by: User) -> Assessment:
    assessment = make_assessment(patient, by=by, tight=("piriformis",), note=f"{patient.name} sits all day")
    assessment.precautions.add(make_precaution(f"careful-{patient.pk}"))
    FindingAnswer.objects.create(assessment=assessment, finding=make_finding(f"f-{patient.pk}"), present=True)
    return assessment


def _give(issue: Issue, patient: Patient, name: str, *, by: User) -> None:
    for again in (None, 1):
        first = issue.deliveries.first() if again else None
        delivery.queue_handout(issue, to=patient.email, form_key=delivery.new_form_key(), by=by, again_for=first)
    patient_link.make(issue, seed=patient_link.new_seed(), way="paper", by=by)
    Tick.objects.create(issue=issue, day=timezone.localdate(), number=1)
    PainScore.objects.create(issue=issue, day=timezone.localdate(), score=3)


def _ask_and_hold(patient: Patient, program: Program, name: str, clinic: Clinic, *, by: User) -> None:
    sign_offs.ask(program, reasons=[f"{name} has a deficit."], question=f"May {name} go on?", by=by)
    today = timezone.localdate()
    disclosures.note(patient, on=today, recipient="Dr Ames", what=f"Letter on {name}", why="Treatment", by=by)
    admin = make_user(Role.CLINIC_ADMIN, clinic=clinic)
    holding.lift(holding.place(patient, why=f"{name} sues", until=None, by=admin), by=admin)
