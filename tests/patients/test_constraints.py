"""What the database itself refuses, whichever code writes to it."""

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from patients.models import FindingAnswer, LegalHold, MuscleFinding, RaisedFlag, Screening, ScreeningAnswer
from tests.conftest import make_assessment, make_muscle, make_patient, make_user
from tests.patients.samples import MONDAY, make_finding, make_flag, make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def flag(by):
    """An open flag of a round that isn't finished."""
    return make_flag(patient=make_patient(clinic=by.memberships.get().clinic), by=by)


def open_a_second_round(flag, by):
    Screening.objects.create(patient=flag.patient, started_by=by)


def answer_a_question_twice(flag, by):
    ScreeningAnswer.objects.create(screening=flag.screening, red_flag=flag.red_flag, yes=False)


def raise_an_open_flag_again(flag, by):
    RaisedFlag.objects.create(
        patient=flag.patient, screening=flag.screening, red_flag=flag.red_flag, raised_by=by, raised_at=MONDAY
    )


def close_by_nobody(flag, by):
    RaisedFlag.objects.update(closed_at=MONDAY, outcome="Scan was clear.")


def close_at_no_time(flag, by):
    RaisedFlag.objects.update(closed_by=by, outcome="Scan was clear.")


def close_without_an_outcome(flag, by):
    RaisedFlag.objects.update(closed_at=MONDAY, closed_by=by)


def find_a_muscle_twice(flag, by):
    assessment = make_assessment(flag.patient, by=by, tight=["piriformis"])
    MuscleFinding.objects.create(assessment=assessment, muscle=make_muscle("piriformis"), finding="weak", side="left")


def answer_a_finding_twice(flag, by):
    assessment, slump = make_assessment(flag.patient, by=by), make_finding("slump_test")
    for present in (True, False):
        FindingAnswer.objects.create(assessment=assessment, finding=slump, present=present)


def lift_a_hold_by_nobody(flag, by):
    LegalHold.objects.create(patient=flag.patient, why="Dispute.", placed_by=by, lifted_at=MONDAY)


REFUSED = [
    (open_a_second_round, "one_open_screening_per_patient"),
    (answer_a_question_twice, "one_answer_per_question"),
    (raise_an_open_flag_again, "a_flag_is_open_once"),
    (close_by_nobody, "closed_flag_has_name_date_and_outcome"),
    (close_at_no_time, "closed_flag_has_name_date_and_outcome"),
    (close_without_an_outcome, "closed_flag_has_name_date_and_outcome"),
    (find_a_muscle_twice, "one_finding_per_muscle"),
    (answer_a_finding_twice, "one_answer_per_finding"),
    (lift_a_hold_by_nobody, "lifted_hold_has_name_and_date"),
]


@pytest.mark.asvs("V2.2.3")
@pytest.mark.parametrize(("attempt", "constraint"), REFUSED, ids=[attempt.__name__ for attempt, _ in REFUSED])
def test_the_database_refuses_to(attempt, constraint, flag, by):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        attempt(flag, by)

    assert named_in(str(refusal.value), constraint)


def named_in(refusal, name):
    """Say whether the refusal is of that constraint; SQLite tells a unique one by its columns alone."""
    if name in refusal:
        return True
    models = apps.get_app_config("patients").get_models()
    model, constraint = next((m, c) for m in models for c in m._meta.constraints if c.name == name)
    columns = [
        f"{model._meta.db_table}.{model._meta.get_field(field).column}" for field in getattr(constraint, "fields", [])
    ]
    return bool(columns) and refusal.endswith(": " + ", ".join(columns))


def test_tries_every_constraint_of_the_app():
    named = {c.name for model in apps.get_app_config("patients").get_models() for c in model._meta.constraints}

    assert named == {constraint for _, constraint in REFUSED}


def test_the_database_lets_a_finished_round_stand_beside_an_open_one(flag, by):
    Screening.objects.update(completed_at=MONDAY, completed_by=by)

    open_a_second_round(flag, by)

    assert Screening.objects.count() == 2


def test_the_database_lets_a_closed_flag_stand_beside_an_open_one(flag, by):
    RaisedFlag.objects.update(closed_at=MONDAY, closed_by=by, outcome="Scan was clear.")

    raise_an_open_flag_again(flag, by)

    assert RaisedFlag.objects.open().count() == 1


def test_the_database_keeps_patients_apart(flag, by):
    other = make_patient("Tom Berg", clinic=flag.patient.clinic)

    make_flag(flag.red_flag, patient=other, by=by)
    make_flag(make_question("fever", "refer_urgent"), patient=other, by=by)

    assert Screening.objects.count() == 2
    assert RaisedFlag.objects.count() == 3
