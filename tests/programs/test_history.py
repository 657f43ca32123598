"""Undo and redo: each edit can be taken back and done again, exactly, whoever did it and in whichever stage."""

import dataclasses
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clinics.models import AuditEntry
from exercises import known
from exercises.models import Exercise
from exercises.vocabulary import STAGES, Phase
from programs import builder, history
from programs.history import History
from programs.models import Item, Program
from programs.rows import EDITABLE, ItemRow
from tests.conftest import DEEP, make_exercise, make_user
from tests.programs.clinical import make_rest
from tests.programs.samples import act, items_of, make_program, names_of

pytestmark = pytest.mark.django_db

RUNS, MANY = (50, 50) if DEEP else (1, 12)
ANY_STAGE = [slug for slug, _ in STAGES]


@pytest.fixture
def by():
    return make_user()


def as_it_is(program):
    """Return all that an undo must bring back, freshly read: each stage's items with keys, order and content, and the
    program's fields. Versions aren't among it: they only ever go up.
    """
    program.refresh_from_db()
    rows = Item.objects.filter(stage__program=program).order_by("stage__slug", "position")
    return list(rows.values_list("stage__slug", "position", "pk", "exercise__slug", "phase", *EDITABLE)), {
        name: getattr(program, name) for name in builder.REMEMBERED
    }


# An entry of its own.


def row(key, **values):
    return ItemRow(key, "bridge", Phase.STRENGTHEN, reps=10, **values)


ONE, TWO, THREE = row(1), row(2), row(3)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), (ONE,)),
        ((ONE,), ()),
        ((ONE, TWO, THREE), (THREE, ONE, TWO)),
        ((ONE, TWO, THREE), (ONE, dataclasses.replace(TWO, reps=12, version=2), THREE)),
        ((ONE, TWO, THREE), (row(4), dataclasses.replace(THREE, note="Slowly."), ONE)),
        ((ONE, TWO), (row(7), row(8))),
        ((ONE,), (ONE,)),
    ],
    ids=["added", "removed", "moved", "changed", "all at once", "nothing stays", "nothing happens"],
)
def test_an_entry_leads_back_and_forth_also_when_it_was_stored(before, after):
    made = history.entry("Edited", before, after, stage="w0_2", by="Dana", version=2, fields={"next_visit": ["", "x"]})
    stored = json.loads(json.dumps(history.dump(History().pushed(made))))

    read = history.load(stored).last

    assert history.back(after, read) == before
    assert history.forth(before, read) == after
    assert (read.label, read.by, read.version, read.stage) == ("Edited", "Dana", 2, "w0_2")
    assert dict(read.fields) == {"next_visit": ("", "x")}


def test_an_entry_keeps_only_what_changed():
    before = (ONE, TWO, THREE)

    made = history.entry(
        "Edited", before, (ONE, dataclasses.replace(TWO, reps=12), THREE), stage="w0_2", by="", version=2, fields={}
    )

    assert set(made.was) == set(made.now) == {2}
    assert made.order_was == made.order_now == ()


def test_an_empty_history_has_nothing_to_undo_or_redo():
    assert history.load({}) == History()
    assert (History().last, History().next) == (None, None)
    assert history.load(history.dump(History())) == History()


def pushed(count, past=None):
    past = past or History()
    for number in range(count):
        past = past.pushed(history.entry(f"{number}", (), (), stage="w0_2", by="", version=number + 2, fields={}))
    return past


@pytest.mark.parametrize(("count", "kept"), [(59, 59), (60, 60), (61, 60), (200, 60)])
def test_keeps_the_last_edits_and_no_more(count, kept):
    past = pushed(count)

    assert len(past.done) == kept <= history.MOST
    assert past.last.label == f"{count - 1}"
    assert past.done[0]["label"] == f"{count - kept}"


def test_keeps_no_more_than_that_of_what_is_undone_and_done_again():
    past = pushed(100)

    for step in range(history.MOST):
        past = past.after_undo(200 + step, by="Milo")
    assert (past.last, len(past.undone)) == (None, history.MOST)
    for step in range(history.MOST):
        past = past.after_redo(300 + step, by="Milo")

    assert (past.next, len(past.done)) == (None, history.MOST)
    assert [entry["label"] for entry in past.done] == [f"{number}" for number in range(40, 100)]


def test_remembers_the_last_names_that_edits_were_sent_under():
    past = History()

    for number in range(100):
        past = past.having(f"key {number}")

    assert len(past.sent) == history.MOST
    assert past.sent[-1] == "key 99"
    assert past.having("") is past


def test_tells_what_was_done_since_a_version():
    past = pushed(4)

    assert [entry.label for entry in past.since(3)] == ["2", "3"]
    assert past.since(5) == []
    assert [entry.label for entry in past.after_undo(6, by="Milo").since(3)] == ["2"]


@pytest.mark.parametrize(
    ("seen", "told"),
    [(1, []), (4, []), (5, ["3"]), (6, ["3"]), (9, []), (10, [])],
    ids=["before all", "before the edit", "when it was done", "later", "when it was undone", "after that"],
)
def test_tells_what_was_there_and_undone_since_a_version(seen, told):
    past = pushed(4).after_undo(9, by="Milo")

    assert [entry.label for entry in past.undone_since(seen)] == told
    assert [entry.by for entry in past.undone_since(seen)] == ["Milo"] * len(told)


def test_remembers_who_did_the_last_step_of_each_edit():
    past = pushed(2).after_undo(9, by="Milo")
    assert (past.last.by, past.next.by, [entry.by for entry in past.ahead]) == ("", "Milo", ["Milo"])

    past = past.after_redo(10, by="Ada")

    assert (past.last.by, past.last.version, past.ahead) == ("Ada", 10, [])


# Undo and redo of each kind of edit.


def first(program):
    return items_of(program)[0].pk


def others(program):
    return [item.pk for item in items_of(program)]


EDITS = {
    "add": lambda program: ("add:ball", {}),
    "add where it was dropped": lambda program: ("add:ball", {"phase": "strengthen", "before": others(program)[1]}),
    "add back": lambda program: ("add-back:ball", {"reps__new": 4}),
    "up": lambda program: (f"up:{others(program)[2]}", {}),
    "down": lambda program: (f"down:{others(program)[1]}", {}),
    "place": lambda program: (f"place:{others(program)[1]}", {"phase": "integrate"}),
    "remove": lambda program: (f"remove:{others(program)[1]}", {}),
    "remove what is chosen": lambda program: ("remove-chosen", {"chosen": others(program)[:2]}),
    "remove all": lambda program: ("remove-chosen", {"chosen": others(program)}),
    "duplicate": lambda program: (f"duplicate:{others(program)[1]}", {}),
    "swap": lambda program: (f"swap:{others(program)[1]}:ball", {}),
    "swap within a phase": lambda program: (f"swap:{others(program)[1]}:squat", {}),
    "easier": lambda program: (f"easier:{others(program)[1]}", {}),
    "reset": lambda program: (f"reset:{others(program)[3]}", {}),
    "dose": lambda program: ("dose", {f"reps-{first(program)}": 7, f"note-{others(program)[2]}": "Slowly."}),
    "bulk": lambda program: ("bulk", {"chosen": others(program), "bulk-sets": 5}),
    "next visit": lambda program: ("next-visit", {"next_visit": "Monday 9:00"}),
    "accept": lambda program: (accepting(program), {f"reason:{warned(program)}": "Agreed with Ms Rivera."}),
}


def warned(program):
    """Return the key of the warning that a misplaced rest brings."""
    return f"phase_order:{others(program)[-1]}:Lying rest comes too late"


def accepting(program):
    return f"accept:{warned(program)}"


@pytest.fixture
def program(by):
    """A program with an exercise in each of two phases, one of them misplaced, and one with a dose of its own."""
    make_exercise("Squat")
    make_exercise("Ball", "release", releases=["piriformis"])
    easy = make_exercise("Easy clam")
    make_exercise("Clam", regression=easy)
    made = make_program("Bridge", "Clam", "Hip lift", "Step up", by=by)
    act(made, "dose", by=by, **{f"sets-{others(made)[3]}": 4})
    make_rest()
    act(made, "add:lying-rest", by=by, phase="integrate")
    return made


@pytest.mark.parametrize("kind", EDITS)
def test_takes_back_and_does_again(kind, program, by):
    before = as_it_is(program)
    do, fields = EDITS[kind](program)
    done = act(program, do, by=by, **fields)
    after = as_it_is(program)
    assert after != before

    undone = act(program, "undo", by=by)
    assert as_it_is(program) == before
    again = act(program, "redo", by=by)

    assert as_it_is(program) == after
    assert (undone.said, again.said) == (f"Undone: {done.said}", f"Done again: {done.said}")


def test_takes_back_the_fix_of_a_check(program, by):
    before = as_it_is(program)
    done = act(program, f"fix:{warned(program)}#place {others(program)[-1]} calm", by=by)
    assert names_of(program)[0] == "Lying rest"

    act(program, "undo", by=by)

    assert as_it_is(program) == before
    assert act(program, "redo", by=by).said == f"Done again: {done.said}"


def test_takes_back_how_a_protocol_was_adapted(program, by):
    Program.objects.filter(pk=program.pk).update(adapted={"w0_2": {"changes": ["Bridge left out."]}})
    before = as_it_is(program)
    stage = program.stages.get(slug="w0_2")
    program.refresh_from_db()
    values = {"exercise": make_exercise("Wall sit"), "phase": "strengthen", "reps": 5}
    builder.fill(stage, [values], seen_version=program.version, by=by)
    program.refresh_from_db()
    assert program.adapted == {}
    assert names_of(program) == ["Wall sit"]

    act(program, "undo", by=by)

    assert as_it_is(program) == before


def test_takes_back_an_acceptance_and_its_withdrawal(program, by):
    do, fields = EDITS["accept"](program)
    act(program, do, by=by, **fields)
    act(program, f"withdraw:{warned(program)}", by=by)
    assert program.accepted_now == {}

    act(program, "undo", by=by)
    assert program.accepted_now[warned(program)]["reason"] == "Agreed with Ms Rivera."
    act(program, "undo", by=by)
    assert program.accepted_now == {}


def test_shows_the_stage_that_the_edit_was_in(by):
    program = make_program("Bridge", by=by)
    act(program, "stage:w2_4", by=by)
    act(program, f"add:{make_exercise('Clam').slug}", by=by)
    act(program, "stage:w4_8", by=by)

    act(program, "undo", by=by)
    assert (program.stage_slug, names_of(program)) == ("w2_4", [])
    act(program, "undo", by=by)
    assert (program.stage_slug, names_of(program)) == ("w0_2", [])
    act(program, "redo", by=by)
    assert (program.stage_slug, names_of(program)) == ("w0_2", ["Bridge"])
    act(program, "redo", by=by)

    assert (program.stage_slug, names_of(program)) == ("w2_4", ["Clam"])


def test_looking_at_another_stage_is_no_edit_to_undo(by):
    program = make_program("Bridge", by=by)
    act(program, "stage:w2_4", by=by)

    assert act(program, "undo", by=by).said == "Undone: Bridge added to Strengthen."


def test_looking_at_another_stage_leaves_what_can_be_done_again(by):
    program = make_program("Bridge", by=by)
    act(program, "undo", by=by)
    act(program, "stage:w2_4", by=by)

    act(program, "redo", by=by)

    assert (program.stage_slug, names_of(program)) == ("w0_2", ["Bridge"])


def test_a_new_edit_ends_what_could_be_done_again(by):
    program = make_program("Bridge", "Clam", by=by)
    act(program, "undo", by=by)

    act(program, "dose", by=by, **{f"reps-{first(program)}": 9})

    with pytest.raises(builder.CannotEdit, match="nothing to redo"):
        act(program, "redo", by=by)


def test_an_edit_that_changes_nothing_leaves_what_can_be_done_again(by):
    program = make_program("Bridge", "Clam", by=by)
    act(program, "undo", by=by)
    version = program.version

    assert act(program, f"up:{first(program)}", by=by).said == "Nothing changed."

    assert program.version == version
    assert act(program, "redo", by=by).said == "Done again: Clam added to Strengthen."


def test_says_so_when_there_is_nothing_to_undo(by):
    program = make_program(by=by)

    with pytest.raises(builder.CannotEdit, match="nothing to undo"):
        act(program, "undo", by=by)

    assert program.version == 1


def test_takes_many_edits_back_and_does_them_again(by):
    program = make_program("Bridge", by=by)
    states = [as_it_is(program)]
    for number in range(MANY):
        act(program, "dose", by=by, **{f"reps-{first(program)}": number % 40 + 20})
        states.append(as_it_is(program))

    for expected in reversed(states[:-1]):
        act(program, "undo", by=by)
        assert as_it_is(program) == expected
    for expected in states[1:]:
        act(program, "redo", by=by)
        assert as_it_is(program) == expected


def test_keeps_sixty_edits_and_forgets_the_oldest(by):
    program = make_program("Bridge", by=by)
    for number in range(history.MOST + 5):
        act(program, "next-visit", by=by, next_visit=f"Visit {number}")

    for _ in range(history.MOST):
        act(program, "undo", by=by)

    assert program.next_visit == "Visit 4"
    with pytest.raises(builder.CannotEdit, match="nothing to undo"):
        act(program, "undo", by=by)


def test_undo_counts_versions_up_so_that_a_page_notices(by):
    program = make_program("Bridge", by=by)
    act(program, "dose", by=by, **{f"reps-{first(program)}": 9})
    item, version = items_of(program)[0], program.version

    act(program, "undo", by=by)

    assert program.version == version + 1
    assert items_of(program)[0].version == item.version + 1


def test_undo_leaves_one_row_in_the_audit_log_that_says_what(by):
    program = make_program("Bridge", by=by)
    bridge, count = items_of(program)[0].pk, AuditEntry.objects.count()

    act(program, "undo", by=by)

    assert AuditEntry.objects.count() == count + 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.detail) == ("undo", {"items": [bridge], "fields": []})


def test_another_person_may_take_back_what_somebody_did(by):
    program = make_program("Bridge", by=by)
    colleague = make_user(clinic=program.patient.clinic, name="Milo Hartmann")

    act(program, "undo", by=colleague)

    assert names_of(program) == []


def test_brings_back_an_exercise_that_was_retired_since(by):
    program = make_program("Bridge", "Clam", by=by)
    act(program, f"remove:{first(program)}", by=by)
    Exercise.objects.filter(name="Bridge").update(status="retired")
    known.forget()

    act(program, "undo", by=by)

    assert names_of(program) == ["Bridge", "Clam"]


def test_undo_takes_the_same_few_queries_however_long_the_past(by):
    program = make_program("Bridge", "Clam", by=by)
    counts = []
    for edits in (1, history.MOST):
        for number in range(edits):
            act(program, "dose", by=by, **{f"reps-{first(program)}": number + 20})
        with CaptureQueriesContext(connection) as queries:
            act(program, "undo", by=by)
        counts.append(len(queries))

    assert counts[0] == counts[1]


# Anything, in any order.

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "add", "drop", "up", "down", "place", "remove", "duplicate", "swap", "reset", "dose", "bulk",
             "note", "next-visit", "stage"]
        ),
        st.integers(0, 40),
        st.sampled_from(list(Phase)),
    ),
    min_size=60 if DEEP else 25,
    max_size=75 if DEEP else 35,
)  # fmt: skip


def step(program, by, verb, number, phase):
    """Carry out one edit of any kind; say whether it is one that undo takes back."""
    there = others(program)
    before = program.version
    if verb == "stage":
        act(program, f"stage:{ANY_STAGE[number % 3]}", by=by)
        return False
    if verb == "next-visit":
        act(program, "next-visit", by=by, next_visit=f"In {number} days")
    elif verb in {"add", "drop"} or not there:
        where = {"phase": phase, "before": there[number % len(there)]} if verb == "drop" and there else {}
        act(program, f"add:in-{phase}", by=by, **where)
    else:
        key = there[number % len(there)]
        if verb == "swap":
            act(program, f"swap:{key}:in-{phase}", by=by)
        elif verb == "place":
            act(program, f"place:{key}", by=by, phase=phase)
        elif verb == "dose":
            act(program, "dose", by=by, **{f"reps-{key}": number + 1, f"tempo_s-{key}": number % 9 + 1})
        elif verb == "note":
            act(program, "dose", by=by, **{f"note-{key}": f"Note {number}, “ß”"})
        elif verb == "bulk":
            act(program, "bulk", by=by, **{"chosen": there[: number % 4 + 1], "bulk-sets": number % 10 + 1})
        else:
            act(program, f"{verb}:{key}", by=by)
    return program.version != before


class TestAnySequenceOfEdits(TestCase):
    @given(steps=STEPS, data=st.data())
    @settings(
        max_examples=RUNS,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def test_goes_back_as_far_as_one_likes_and_forth_again(self, steps, data):
        by = make_user()
        program = make_program(by=by)
        for phase in Phase:
            make_exercise(f"In {phase}", phase.value)
        states = [as_it_is(program)]
        for verb, number, phase in steps:
            if step(program, by, verb, number, phase):
                states.append(as_it_is(program))
        many = min(len(states) - 1, history.MOST)

        for back in range(1, many + 1):
            act(program, "undo", by=by)
            assert as_it_is(program) == states[-1 - back]
        forth = data.draw(st.integers(0, many), label="done again")
        for again in range(1, forth + 1):
            act(program, "redo", by=by)
            assert as_it_is(program) == states[-1 - many + again]

        items = items_of(program)
        assert [item.position for item in items] == list(range(1, len(items) + 1))


@pytest.mark.parametrize(("count", "gone"), [(count, gone) for count in range(3, 10) for gone in range(2, count)])
def test_brings_back_however_many_went_at_once(by, count, gone):
    program = make_program(*(f"Hip lift {number}" for number in range(count)), by=by)
    before = as_it_is(program)
    act(program, "remove-chosen", by=by, chosen=others(program)[:gone])

    act(program, "undo", by=by)

    assert as_it_is(program) == before
