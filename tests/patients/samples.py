"""Questions, rounds of screening and flags for tests, made by the product's own verbs."""

import datetime

from clinics.models import User
from exercises.evidence import Finding
from exercises.models import DriverMuscle, RedFlag, RedFlagGroup
from patients import screening
from patients.models import Patient, RaisedFlag, Screening
from tests.conftest import make_driver, make_muscle


def moment(text: str) -> datetime.datetime:
    """Return “2026-03-01 12:00” as a moment in UTC."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


MONDAY = moment("2026-03-02 12:00")


def make_question(slug="bladder", urgency="emergency", *, group="bladder_bowel", **fields) -> RedFlag:
    """Return a question whose texts are made of its slug; those of one group come in the order they are made."""
    named = {"title": group.replace("_", " ").capitalize(), "lead": "Since it began, any of these?"}
    values = {
        "group": RedFlagGroup.objects.get_or_create(slug=group, defaults=named)[0],
        "order": RedFlag.objects.count(),
        "question": f"Any trouble with the {slug}?",
        "suspects": f"Trouble with the {slug}",
        "urgency": urgency,
        "blocks": urgency != "refer",
        "action": f"Act on the {slug}.",
        **fields,
    }
    return RedFlag.objects.create(slug=slug, **values)


def screen(patient: Patient, *, by: User, at=MONDAY, finish=True, **answers: bool) -> Screening:
    """Save one round with these answers on top of what is open."""
    current = screening.open_round(patient)
    return screening.save(patient, answers, seen_version=current.version if current else 0, finish=finish, at=at, by=by)


def make_flag(
    question: RedFlag | None = None, *, patient: Patient, by: User, at: datetime.datetime = MONDAY
) -> RaisedFlag:
    """Return the open flag of a question answered yes in a round that isn't finished."""
    question = question or make_question()
    screen(patient, by=by, at=at, finish=False, **{question.slug: True})
    return RaisedFlag.objects.get(patient=patient, red_flag=question, closed_at=None)


def close(flag: RaisedFlag, *, by: User, at: datetime.datetime = MONDAY, **changes) -> None:
    """Close a flag with all that any flag needs, or with `changes` to that."""
    words = {
        "outcome": "Scan clear, back to care.",
        "assessed_by": "Dr Ames",
        "assessed_on": at.date(),
        **changes,
    }
    screening.close(flag, **words, at=at, by=by)


def add_usual(slug: str = "piriformis", *, tight=(), weak=(), **other):
    """Return the driver with these muscles as its typical ones; `other` are states with their muscles."""
    driver = make_driver(slug)
    for state, muscles in {"tight": tight, "weak": weak, **other}.items():
        for muscle in muscles:
            DriverMuscle.objects.create(driver=driver, muscle=make_muscle(muscle), state=state)
    return driver


def make_finding(slug, *, group="nerve", present=(), absent=(), accuracy=()):
    """Return a finding; voices are (driver, speaks), `accuracy` are (driver, result)."""

    def voices(rows):
        return [{"driver": driver, "speaks": speaks, "why": f"{slug} {speaks} {driver}."} for driver, speaks in rows]

    figures = {"citation": "suri2010", "certainty": "medium", "checked": "Record read", "words": "LR+ 7.4 (1.9–30)"}
    return Finding.objects.create(
        slug=slug,
        name=slug.replace("_", " ").capitalize(),
        group=group,
        order=Finding.objects.count(),
        how=f"Ask about {slug}.",
        present=voices(present),
        absent=voices(absent),
        accuracy=[{"driver": driver, "result": result, **figures} for driver, result in accuracy],
    )
