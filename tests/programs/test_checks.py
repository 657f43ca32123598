"""The rules together: each is there, each can be taken out alone, and the most serious word comes first."""

import re

import pytest

from exercises.facts import PrecautionFacts, Rule
from exercises.vocabulary import Phase
from programs import checks
from programs.checks import mending
from programs.checks.facts import Dose, Pair, StageFacts
from tests.programs.stages import driver, exercise, item, stage

REST = exercise("Rest", "calm", "posture")
FIGURE_4 = exercise("Figure 4", "release", "static_stretch", releases=["piriformis"])
ROLL = exercise("Roll", "release", "self_massage", releases=["tfl"])
TILT = exercise("Tilt")
BRIDGE = exercise("Bridge", "strengthen", "strengthening", strengthens=["gluteus_maximus"])
BEND = exercise("Bend", spinal_loading="flexion", attributes=["spinal_flexion_end"])
PAIR = Pair("piriformis", "gluteus_maximus", "piriformis", "gluteus maximus", primary=True)
DISC = driver("disc", rules={"spinal_flexion_end": Rule("avoid_early", "Not yet.", ("long2004",))})
BONES = PrecautionFacts("osteoporosis", "Osteoporosis", {"spinal_flexion_end": Rule("avoid", "Bones.")})

# A stage for each rule that makes it speak.
FIRING: dict[str, StageFacts] = {
    "red_flags": stage(TILT, screening_stop="Screen first."),
    "sign_off": stage(TILT, sign_off_stop="Ask first."),
    "driver": stage(BEND, drivers=(DISC,)),
    "direction": stage(BEND, direction="extension"),
    "lateral": stage(TILT, direction="lateral"),
    "precautions": stage(BEND, precautions=(BONES,)),
    "phase_order": stage(TILT, item(REST, Phase.RESTORE)),
    "pair_order": stage(BRIDGE, tight=["piriformis"], weak=["gluteus_maximus"], pairs=[PAIR]),
    "foundations": stage(TILT),
    "irritability": stage(exercise(level=3), irritability="high"),
    "dose_range": stage(item(TILT, dose=Dose(reps=21))),
    "side": stage(exercise(laterality="affected_side")),
    "equipment": stage(exercise(equipment=(frozenset(["ball"]),)), equipment=frozenset()),
    "size": stage(TILT),
    "minutes": stage(item(TILT, dose=Dose(reps=None, minutes=31))),
    "kind_order": stage(FIGURE_4, ROLL),
    "duplicates": stage(TILT, TILT),
    "lengthened": stage(FIGURE_4, lengthened=frozenset(["piriformis"])),
}


def rules_that_speak(facts):
    return {verdict.rule for verdict in checks.find(facts)}


def test_each_rule_has_its_stage():
    assert set(FIRING) == set(checks.RULES)


@pytest.mark.parametrize("rule", checks.RULES)
def test_a_rule_speaks_and_is_silent_when_taken_out(rule, monkeypatch):
    spoke = rules_that_speak(FIRING[rule])

    monkeypatch.setattr(checks, "RULES", {name: row for name, row in checks.RULES.items() if name != rule})

    assert rule in spoke
    assert rules_that_speak(FIRING[rule]) == spoke - {rule}


@pytest.mark.parametrize("rule", checks.RULES)
def test_no_rule_speaks_on_a_harmless_stage(rule):
    step = exercise("Step up", "integrate")

    assert rule not in rules_that_speak(stage(REST, FIGURE_4, TILT, step))


@pytest.mark.parametrize("rule", checks.RULES)
def test_each_verdict_names_its_rule_and_is_one_sentence(rule):
    for verdict in checks.check(FIRING[rule]):
        assert verdict.title
        assert re.fullmatch(r"[A-Z0-9].*\.", verdict.sentence), verdict.sentence
        assert verdict.level in mending.SEVERITY


def test_the_most_serious_verdict_comes_first():
    facts = stage(TILT, item(REST, Phase.RESTORE), screening_stop="Screen first.")

    assert [verdict.level for verdict in checks.check(facts)] == ["stop", "warn", "note"]


def test_finding_and_checking_say_the_same():
    for facts in FIRING.values():
        assert [verdict.key for verdict in checks.find(facts)] == [verdict.key for verdict in checks.check(facts)]


def test_verdicts_of_a_stage_have_different_keys():
    facts = stage(BEND, BEND, drivers=(DISC,), precautions=(BONES,), direction="extension", slug="w0_2")

    keys = [verdict.key for verdict in checks.find(facts)]

    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(("level", "overridable", "needs_reason", "forbids"), [
    pytest.param("stop", False, False, True, id="a stop forbids"),
    pytest.param("stop", True, True, False, id="an avoid takes a reason"),
    pytest.param("warn", False, True, False, id="a warning takes a reason"),
    pytest.param("note", False, False, False, id="a note takes nothing"),
])  # fmt: skip
def test_what_issuing_takes(level, overridable, needs_reason, forbids):
    verdict = checks.Verdict("size", level, "Title", "Why.", overridable=overridable)

    assert (verdict.needs_reason, verdict.forbids) == (needs_reason, forbids)


@pytest.mark.parametrize("rule", ["phase_order", "pair_order", "kind_order", "foundations"])
def test_nothing_claims_that_the_order_is_proven(rule):
    said = [verdict for verdict in checks.find(FIRING[rule]) if verdict.rule == rule]

    assert {verdict.citations for verdict in said} == {("practice",)}
