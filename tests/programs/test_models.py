"""What the database itself refuses, whoever writes; items, sign-offs and message ids have their own tests."""

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models.deletion import ProtectedError

from programs import clinic_protocols, delivery
from programs.models import (
    ClinicProtocol,
    ClinicProtocolItem,
    Delivery,
    ExerciseUse,
    Favourite,
    Issue,
    Item,
    Program,
    SignOff,
    Stage,
)
from tests.conftest import make_clinic, make_exercise, make_user
from tests.programs.samples import items_of, make_issue, make_program

pytestmark = pytest.mark.django_db

# Where each constraint is broken on purpose.
TRIED = {
    "one_stage_per_program_and_weeks": "here",
    "one_issue_per_version": "here",
    "one_item_per_position": "test_builder",
    "positions_start_at_one": "test_builder",
    "item_phase_is_known": "test_builder",
    "item_has_reps_or_minutes": "test_builder",
    "dose_is_possible": "test_builder and here",
    "one_waiting_sign_off_per_program": "test_sign_offs",
    "decided_sign_off_has_name_date_and_answer": "test_sign_offs",
    "starred_once": "here",
    "counted_once_per_clinic": "here",
    "one_protocol_in_use_per_title": "here",
    "one_clinic_protocol_item_per_position": "here",
    "clinic_protocol_item_has_reps_or_minutes": "here",
}
SHELVES = (ClinicProtocol, ClinicProtocolItem, ExerciseUse, Favourite)


def test_tries_every_constraint():
    kinds = (models.UniqueConstraint, models.CheckConstraint)
    found = {
        constraint.name
        for model in (Program, Stage, Item, Issue, SignOff, Delivery, *SHELVES)
        for constraint in model._meta.constraints
        if isinstance(constraint, kinds)
    }

    assert found == set(TRIED)


def refused():
    return pytest.raises(IntegrityError), transaction.atomic()


def test_has_one_stage_per_weeks():
    program = make_program()
    raises, atomic = refused()

    with raises, atomic:
        Stage.objects.create(program=program, slug="w0_2")


def test_has_one_issue_per_version():
    first = make_issue()
    second = make_issue(first.program)
    raises, atomic = refused()

    with raises, atomic:
        Issue.objects.filter(pk=second.pk).update(number=first.number)


def test_lets_two_programs_have_the_same_version():
    assert make_issue().number == make_issue().number == 1


@pytest.mark.asvs("V2.2.3")
@pytest.mark.parametrize("change", [{"times_per_day": 0}, {"days_per_week": 0}, {"days_per_week": 8}, {"sets": 0}])
def test_has_no_impossible_dose(change):
    item = items_of(make_program("Bridge"))[0]
    raises, atomic = refused()

    with raises, atomic:
        Item.objects.filter(pk=item.pk).update(**change)


def test_is_starred_once_by_a_person():
    by, exercise = make_user(), make_exercise()
    Favourite.objects.create(user=by, exercise=exercise)
    Favourite.objects.create(user=make_user(), exercise=exercise)
    raises, atomic = refused()

    with raises, atomic:
        Favourite.objects.create(user=by, exercise=exercise)


def test_is_counted_once_per_clinic():
    clinic, exercise = make_clinic(), make_exercise()
    ExerciseUse.objects.create(clinic=clinic, exercise=exercise)
    ExerciseUse.objects.create(clinic=make_clinic(), exercise=exercise)
    raises, atomic = refused()

    with raises, atomic:
        ExerciseUse.objects.create(clinic=clinic, exercise=exercise)


def make_protocol(title="Ours", *, by):
    program = make_program("Bridge", "Clam", by=by)
    return clinic_protocols.save_program(program, title=title, note="", shared=True, by=by)


def test_has_one_protocol_in_use_per_title_and_clinic():
    by = make_user()
    make_protocol("Ours", by=by)
    other = make_protocol("Theirs", by=by)
    make_protocol("Ours", by=make_user())
    raises, atomic = refused()

    with raises, atomic:
        ClinicProtocol.objects.filter(pk=other.pk).update(title="Ours")


@pytest.mark.parametrize("change", [{"position": 2}, {"reps": None}])
def test_has_no_impossible_item_in_a_clinics_protocol(change):
    first = make_protocol(by=make_user()).items.get(position=1)
    raises, atomic = refused()

    with raises, atomic:
        ClinicProtocolItem.objects.filter(pk=first.pk).update(**change)


def test_takes_a_form_once():
    by = make_user()
    made = make_issue(by=by)
    rows = [delivery.queue_handout(made, to="m@patients.invalid", form_key=key, by=by) for key in ("one", "two")]
    raises, atomic = refused()

    with raises, atomic:
        Delivery.objects.filter(pk=rows[1].pk).update(form_key="one")


@pytest.mark.parametrize(
    "name",
    ["program", "patient", "assessment", "pdf", "exercise", "issued_by"],
)
def test_keeps_all_that_an_issue_rests_on(name):
    made = make_issue()
    rests_on = {
        "program": made.program,
        "patient": made.program.patient,
        "assessment": made.assessment,
        "pdf": made.pdf,
        "exercise": items_of(made.program)[0].exercise,
        "issued_by": made.issued_by,
    }

    with pytest.raises(ProtectedError):
        rests_on[name].delete()


def test_calls_a_program_a_draft_until_it_is_issued_as_it_stands():
    program = make_program("Bridge")
    assert list(Program.objects.drafts()) == [program]

    make_issue(program)
    assert not Program.objects.drafts().exists()

    Program.objects.filter(pk=program.pk).update(version=program.version + 1)
    assert list(Program.objects.drafts()) == [program]


def test_counts_the_exercises_of_the_active_stage_and_the_latest_handout():
    program = make_program("Bridge", "Clam")
    other = program.stages.get(slug="w2_4")
    Item.objects.filter(stage__program=program, position=2).update(stage=other)
    make_issue(program)
    make_issue(program)

    counted = Program.objects.with_progress().get()

    assert (counted.item_count, counted.latest_issued) == (1, 2)
