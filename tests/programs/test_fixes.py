"""Fixes are real: each removes its verdict and brings nothing worse, and the page writes what the checks foresaw."""

import os
import random
from collections import Counter

import pytest
from django.db import transaction
from django.utils import timezone

from exercises.facts import CatalogFacts
from exercises.vocabulary import STAGES, Phase
from programs import bench, builder, checking, checks, fixing
from programs.builder import Change
from programs.checks import mending
from programs.checks.facts import Dose, ExerciseFacts, Fix, ItemFacts, PatientFacts, StageFacts
from programs.dose import DOSE
from programs.models import Item
from tests.conftest import make_assessment, make_exercise, make_patient, make_user
from tests.programs.samples import act, make_program
from tests.programs.stages import usual_patient

RUNS = 1000 if os.environ.get("RELEASEFIRST_DEEP") else 150
ACTIONS = {"place", "add", "replace", "remove", "side", "dose", "sort"}
SIDES = ("left", "right", "both")
DIRECTIONS = ("not_tested", "none_found", "extension", "flexion", "lateral")


def any_patient(catalog: CatalogFacts, draw: random.Random) -> PatientFacts:
    """Return a patient with one to three drivers, any findings and up to two precautions."""
    things = sorted(catalog.equipment_names)
    return usual_patient(
        catalog,
        *draw.sample(sorted(catalog.drivers), draw.choice([1, 1, 2, 3])),
        precautions=draw.sample(sorted(catalog.precautions), draw.randint(0, 2)),
        affected_side=draw.choice(SIDES),
        direction=draw.choice(DIRECTIONS),
        irritability=draw.choice(["low", "moderate", "high"]),
        equipment=draw.choice([None, catalog.household, frozenset(draw.sample(things, len(things) // 2))]),
        lengthened=frozenset(draw.sample(sorted(catalog.muscle_names), draw.choice([0, 0, 3]))),
    )


def any_dose(exercise: ExerciseFacts, draw: random.Random) -> Dose:
    """Return a dose that may be far from the usual one, as a form gives it: without a range."""
    usual = exercise.dose
    much = draw.choice([0.5, 1, 1, 2, 3])
    return Dose(
        sets=usual.sets * draw.choice([1, 1, 3]),
        reps=usual.reps and max(1, int(usual.reps * much)),
        hold_s=usual.hold_s and max(1, int(usual.hold_s * draw.choice([0.5, 1, 1, 2]))),
        minutes=usual.minutes and max(1, int(usual.minutes * much)),
        times_per_day=usual.times_per_day * draw.choice([1, 1, 1, 3]),
    )


def any_item(key: int, catalog: CatalogFacts, draw: random.Random) -> ItemFacts:
    exercise = catalog.exercises[draw.choice(sorted(catalog.exercises))]
    return ItemFacts(
        key,
        exercise,
        draw.choice([*[exercise.phase] * 8, *Phase]),
        side=draw.choice(["", "left", "right", "each"]),
        dose=draw.choice([None, any_dose(exercise, draw)]),
    )


def any_stage(catalog: CatalogFacts, seed: int) -> StageFacts:
    """Return a stage of 1 to 10 items as the builder keeps them, in the order of the phases they were put in."""
    draw = random.Random(seed)
    items = [any_item(key, catalog, draw) for key in range(1, draw.randint(1, 10) + 1)]
    ordered = tuple(sorted(items, key=lambda item: item.phase.rank))
    return StageFacts(ordered, any_patient(catalog, draw), draw.choice(STAGES)[0], catalog)


def worse(after: list[checks.Verdict], before: list[checks.Verdict]) -> set[object]:
    """Return the causes of stops and warnings that weren't there before, or were told more mildly.

    “9 exercises a day” has the cause of “10 exercises a day”.
    """
    worst = {verdict.cause: mending.SEVERITY[verdict.level] for verdict in reversed(before)}
    return {row.cause for row in after if mending.SEVERITY[row.level] < worst.get(row.cause, mending.SEVERITY["note"])}


def test_a_fix_removes_its_verdict_and_brings_nothing_worse(shipped):
    offered: Counter[str] = Counter()
    wrong = []
    for seed in range(RUNS):
        stage = any_stage(shipped.catalog, seed)
        verdicts = checks.check(stage)
        for verdict in verdicts:
            for fix in verdict.fixes:
                after = checks.find(mending.apply(stage, fix))
                if verdict.key in {other.key for other in after} or worse(after, verdicts):
                    wrong.append((seed, verdict.key, fix.label))
                offered[fix.action] += 1

    assert wrong == []
    assert set(offered) == ACTIONS
    assert sum(offered.values()) > 5 * RUNS


def test_at_most_two_fixes_are_offered_and_none_twice(shipped):
    for seed in range(RUNS // 10):
        for verdict in checks.check(any_stage(shipped.catalog, seed)):
            assert len(verdict.fixes) <= mending.MOST_OFFERED
            assert len({fix.label for fix in verdict.fixes}) == len(verdict.fixes)


def test_a_mended_stage_stays_in_the_order_of_phases(shipped):
    for seed in range(RUNS // 10):
        stage = any_stage(shipped.catalog, seed)
        for fix in (fix for verdict in checks.check(stage) for fix in verdict.fixes):
            ranks = [item.phase.rank for item in mending.apply(stage, fix).items]
            assert ranks == sorted(ranks)


PROGRAM = ("Rest", "Stretch", "Ball", "Tilt", "Clam", "Bridge")


@pytest.fixture
def by(db: None):
    return make_user()


@pytest.fixture
def program(by):
    """A program of one left leg: Clam was put into the release phase, and Stretch before Ball there."""
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by, affected_side="left")
    make_exercise("Rest", "calm", kind="posture")
    make_exercise("Stretch", "release", kind="static_stretch", laterality="affected_side", hold_s=30)
    make_exercise("Ball", "release", kind="self_massage", laterality="each_side")
    make_exercise("Tilt", "restore", kind="mobility")
    make_exercise("Clam", kind="activation", sets=2)
    make_exercise("Bridge", reps=12)
    make_exercise("Walk", "calm", kind="endurance", reps=None, minutes=5)
    make_exercise("Slide", "restore", kind="mobility", laterality="affected_side", reps=8)
    program = make_program(*PROGRAM, by=by, patient=patient)
    clam = Item.objects.get(exercise__name="Clam")
    carry_out(program, Fix("", "place", item=clam.pk, phase=Phase.RELEASE), by)
    act(program, f"up:{Item.objects.get(exercise__name='Stretch').pk}", by=by)
    Item.objects.filter(exercise__name__in=["Bridge", "Tilt"]).update(sets=7, reps=33, side="right")
    return program


def facts_of(program, by):
    return checking.facts_of(bench.read(program.pk, by=by), at=timezone.now())


def carry_out(program, fix, by):
    """Write what a fix makes of the program, as the builder does with one that it offers."""
    with transaction.atomic():
        locked = bench.lock(program.pk, by=by)
        builder.write(locked, Change("Mended", "fix", fixing.carried_out(locked, fix)), at=timezone.now())


def written(stage):
    """Return what a stage says of each item, in order; the catalog's range isn't part of an item."""
    return [
        (item.exercise.slug, item.phase, item.side, *(getattr(item.given, name) for name in DOSE))
        for item in stage.items
    ]


@pytest.mark.parametrize(
    ("action", "on", "how"),
    [
        pytest.param("add", None, {"exercise": "walk"}, id="add to its own phase with its usual dose"),
        pytest.param("add", None, {"exercise": "slide"}, id="add on the affected side"),
        pytest.param("replace", "Tilt", {"exercise": "slide"}, id="replace in the same phase"),
        pytest.param("replace", "Stretch", {"exercise": "walk"}, id="replace by one of the phase before"),
        pytest.param("replace", "Clam", {"exercise": "slide"}, id="replace what stood in another phase"),
        pytest.param("remove", "Tilt", {}, id="remove from the middle"),
        pytest.param("place", "Clam", {"phase": Phase.STRENGTHEN}, id="move home"),
        pytest.param("place", "Rest", {"phase": Phase.INTEGRATE}, id="move to an empty phase"),
        pytest.param("side", "Bridge", {"side": "each"}, id="set a side"),
        pytest.param("dose", "Bridge", {}, id="back to the usual dose"),
        pytest.param("sort", None, {"phase": Phase.RELEASE}, id="sort a phase with an item of another"),
        pytest.param("sort", None, {"phase": Phase.STRENGTHEN}, id="sort a phase that is in order"),
    ],
)
def test_what_is_written_is_what_was_foreseen(program, by, action, on, how):
    item = Item.objects.get(exercise__name=on).pk if on else None
    fix = Fix("", action, item=item, **how)
    before = facts_of(program, by)
    foreseen = written(mending.apply(before, fix))

    carry_out(program, fix, by)

    assert written(facts_of(program, by)) == foreseen
    assert (foreseen == written(before)) is (how.get("phase") is Phase.STRENGTHEN and action == "sort")


def test_each_action_has_a_case():
    (cases,) = [mark for mark in test_what_is_written_is_what_was_foreseen.pytestmark if mark.name == "parametrize"]

    assert {case.values[0] for case in cases.args[1]} == ACTIONS


def test_a_fix_for_an_item_that_is_gone_changes_nothing(program, by):
    tilt = Item.objects.get(exercise__name="Tilt").pk
    carry_out(program, Fix("", "remove", item=tilt), by)
    before = written(facts_of(program, by))

    with pytest.raises(fixing.NoSuchFix):
        carry_out(program, Fix("", "dose", item=tilt), by)

    assert written(facts_of(program, by)) == before


@pytest.mark.parametrize(
    "word", ["other:verdict:Gone#0", "{key}#0", "{key}#remove 987654", "{key}#", "{key}", "#0", ""]
)
def test_a_fix_that_isnt_offered_any_more_is_refused(program, by, word):
    warning = next(verdict for verdict in checks.check(facts_of(program, by)) if verdict.fixes)
    before = written(facts_of(program, by))

    with pytest.raises(fixing.NoSuchFix):
        act(program, f"fix:{word.format(key=warning.key)}", by=by)

    assert written(facts_of(program, by)) == before


def test_each_offered_fix_is_found_by_its_word_and_does_what_it_says(program, by):
    stage = facts_of(program, by)
    verdicts = [verdict for verdict in checks.check(stage) if verdict.fixes]

    for verdict in verdicts:
        assert len({fix.name for fix in verdict.fixes}) == len(verdict.fixes)
        for fix in verdict.fixes:
            assert fixing.offered(stage, verdict.key, fix.name) == fix
    first = verdicts[0]
    done = act(program, f"fix:{first.key}#{first.fixes[0].name}", by=by)

    assert done.said == f"{first.fixes[0].label}."
    assert written(facts_of(program, by)) == written(mending.apply(stage, first.fixes[0]))
