"""What nothing but a change makes possible: no issue with an open red flag, without a screening or a sign-off."""

import pytest
from django.utils import timezone

from clinics.models import Role
from programs import checking
from tests.conftest import make_clinic, make_exercise, make_patient, make_user
from tests.programs.clinical import FOUR, close_flags, make_ready, make_rest, screen
from tests.programs.samples import make_program
from tests.programs.stages import exercise, found, stage

STOPS = {"red_flags": "screening_stop", "sign_off": "sign_off_stop"}


@pytest.mark.parametrize("rule", STOPS)
@pytest.mark.parametrize("items", [[exercise()], []], ids=["with exercises", "without exercises"])
def test_a_stop_says_why_and_takes_no_reason(rule, items):
    (verdict,) = found(rule, stage(*items, **{STOPS[rule]: "Ask first."}))

    assert verdict.level == "stop"
    assert verdict.sentence == "Ask first."
    assert verdict.forbids
    assert not verdict.needs_reason


@pytest.mark.parametrize(("rule", "other"), [("red_flags", "sign_off"), ("sign_off", "red_flags")])
def test_nothing_stops_without_its_own_cause(rule, other):
    assert not found(rule, stage(exercise()))
    assert not found(rule, stage(exercise(), **{STOPS[other]: "Ask first."}))


def stops(program, *, by):
    """Return the rules that forbid this person to issue the program now."""
    verdicts = checking.verdicts_on(program, by=by, at=timezone.now())
    return [verdict.rule for verdict in verdicts if verdict.forbids]


@pytest.fixture
def by():
    return make_user()


def screened(by, **how):
    """Return a program that nothing else stops, of a patient who was screened in this way or not at all."""
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_rest()
    program = make_program(*FOUR, by=by, patient=patient)
    if how:
        screen(patient, by=by, **how)
    return program


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        pytest.param({}, ["red_flags"], id="never screened"),
        pytest.param({"days_ago": 0}, [], id="all no today"),
        pytest.param({"days_ago": 14}, [], id="day 14 still counts"),
        pytest.param({"days_ago": 15}, ["red_flags"], id="day 15 is too old"),
        pytest.param({"finish": False}, ["red_flags"], id="unfinished is never a no"),
        pytest.param({"yes": ("fever",)}, ["red_flags"], id="a flag is open"),
    ],
)
@pytest.mark.django_db
def test_screening_and_issuing(by, how, expected):
    assert stops(screened(by, **how), by=by) == expected


@pytest.mark.django_db
def test_a_closed_flag_stops_nothing(by):
    program = screened(by, yes=("fever",))

    close_flags(program.patient, by=by)

    assert stops(program, by=by) == []


@pytest.mark.parametrize(
    ("role", "deficit", "expected"),
    [
        pytest.param(Role.THERAPIST, True, [], id="a therapist signs off herself"),
        pytest.param(Role.TRAINER, True, ["sign_off"], id="a trainer with a deficit"),
        pytest.param(Role.TRAINER, False, [], id="a trainer without a reason to ask"),
    ],
)
@pytest.mark.django_db
def test_a_missing_sign_off_stops_a_trainer(role, deficit, expected):
    clinic = make_clinic()
    therapist, issuer = make_user(clinic=clinic), make_user(role, clinic=clinic)
    program = make_ready(by=therapist, patient=make_patient(clinic=clinic))
    program.patient.assessments.update(neurological_deficit=deficit)

    assert stops(program, by=issuer) == expected


@pytest.mark.django_db
def test_a_trainer_needs_a_sign_off_for_what_should_be_avoided():
    clinic = make_clinic()
    therapist, trainer = make_user(clinic=clinic), make_user(Role.TRAINER, clinic=clinic)
    bend = make_exercise("Deep bend", driver_overrides={"piriformis": {"level": "avoid", "reason": "It hurts."}})
    program = make_ready("Lying rest", bend.name, by=therapist, patient=make_patient(clinic=clinic))

    assert stops(program, by=trainer) == ["sign_off"]
    assert stops(program, by=therapist) == []
