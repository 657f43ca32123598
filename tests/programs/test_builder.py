"""The ordering invariant: positions run 1, 2, 3 … in phase order, whatever is done."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clinics.models import AuditEntry
from exercises.models import Protocol, ProtocolItem
from exercises.vocabulary import Phase
from programs import builder
from programs.models import Item
from tests.conftest import make_assessment, make_driver, make_exercise, make_patient, make_user
from tests.programs.samples import items_of, make_program, names_of

pytestmark = pytest.mark.django_db


def stage_of(program):
    return program.stages.get(slug=program.stage_slug)


def test_adds_an_exercise_at_the_end_of_its_phase():
    by = make_user()
    program = make_program("Bridge", by=by)

    builder.add(stage_of(program), make_exercise("Figure 4", "release"), by=by)
    builder.add(stage_of(program), make_exercise("Ball", "release"), by=by)

    assert names_of(program) == ["Figure 4", "Ball", "Bridge"]
    assert [item.position for item in items_of(program)] == [1, 2, 3]


def test_takes_the_usual_dose_and_the_affected_side():
    by = make_user()
    program = make_program(by=by)
    exercise = make_exercise("Figure 4", "release", laterality="affected_side", reps=3, hold_s=30, times_per_day=2)

    item = builder.add(stage_of(program), exercise, by=by)

    assert (item.reps, item.hold_s, item.times_per_day, item.side) == (3, 30, 2, "left")


@pytest.mark.parametrize(
    ("laterality", "affected", "side"),
    [
        ("bilateral", "left", ""),
        ("affected_side", "right", "right"),
        ("affected_side", "both", "each"),
        ("affected_side", "alternating", "each"),
        ("each_side", "left", "each"),
    ],
)
def test_chooses_the_side_that_fits(laterality, affected, side):
    by = make_user()
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by, affected_side=affected)
    program = make_program(by=by, patient=patient)

    item = builder.add(stage_of(program), make_exercise(laterality=laterality), by=by)

    assert item.side == side


def test_moves_within_the_phase_only():
    by = make_user()
    program = make_program("Bridge", "Clam", by=by)
    builder.add(stage_of(program), make_exercise("Figure 4", "release"), by=by)
    bridge = items_of(program)[1]

    builder.move(bridge, up=True, by=by)
    assert names_of(program) == ["Figure 4", "Bridge", "Clam"]

    builder.move(bridge, up=False, by=by)
    assert names_of(program) == ["Figure 4", "Clam", "Bridge"]


def test_places_an_item_in_another_phase_as_an_override():
    by = make_user()
    program = make_program("Bridge", by=by)
    builder.add(stage_of(program), make_exercise("Walk", "integrate"), by=by)

    builder.place(items_of(program)[1], Phase.CALM, by=by)

    assert names_of(program) == ["Walk", "Bridge"]
    assert items_of(program)[0].phase == "calm"


def test_closes_the_gap_when_an_item_goes():
    by = make_user()
    program = make_program("Bridge", "Clam", "Squat", by=by)

    builder.remove(items_of(program)[1], by=by)

    assert [(item.position, item.exercise.name) for item in items_of(program)] == [
        (1, "Bridge"),
        (2, "Squat"),
    ]


def test_refuses_a_retired_exercise():
    by = make_user()
    program = make_program(by=by)

    with pytest.raises(builder.CannotEdit, match="retired"):
        builder.add(stage_of(program), make_exercise(status="retired"), by=by)


def test_a_second_editor_never_overwrites_the_first():
    by = make_user()
    program = make_program("Bridge", by=by)
    item = items_of(program)[0]
    values = {name: getattr(item, name) for name in builder.EDITABLE}

    builder.change(item, {**values, "reps": 12}, seen_version=item.version, by=by)
    with pytest.raises(builder.EditedMeanwhile):
        builder.change(item, {**values, "reps": 8}, seen_version=item.version, by=by)

    assert items_of(program)[0].reps == 12


def test_each_edit_counts_the_version_up_and_is_logged_once():
    by = make_user()
    program = make_program("Bridge", by=by)
    before, logged = program.version, AuditEntry.objects.count()

    builder.move(items_of(program)[0], up=True, by=by)

    program.refresh_from_db()
    assert program.version == before + 1
    assert AuditEntry.objects.count() == logged + 1


def test_starts_from_a_protocol_with_all_stages():
    by = make_user()
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by)
    protocol = Protocol.objects.create(slug="starter", driver=make_driver(), title="Starter", rationale="Practice.")
    for position, (stage, name) in enumerate([("w0_2", "Bridge"), ("w0_2", "Ball"), ("w2_4", "Clam")], start=1):
        phase = "release" if name == "Ball" else "strengthen"
        ProtocolItem.objects.create(
            protocol=protocol, stage=stage, position=position, exercise=make_exercise(name, phase)
        )

    program = builder.start(patient, protocol=protocol, by=by)

    assert names_of(program) == ["Ball", "Bridge"]
    assert Item.objects.filter(stage__program=program, stage__slug="w2_4").count() == 1
    assert program.stages.count() == 3


def test_needs_an_assessment_to_start():
    by = make_user()

    with pytest.raises(builder.CannotEdit, match="Assess"):
        builder.start(make_patient(clinic=by.memberships.get().clinic), protocol=None, by=by)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"position": 2}, "one_item_per_position"),
        ({"position": 0}, "positions_start_at_one"),
        ({"phase": "warmup"}, "item_phase_is_known"),
        ({"reps": None}, "item_has_reps_or_minutes"),
        ({"days_per_week": 8}, "dose_is_possible"),
        ({"sets": 0}, "dose_is_possible"),
    ],
)
def test_the_database_refuses_what_may_not_be(change, constraint):
    program = make_program("Bridge", "Clam")
    first = items_of(program)[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=first.pk).update(**change)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "up", "down", "place"]),
        st.integers(0, 9),
        st.sampled_from(list(Phase)),
    ),
    max_size=14,
)


class TestAnySequenceOfEdits(TestCase):
    @given(edits=EDITS)
    @settings(max_examples=25, deadline=None)
    def test_leaves_positions_without_gaps_and_phases_in_order(self, edits):
        by = make_user()
        program = make_program(by=by)
        exercises = {phase: make_exercise(f"In {phase} {program.pk}", phase.value) for phase in Phase}
        model: list[tuple[int, Phase]] = []

        for action, index, phase in edits:
            model = self.apply(program, model, action, index, phase, exercises, by)

            items = items_of(program)
            assert [item.position for item in items] == list(range(1, len(items) + 1))
            assert [(item.pk, Phase(item.phase)) for item in items] == model

    def apply(self, program, model, action, index, phase, exercises, by):
        """Do one edit on the program and on a plain list; return the list as it should be."""
        if action == "add":
            item = builder.add(stage_of(program), exercises[phase], by=by)
            return sorted([*model, (item.pk, phase)], key=lambda row: row[1].rank)
        if not model:
            return model
        here = index % len(model)
        item = Item.objects.get(pk=model[here][0])
        rest = model[:here] + model[here + 1 :]
        if action == "remove":
            builder.remove(item, by=by)
            return rest
        if action == "place":
            builder.place(item, phase, by=by)
            return sorted([*rest, (item.pk, phase)], key=lambda row: row[1].rank)
        builder.move(item, up=action == "up", by=by)
        there = here - 1 if action == "up" else here + 1
        if 0 <= there < len(model) and model[there][1] == model[here][1]:
            model[here], model[there] = model[there], model[here]
        return model
