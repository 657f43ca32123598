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
from programs.clashes import Clash
from programs.models import Item
from tests.conftest import DEEP, make_assessment, make_driver, make_exercise, make_patient, make_user
from tests.programs.samples import act, add, items_of, make_program, names_of

pytestmark = pytest.mark.django_db


def test_adds_an_exercise_at_the_end_of_its_phase():
    by = make_user()
    program = make_program("Bridge", by=by)

    add(program, make_exercise("Figure 4", "release"), by=by)
    add(program, make_exercise("Ball", "release"), by=by)

    assert names_of(program) == ["Figure 4", "Ball", "Bridge"]
    assert [item.position for item in items_of(program)] == [1, 2, 3]


def test_adds_an_exercise_where_its_kind_belongs_in_the_phase():
    by = make_user()
    program = make_program(by=by)
    stretch = make_exercise("Stretch", "release", kind="static_stretch")

    add(program, stretch, by=by)
    add(program, make_exercise("Ball", "release", kind="self_massage"), by=by)
    add(program, make_exercise("Calf stretch", "release", kind="static_stretch"), by=by)
    add(program, make_exercise("Roller", "release", kind="self_massage"), by=by)

    assert names_of(program) == ["Ball", "Roller", "Stretch", "Calf stretch"]
    assert [item.position for item in items_of(program)] == [1, 2, 3, 4]


def test_adds_an_exercise_before_the_item_it_was_dropped_on():
    by = make_user()
    program = make_program("Bridge", "Clam", by=by)
    clam = items_of(program)[1]

    act(program, f"add:{make_exercise('Walk', 'integrate').slug}", by=by, phase="strengthen", before=clam.pk)

    assert names_of(program) == ["Bridge", "Walk", "Clam"]
    assert items_of(program)[1].phase == "strengthen"


def test_takes_the_usual_dose_and_the_affected_side():
    by = make_user()
    program = make_program(by=by)
    exercise = make_exercise("Figure 4", "release", laterality="affected_side", reps=3, hold_s=30, times_per_day=2)

    item = add(program, exercise, by=by)

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

    item = add(program, make_exercise(laterality=laterality), by=by)

    assert item.side == side


def test_moves_within_the_phase_only():
    by = make_user()
    program = make_program("Bridge", "Clam", by=by)
    add(program, make_exercise("Figure 4", "release"), by=by)
    bridge = items_of(program)[1]

    act(program, f"up:{bridge.pk}", by=by)
    assert names_of(program) == ["Figure 4", "Bridge", "Clam"]

    act(program, f"down:{bridge.pk}", by=by)
    assert names_of(program) == ["Figure 4", "Clam", "Bridge"]


def test_places_an_item_in_another_phase_as_an_override():
    by = make_user()
    program = make_program("Bridge", by=by)
    walk = add(program, make_exercise("Walk", "integrate"), by=by)

    act(program, f"place:{walk.pk}", by=by, phase="calm")

    assert names_of(program) == ["Walk", "Bridge"]
    assert items_of(program)[0].phase == "calm"


def test_closes_the_gap_when_an_item_goes():
    by = make_user()
    program = make_program("Bridge", "Clam", "Squat", by=by)

    act(program, f"remove:{items_of(program)[1].pk}", by=by)

    assert [(item.position, item.exercise.name) for item in items_of(program)] == [
        (1, "Bridge"),
        (2, "Squat"),
    ]


def test_refuses_a_retired_exercise():
    by = make_user()
    program = make_program(by=by)

    with pytest.raises(builder.CannotEdit, match="retired"):
        add(program, make_exercise(status="retired"), by=by)


def test_a_second_editor_never_overwrites_the_first():
    by = make_user()
    program = make_program("Bridge", by=by)
    reps, seen = f"reps__{items_of(program)[0].pk}", program.version

    act(program, "dose", by=by, version=seen, **{reps: 12})
    with pytest.raises(Clash):
        act(program, "dose", by=by, version=seen, **{reps: 8})

    assert items_of(program)[0].reps == 12


def test_each_edit_counts_the_version_up_and_is_logged_once():
    by = make_user()
    program = make_program("Bridge", "Clam", by=by)
    before, logged = program.version, AuditEntry.objects.count()

    act(program, f"down:{items_of(program)[0].pk}", by=by)

    assert program.version == before + 1
    assert AuditEntry.objects.count() == logged + 1


@pytest.mark.parametrize("do", ["dose", "undo", "redo"])
def test_the_log_names_items_and_never_what_was_typed(do):
    by = make_user()
    program = make_program("Bridge", by=by)
    bridge = items_of(program)[0]

    act(program, "dose", by=by, **{f"note__{bridge.pk}": "Private words."})
    for step in {"dose": [], "undo": ["undo"], "redo": ["undo", "redo"]}[do]:
        act(program, step, by=by)

    entry = AuditEntry.objects.first()
    assert entry.action == ("change item" if do == "dose" else do)
    assert entry.detail["items"] == [bridge.pk]
    assert not AuditEntry.objects.filter(detail__icontains="Private").exists()


def test_an_edit_that_changes_nothing_writes_nothing():
    by = make_user()
    program = make_program("Bridge", by=by)
    before, logged = program.version, AuditEntry.objects.count()

    done = act(program, f"up:{items_of(program)[0].pk}", by=by)

    assert done.said == "Nothing changed."
    assert (program.version, AuditEntry.objects.count()) == (before, logged)


def test_an_edit_that_is_sent_twice_is_carried_out_once():
    by = make_user()
    program = make_program("Bridge", by=by)
    make_exercise("Clam")

    for _ in range(2):
        act(program, "add:clam", by=by, key="sent-once")

    assert names_of(program) == ["Bridge", "Clam"]


def test_moving_an_item_leaves_its_own_version_and_a_dose_counts_it_up():
    by = make_user()
    program = make_program("Bridge", "Clam", by=by)
    bridge, clam = items_of(program)

    act(program, f"down:{bridge.pk}", by=by)
    act(program, "dose", by=by, **{f"reps__{clam.pk}": 7})

    assert {item.exercise.name: item.version for item in items_of(program)} == {"Bridge": 1, "Clam": 2}


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
        st.sampled_from(["add", "add", "remove", "up", "down", "place", "before", "duplicate", "swap", "undo", "redo"]),
        st.integers(0, 9),
        st.sampled_from(list(Phase)),
    ),
    max_size=14,
)

# Of each item its key, its phase, and its exercise by the phase that is usual for it.
Model = tuple[tuple[int, Phase, Phase], ...]


class TestAnySequenceOfEdits(TestCase):
    @given(edits=EDITS)
    @settings(max_examples=100 if DEEP else 10, deadline=None)
    def test_leaves_positions_without_gaps_and_phases_in_order(self, edits):
        self.by = make_user()
        self.program = make_program(by=self.by)
        self.exercises = {phase: make_exercise(f"In {phase} {self.program.pk}", phase.value) for phase in Phase}
        model: Model = ()
        past: list[Model] = []
        coming: list[Model] = []

        for action, index, phase in edits:
            if action == "undo":
                model = self.step("undo", model, past, coming)
            elif action == "redo":
                model = self.step("redo", model, coming, past)
            else:
                after = self.apply(model, action, index, phase)
                if after != model:
                    past.append(model)
                    coming.clear()
                model = after

            items = items_of(self.program)
            assert [item.position for item in items] == list(range(1, len(items) + 1))
            assert tuple((item.pk, Phase(item.phase), Phase(item.exercise.phase)) for item in items) == model

    def step(self, do: str, model: Model, source: list[Model], target: list[Model]) -> Model:
        """Go one step back or forth; with nowhere to go the program stays as it is."""
        if not source:
            with pytest.raises(builder.CannotEdit, match="There is nothing to"):
                act(self.program, do, by=self.by)
            return model
        act(self.program, do, by=self.by)
        target.append(model)
        return source.pop()

    def apply(self, model: Model, action: str, index: int, phase: Phase) -> Model:
        """Do one edit on the program and on plain rows; return the rows as they should be."""
        if action == "add":
            done = act(self.program, f"add:{self.exercises[phase].slug}", by=self.by)
            return in_order(*model, (done.focus, phase, phase))
        if not model:
            return model
        here = index % len(model)
        key, its_phase, exercise = model[here]
        rest = model[:here] + model[here + 1 :]
        if action == "remove":
            act(self.program, f"remove:{key}", by=self.by)
            return rest
        if action == "place":
            act(self.program, f"place:{key}", by=self.by, phase=phase)
            return in_order(*rest, (key, phase, exercise))
        if action == "before":
            return self.drop(key, rest, phase, index // 2, exercise)
        if action == "duplicate":
            done = act(self.program, f"duplicate:{key}", by=self.by)
            return (*model[: here + 1], (done.focus, its_phase, exercise), *model[here + 1 :])
        if action == "swap":
            act(self.program, f"swap:{key}:{self.exercises[phase].slug}", by=self.by)
            if phase is its_phase:  # it stays where it is
                return (*model[:here], (key, phase, phase), *model[here + 1 :])
            return in_order(*rest, (key, phase, phase))
        act(self.program, f"{action}:{key}", by=self.by)
        there = here - 1 if action == "up" else here + 1
        if not (0 <= there < len(model) and model[there][1] == its_phase):
            return model
        swapped = list(model)
        swapped[here], swapped[there] = swapped[there], swapped[here]
        return tuple(swapped)

    def drop(self, key: int, rest: Model, phase: Phase, index: int, exercise: Phase) -> Model:
        """Drop an item into a phase, before another item wherever that stands."""
        if not rest:
            return ((key, Phase(items_of(self.program)[0].phase), exercise),)
        there = index % len(rest)
        act(self.program, f"place:{key}", by=self.by, phase=phase, before=rest[there][0])
        return in_order(*rest[:there], (key, phase, exercise), *rest[there:])


def in_order(*rows: tuple[int, Phase, Phase]) -> Model:
    return tuple(sorted(rows, key=lambda row: row[1].rank))
