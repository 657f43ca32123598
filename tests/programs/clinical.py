"""Screenings and programs that may be issued, for tests."""

import datetime

from django.utils import timezone

from clinics.models import User
from exercises.models import Exercise, RedFlag, RedFlagGroup
from patients import screening
from patients.models import Patient, RaisedFlag, Screening
from programs.models import Program
from tests.conftest import make_exercise, make_patient
from tests.programs.samples import make_program

FOUR = ("Lying rest", "Bridge", "Clam", "Squat")


def make_question(slug: str = "fever", *, urgency: str = "refer", blocks: bool = True) -> RedFlag:
    group, _ = RedFlagGroup.objects.get_or_create(slug="signs", defaults={"title": "Signs", "lead": "Do you have"})
    values = {
        "group": group,
        "question": f"Do you have {slug}?",
        "suspects": f"Cause of {slug}",
        "urgency": urgency,
        "blocks": blocks,
        "action": "Ask a doctor.",
    }
    return RedFlag.objects.get_or_create(slug=slug, defaults=values)[0]


def screen(
    patient: Patient, *, by: User, yes: tuple[str, ...] = (), finish: bool = True, days_ago: int = 0
) -> Screening:
    """Answer every question with no, but for those in `yes`."""
    make_question()
    for slug in yes:
        make_question(slug)
    answers = {slug: slug in yes for slug in RedFlag.objects.values_list("slug", flat=True)}
    at = timezone.now() - datetime.timedelta(days=days_ago)
    return screening.save(patient, answers, seen_version=0, finish=finish, at=at, by=by)


def close_flags(patient: Patient, *, by: User) -> None:
    for flag in RaisedFlag.objects.filter(patient=patient).open():
        outcome = "Seen by a doctor, no cause found."
        screening.close(flag, outcome=outcome, assessed_by="", assessed_on=None, at=timezone.now(), by=by)


def make_rest() -> None:
    """Make the calm exercise without which no program of the first weeks is complete."""
    if not Exercise.objects.filter(name="Lying rest").exists():
        make_exercise("Lying rest", "calm", kind="posture")


def make_ready(*names: str, by: User, patient: Patient | None = None) -> Program:
    """Return a program, of four exercises by default, that nothing stops and nothing warns of."""
    make_rest()
    patient = patient or make_patient(clinic=by.memberships.get().clinic)
    program = make_program(*(names or FOUR), by=by, patient=patient)
    screen(patient, by=by)
    return program
