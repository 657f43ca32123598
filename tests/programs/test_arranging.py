"""Edits as pure functions: whatever is done, phases run in order and nothing is lost."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.facts import CatalogFacts
from exercises.vocabulary import KINDS_BY_PHASE, Phase, kind_rank
from programs import arranging, rows
from programs.rows import ItemRow
from tests.programs.stages import exercise

OF_KIND = {
    f"{phase.value}-{kind}": exercise(f"{phase.value} {kind}", phase.value, kind)
    for phase in Phase
    for kind in KINDS_BY_PHASE[phase]
}
# Exercises are called “phase-kind”, so that a row says by itself where it belongs.
CATALOG = CatalogFacts(exercises={slug: replace(found, slug=slug) for slug, found in OF_KIND.items()})


def row(key, slug="strengthen-strengthening", phase=None, **values):
    return ItemRow(key, slug, phase or CATALOG.exercise(slug).phase, reps=10, **values)


def stage(*phases):
    """Return rows in these phases, keyed 1, 2, 3 …"""
    return tuple(ItemRow(key, "strengthen-strengthening", phase) for key, phase in enumerate(phases, start=1))


def keys(found):
    return [one.key for one in found]


CALM, RELEASE, RESTORE, STRENGTHEN, INTEGRATE = Phase
FIVE = stage(CALM, RELEASE, RELEASE, RELEASE, STRENGTHEN)


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        ((), []),
        ((INTEGRATE, CALM), [2, 1]),
        ((RELEASE, CALM, RELEASE, CALM), [2, 4, 1, 3]),
        ((INTEGRATE, STRENGTHEN, RESTORE, RELEASE, CALM), [5, 4, 3, 2, 1]),
    ],
    ids=["an empty stage", "two backwards", "a phase keeps its order", "all five backwards"],
)
def test_puts_phases_in_order(phases, expected):
    assert keys(arranging.ordered(stage(*phases))) == expected


@pytest.mark.parametrize(
    ("phase", "before", "expected"),
    [
        (RELEASE, None, [1, 2, 3, 4, 9, 5]),
        (RELEASE, 2, [1, 9, 2, 3, 4, 5]),
        (RELEASE, 4, [1, 2, 3, 9, 4, 5]),
        (RELEASE, 5, [1, 2, 3, 4, 9, 5]),
        (RELEASE, 1, [1, 9, 2, 3, 4, 5]),
        (RELEASE, 404, [1, 2, 3, 4, 9, 5]),
        (CALM, None, [1, 9, 2, 3, 4, 5]),
        (INTEGRATE, 1, [1, 2, 3, 4, 5, 9]),
        (CALM, 1, [9, 1, 2, 3, 4, 5]),
        (RESTORE, None, [1, 2, 3, 4, 9, 5]),
    ],
    ids=[
        "at the phase's end",
        "first of its phase",
        "inside its phase",
        "before the first of the next phase is the end of its own",
        "before the last of the phase before is the start of its own",
        "before what isn't there is the end",
        "the end of the first phase",
        "a last phase of its own",
        "the very first",
        "a phase between",
    ],
)
def test_puts_a_row_into_its_phase(phase, before, expected):
    assert keys(arranging.put(FIVE, ItemRow(9, "x", phase), before=before)) == expected


@pytest.mark.parametrize(
    ("key", "phase", "before", "expected"),
    [
        (2, RELEASE, None, [1, 3, 4, 2, 5]),
        (4, RELEASE, 2, [1, 4, 2, 3, 5]),
        (3, RELEASE, 3, [1, 2, 4, 3, 5]),
        (5, CALM, 1, [5, 1, 2, 3, 4]),
        (1, INTEGRATE, None, [2, 3, 4, 5, 1]),
    ],
    ids=["to the end", "to the front", "before itself is the end", "two phases back", "to the last phase"],
)
def test_moves_a_row_that_is_there(key, phase, before, expected):
    moved = rows.placed(arranging.find(FIVE, key), phase)

    after = arranging.put(FIVE, moved, before=before)

    assert keys(after) == expected
    assert arranging.find(after, key).phase is phase


@pytest.mark.parametrize(
    ("there", "slug", "expected"),
    [
        ((), "release-static_stretch", [9]),
        (("release-static_stretch",), "release-self_massage", [9, 1]),
        (("release-self_massage",), "release-static_stretch", [1, 9]),
        (("release-self_massage", "release-static_stretch"), "release-self_massage", [1, 9, 2]),
        (("strengthen-endurance", "strengthen-activation"), "strengthen-strengthening", [9, 1, 2]),
        (("calm-posture", "restore-mobility"), "release-self_massage", [1, 9, 2]),
        (("integrate-posture",), "calm-endurance", [9, 1]),
    ],
    ids=[
        "an empty stage",
        "massage before a stretch",
        "a stretch after massage",
        "after the last of its kind",
        "before the first later kind, where kinds are mixed up",
        "between phases",
        "before all others",
    ],
)
def test_lands_a_row_where_kinds_are_in_order(there, slug, expected):
    before = tuple(row(key, name) for key, name in enumerate(there, start=1))

    assert keys(arranging.land(before, row(9, slug), CATALOG)) == expected


def test_lands_by_the_phase_a_row_stands_in_not_by_its_exercise():
    before = (row(1, "release-self_massage"), row(2, "release-static_stretch", CALM), row(3, "calm-posture"))

    after = arranging.land(arranging.ordered(before), row(9, "calm-mobility"), CATALOG)

    # A stretch belongs to no kind of the phase calm, so it is the last there.
    assert keys(after) == [9, 2, 3, 1]


@pytest.mark.parametrize(
    ("key", "up", "expected"),
    [
        (3, True, [1, 3, 2, 4, 5]),
        (3, False, [1, 2, 4, 3, 5]),
        (2, True, [1, 2, 3, 4, 5]),
        (4, False, [1, 2, 3, 4, 5]),
        (1, True, [1, 2, 3, 4, 5]),
        (5, False, [1, 2, 3, 4, 5]),
    ],
    ids=[
        "up",
        "down",
        "stays at the top of its phase",
        "stays at the end of its phase",
        "stays at the very top",
        "stays at the very end",
    ],
)
def test_shifts_within_a_phase_only(key, up, expected):
    assert keys(arranging.shift(FIVE, key, up=up)) == expected


def test_swaps_where_it_stands_within_a_phase():
    new = replace(FIVE[2], exercise="release-self_massage", sets=3)

    after = arranging.swap(FIVE, new)

    assert keys(after) == [1, 2, 3, 4, 5]
    assert after[2] == new


def test_swaps_to_the_end_of_another_phase():
    new = replace(FIVE[1], exercise="calm-posture", phase=CALM)

    assert keys(arranging.swap(FIVE, new)) == [1, 2, 3, 4, 5]
    assert keys(arranging.swap(FIVE, replace(new, phase=STRENGTHEN))) == [1, 3, 4, 5, 2]


def test_swaps_in_what_has_no_place_yet_at_the_end_of_its_phase():
    assert keys(arranging.swap(FIVE, ItemRow(-1, "x", RELEASE))) == [1, 2, 3, 4, -1, 5]


def test_sorts_the_kinds_of_one_phase_and_leaves_the_others():
    mixed = tuple(
        row(key, slug)
        for key, slug in enumerate(
            (
                "release-static_stretch",
                "release-self_massage",
                "strengthen-endurance",
                "strengthen-activation",
                "strengthen-strengthening",
                "strengthen-activation",
            ),
            start=1,
        )
    )

    assert keys(arranging.sort_kinds(mixed, STRENGTHEN, CATALOG)) == [1, 2, 4, 6, 5, 3]
    assert keys(arranging.sort_kinds(mixed, RELEASE, CATALOG)) == [2, 1, 3, 4, 5, 6]
    assert arranging.sort_kinds(mixed, CALM, CATALOG) == mixed


def test_changes_one_row_where_it_stands():
    after = arranging.change(FIVE, 3, {"sets": 4, "note": "Slowly."})

    assert (after[2].sets, after[2].note) == (4, "Slowly.")
    assert [one for one in after if one.key != 3] == [one for one in FIVE if one.key != 3]
    assert arranging.change(FIVE, 404, {"sets": 4}) == FIVE


def test_takes_out_what_is_there_and_no_more():
    assert keys(arranging.without(FIVE, {2, 5, 404})) == [1, 3, 4]
    assert arranging.without(FIVE, set()) == FIVE


@pytest.mark.parametrize(
    ("present", "expected"),
    [((), -1), ((1, 17), -1), ((-1, 5), -2), ((-7, -3), -8)],
    ids=["none there", "only saved ones", "beside one without a key", "beside several"],
)
def test_gives_a_new_row_a_key_that_nobody_has(present, expected):
    assert rows.free_key([ItemRow(key, "x", CALM) for key in present]) == expected


def test_stores_a_row_as_json_and_reads_it_back():
    there = row(17, side="left", tempo_s=3, rest_s=60, note="Langsam, “ßß” 😀", version=4)

    stored = json.loads(json.dumps(rows.as_json(there)))

    assert rows.from_json(stored) == there
    assert not {"hold_s", "minutes", "days_per_week"} & set(stored)  # they are as they usually are
    assert rows.from_json({"key": 17, "version": 4, **there.content}) == there


def test_replaces_an_exercise_with_its_own_dose_and_without_the_note():
    new = exercise("Tilt", "release", laterality="affected_side")
    there = row(17, sets=5, tempo_s=2, rest_s=30, side="left", note="For the old one.", version=4)

    assert rows.replaced(there, new, "right") == ItemRow(17, "tilt", RELEASE, reps=10, side="right", version=4)


SLUGS = st.sampled_from(sorted(CATALOG.exercises))
PHASES = st.sampled_from(list(Phase))


@st.composite
def stages(draw):
    """Rows as a stage may hold them: any exercise in any phase, in phase order, each key once."""
    found = draw(st.lists(st.tuples(SLUGS, PHASES), max_size=12))
    numbers = draw(st.permutations(range(1, len(found) + 1)))
    return arranging.ordered(tuple(row(key, *one) for key, one in zip(numbers, found, strict=True)))


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["put", "move", "land", "shift", "swap", "change", "without", "sort"]),
        st.integers(0, 20),
        st.integers(-3, 20),
        SLUGS,
        PHASES,
        st.booleans(),
    ),
    max_size=25,
)


def edited(before, verb, number, other, slug, phase, up):
    """Do one edit; return the rows, and what must be there afterwards, by key, in any order."""
    there = before[number % len(before)] if before else None
    new = row(rows.free_key(before), slug, phase)
    must = {one.key: one for one in before}
    if verb == "put":
        return arranging.put(before, new, before=other), must | {new.key: new}
    if verb == "land":
        return arranging.land(before, new, CATALOG), must | {new.key: new}
    if verb == "sort":
        return arranging.sort_kinds(before, phase, CATALOG), must
    if there is None:
        return before, must
    if verb == "shift":
        return arranging.shift(before, there.key, up=up), must
    if verb == "without":
        return arranging.without(before, {there.key}), {key: one for key, one in must.items() if key != there.key}
    if verb == "change":
        changed = replace(there, reps=number + 1)
        return arranging.change(before, there.key, {"reps": number + 1}), must | {there.key: changed}
    moved = replace(there, exercise=slug, phase=phase) if verb == "swap" else rows.placed(there, phase)
    after = arranging.swap(before, moved) if verb == "swap" else arranging.put(before, moved, before=other)
    return after, must | {there.key: moved}


@given(before=stages(), edits=EDITS)
@settings(max_examples=200, deadline=None)
def test_any_sequence_of_edits_keeps_phases_in_order_and_loses_nothing(before, edits):
    for edit in edits:
        after, must = edited(before, *edit)

        ranks = [one.phase.rank for one in after]
        assert ranks == sorted(ranks)
        assert {one.key: one for one in after} == must
        assert len(after) == len(must)
        before = after


@given(before=stages(), slug=SLUGS, phase=PHASES)
@settings(max_examples=200, deadline=None)
def test_what_lands_follows_all_of_its_kind_and_precedes_a_later_one(before, slug, phase):
    new = row(rows.free_key(before), slug, phase)

    after = arranging.land(before, new, CATALOG)

    assert arranging.without(after, {new.key}) == before
    inside = [one for one in after if one.phase is phase]
    rank = kind_rank(phase, CATALOG.exercise(slug).kind)
    here = inside.index(new)
    assert all(kind_rank(phase, CATALOG.exercise(one.exercise).kind) <= rank for one in inside[:here])
    if here + 1 < len(inside):
        assert kind_rank(phase, CATALOG.exercise(inside[here + 1].exercise).kind) > rank


@given(before=stages(), phase=PHASES)
@settings(max_examples=100, deadline=None)
def test_sorting_is_stable_and_done_once(before, phase):
    after = arranging.sort_kinds(before, phase, CATALOG)

    assert arranging.sort_kinds(after, phase, CATALOG) == after
    assert [one for one in after if one.phase is not phase] == [one for one in before if one.phase is not phase]
    counted = Counter(CATALOG.exercise(one.exercise).kind for one in before if one.phase is phase)
    for kind in counted:
        alike = [[one.key for one in found if one.phase is phase and CATALOG.exercise(one.exercise).kind == kind]
                 for found in (before, after)]  # fmt: skip
        assert alike[0] == alike[1]


@given(before=stages(), number=st.integers(0, 20))
@settings(max_examples=100, deadline=None)
def test_shifting_up_and_down_again_changes_nothing_inside_a_phase(before, number):
    if not before:
        return
    key = before[number % len(before)].key
    up = arranging.shift(before, key, up=True)

    assert up == before or arranging.shift(up, key, up=False) == before
