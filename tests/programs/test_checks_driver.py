"""What loads the spine against the suspected drivers, the usual direction and the tested one."""

from dataclasses import replace

import pytest

from exercises.cautions import Caution
from exercises.facts import Rule
from programs.checks import suitability
from tests.programs.stages import driver, exercise, found, levels, offers, said, stage

END_FLEXION = exercise("Knees to chest", spinal_loading="flexion", attributes=["spinal_flexion_end"])
LOADED_FLEXION = exercise("Curl-up", "strengthen", "strengthening", attributes=["spinal_flexion_loaded"])
MID_FLEXION = exercise("Tilt back", spinal_loading="flexion")
END_EXTENSION = exercise("Press-up", spinal_loading="extension", attributes=["spinal_extension_end"])
LOADED_EXTENSION = exercise("Chest lift", spinal_loading="extension", attributes=["spinal_extension_loaded"])
MID_EXTENSION = exercise("Elbows", spinal_loading="extension")
BOTH_WAYS = exercise("Cat-cow", spinal_loading="flexion_extension")
SLUMP = exercise("Slump slider", attributes=["neural_tension"])
NEUTRAL = exercise("Brace", "strengthen", "activation")
GLIDE = exercise("Side glide", spinal_loading="side_bend")

EARLY, CAUTION, AVOID = (Rule(level, f"{level.capitalize()} it.") for level in ("avoid_early", "caution", "avoid"))
DISC = driver("disc", bias="extension", rules={"spinal_flexion_end": EARLY, "neural_tension": CAUTION})
STENOSIS = driver("stenosis", bias="flexion", rules={"spinal_extension_end": AVOID, "spinal_extension_loaded": EARLY})
DDD = driver("ddd", bias="mid_range", rules={"spinal_extension_end": EARLY})
PIRIFORMIS = driver("piriformis", bias="none", rules={"neural_tension": EARLY})


@pytest.mark.parametrize(
    ("level", "stage_slug", "irritability", "expected"),
    [
        pytest.param("avoid", "w0_2", "low", "stop", id="avoid stops in weeks 0–2"),
        pytest.param("avoid", "w4_8", "low", "stop", id="avoid stops in weeks 4–8"),
        pytest.param("avoid_early", "w0_2", "low", "stop", id="avoid early stops in weeks 0–2"),
        pytest.param("avoid_early", "w2_4", "moderate", "note", id="avoid early is a note from week 2"),
        pytest.param("avoid_early", "w2_4", "high", "stop", id="avoid early stops while irritability is high"),
        pytest.param("avoid_early", "w4_8", "high", "stop", id="avoid early stops late, with high irritability"),
        pytest.param("avoid_early", "w4_8", "low", "note", id="avoid early is a note in weeks 4–8"),
        pytest.param("caution", "w0_2", "high", "note", id="a caution is never more than a note"),
    ],
)
def test_how_a_caution_counts(level, stage_slug, irritability, expected):
    facts = stage(NEUTRAL, slug=stage_slug, irritability=irritability)

    assert suitability.level_of(Caution("Disc", level, ("Why.",)), facts) == expected


@pytest.mark.parametrize(
    ("what", "drivers", "direction", "expected"),
    [
        pytest.param(NEUTRAL, [DISC], "not_tested", [], id="a neutral exercise passes"),
        pytest.param(END_FLEXION, [], "not_tested", [], id="nothing is objected to without a driver"),
        pytest.param(END_FLEXION, [DISC], "not_tested", ["stop"], id="disc: deep bending stops early"),
        pytest.param(END_FLEXION, [DISC], "none_found", ["stop"], id="disc: no direction found changes nothing"),
        pytest.param(END_FLEXION, [DISC], "lateral", ["stop"], id="disc: a lateral preference changes nothing"),
        pytest.param(END_FLEXION, [DISC], "extension", ["stop"], id="disc: tested extension changes nothing"),
        pytest.param(END_FLEXION, [DISC], "flexion", ["note"], id="disc: with tested flexion it falls to a note"),
        pytest.param(SLUMP, [DISC], "flexion", ["note"], id="disc: tension on the nerve stays a caution"),
        pytest.param(SLUMP, [PIRIFORMIS], "flexion", ["stop"], id="direction says nothing about the nerve"),
        pytest.param(END_EXTENSION, [STENOSIS], "not_tested", ["stop"], id="stenosis: arching far is avoided"),
        pytest.param(END_EXTENSION, [STENOSIS], "extension", ["stop"], id="stenosis: even with tested extension"),
        pytest.param(LOADED_EXTENSION, [STENOSIS], "extension", ["note"], id="stenosis: avoid early falls to a note"),
        pytest.param(END_EXTENSION, [DDD], "extension", ["note"], id="ddd: with tested extension it falls to a note"),
        pytest.param(END_EXTENSION, [DDD], "not_tested", ["stop"], id="ddd: untested it stops early"),
        pytest.param(MID_FLEXION, [DISC], "not_tested", ["note"], id="disc: mild bending is against its bias"),
        pytest.param(MID_FLEXION, [DISC], "none_found", ["note"], id="disc: against its bias with none found"),
        pytest.param(MID_FLEXION, [DISC], "lateral", ["note"], id="disc: against its bias with a lateral preference"),
        pytest.param(MID_FLEXION, [DISC], "flexion", [], id="disc: tested flexion beats its bias"),
        pytest.param(MID_EXTENSION, [DISC], "not_tested", [], id="disc: mild arching goes with its bias"),
        pytest.param(MID_EXTENSION, [STENOSIS], "not_tested", ["note"], id="stenosis: mild arching is against it"),
        pytest.param(MID_EXTENSION, [STENOSIS], "extension", [], id="stenosis: tested extension beats its bias"),
        pytest.param(BOTH_WAYS, [DISC], "not_tested", [], id="to and fro is against no bias"),
        pytest.param(MID_FLEXION, [DDD], "not_tested", [], id="mid-range is no direction"),
        pytest.param(MID_FLEXION, [PIRIFORMIS], "not_tested", [], id="no bias, nothing against it"),
        pytest.param(END_EXTENSION, [DISC, STENOSIS], "not_tested", ["stop"], id="another driver counts as well"),
        pytest.param(SLUMP, [DISC, PIRIFORMIS], "not_tested", ["stop"], id="the stronger word of two counts"),
        pytest.param(SLUMP, [PIRIFORMIS, DISC], "not_tested", ["stop"], id="whichever of them leads"),
    ],
)  # fmt: skip
def test_what_drivers_object_to_in_weeks_0_to_2(what, drivers, direction, expected):
    assert levels("driver", stage(what, slug="w0_2", drivers=tuple(drivers), direction=direction)) == expected


def test_names_the_driver_with_the_strongest_word_and_only_a_stop_takes_a_reason():
    facts = stage(NEUTRAL, SLUMP, slug="w0_2", drivers=(DISC, PIRIFORMIS))

    (verdict,) = found("driver", facts)

    assert verdict.item == 2
    assert verdict.title == "Slump slider: piriformis"
    assert verdict.overridable
    assert verdict.needs_reason
    assert not verdict.forbids


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        pytest.param(CAUTION, ["note"], id="its own word is milder"),
        pytest.param(AVOID, ["stop"], id="its own word is stronger"),
        pytest.param(None, ["stop"], id="without one its attributes decide"),
    ],
)
def test_an_exercises_own_word_overrules_its_attributes(override, expected):
    what = exercise(
        "Special", spinal_loading="flexion", attributes=["spinal_flexion_end"],
        driver_overrides={"disc": override} if override else {},
    )  # fmt: skip

    assert levels("driver", stage(what, slug="w0_2", drivers=(DISC,))) == expected


def test_the_reasons_of_the_strongest_level_stand_in_one_sentence():
    both = exercise("Both", attributes=["neural_tension", "spinal_flexion_end", "sit_prolonged"])

    sitting = Rule("avoid_early", "Sit less.", ("long2004",))
    disc = replace(DISC, rules={**DISC.rules, "sit_prolonged": sitting})

    (verdict,) = found("driver", stage(both, slug="w0_2", drivers=(disc,)))

    assert verdict.sentence == "Not in weeks 0–2, nor while irritability is high: avoid_early it; sit less."
    assert set(verdict.citations) == {"practice", "long2004"}


@pytest.mark.parametrize(
    ("what", "direction", "expected"),
    [
        pytest.param(END_FLEXION, "extension", ["stop"], id="the end of flexion against tested extension"),
        pytest.param(LOADED_FLEXION, "extension", ["note"], id="loaded flexion against tested extension"),
        pytest.param(MID_FLEXION, "extension", ["note"], id="mild flexion against tested extension"),
        pytest.param(END_EXTENSION, "flexion", ["stop"], id="the end of extension against tested flexion"),
        pytest.param(LOADED_EXTENSION, "flexion", ["note"], id="loaded extension against tested flexion"),
        pytest.param(MID_EXTENSION, "flexion", ["note"], id="mild extension against tested flexion"),
        pytest.param(END_EXTENSION, "extension", [], id="with the tested direction passes"),
        pytest.param(END_FLEXION, "flexion", [], id="with tested flexion passes"),
        pytest.param(END_FLEXION, "none_found", [], id="none found says nothing"),
        pytest.param(END_FLEXION, "not_tested", [], id="not tested says nothing"),
        pytest.param(END_FLEXION, "lateral", [], id="lateral says nothing of flexion"),
        pytest.param(END_EXTENSION, "lateral", [], id="lateral says nothing of extension"),
        pytest.param(BOTH_WAYS, "extension", [], id="to and fro isn't against it"),
        pytest.param(NEUTRAL, "extension", [], id="neutral isn't against it"),
    ],
)
def test_the_tested_direction_speaks_in_weeks_0_to_2(what, direction, expected):
    assert levels("direction", stage(what, slug="w0_2", direction=direction)) == expected


@pytest.mark.parametrize(
    ("stage_slug", "irritability", "expected"),
    [
        pytest.param("w0_2", "low", "stop", id="weeks 0–2"),
        pytest.param("w2_4", "moderate", "note", id="weeks 2–4"),
        pytest.param("w2_4", "high", "stop", id="weeks 2–4 with high irritability"),
    ],
)
def test_end_range_against_the_tested_direction_is_avoided_early(stage_slug, irritability, expected):
    facts = stage(END_EXTENSION, slug=stage_slug, irritability=irritability, direction="flexion")

    assert levels("direction", facts) == [expected]


@pytest.mark.parametrize(
    ("what", "drivers", "direction", "expected"),
    [
        pytest.param(END_FLEXION, [DISC], "extension", [], id="the driver says it as strongly already"),
        pytest.param(END_EXTENSION, [STENOSIS], "flexion", [], id="the driver says it more strongly"),
        pytest.param(MID_FLEXION, [DISC], "extension", [], id="the driver's bias says it already"),
        pytest.param(END_EXTENSION, [DISC], "flexion", ["stop"], id="testing beats the driver's default"),
        pytest.param(
            exercise("Glide far", attributes=["spinal_extension_end", "neural_tension"]), [DISC], "flexion", ["stop"],
            id="the driver says something milder",
        ),
    ],
)  # fmt: skip
def test_the_same_isnt_said_twice(what, drivers, direction, expected):
    assert levels("direction", stage(what, slug="w0_2", drivers=tuple(drivers), direction=direction)) == expected


@pytest.mark.parametrize(
    ("items", "direction", "expected"),
    [
        pytest.param([NEUTRAL], "lateral", ["note"], id="a lateral preference without a side glide"),
        pytest.param([NEUTRAL, GLIDE], "lateral", [], id="a side glide is there"),
        pytest.param(
            [exercise("Side stretch", "release", "static_stretch", spinal_loading="side_bend")], "lateral", ["note"],
            id="a side stretch is no side glide",
        ),
        pytest.param([], "lateral", [], id="an empty stage needs no glide"),
        pytest.param([NEUTRAL], "extension", [], id="another preference"),
        pytest.param([NEUTRAL], "none_found", [], id="no preference found"),
        pytest.param([NEUTRAL], "not_tested", [], id="not tested"),
    ],
)  # fmt: skip
def test_a_lateral_preference_offers_the_side_glide(items, direction, expected):
    facts = stage(*items, offered=[GLIDE], direction=direction)

    assert levels("lateral", facts) == expected
    assert [fix.exercise for fix in (offers("lateral", facts) if expected else ())] == ["side-glide"] * len(expected)


def test_offers_what_suits_instead_or_to_leave_it_out():
    press_up = exercise("Press-up", releases=["hip_adductors"], attributes=["spinal_extension_end"])
    milder = exercise("Elbows", releases=["hip_adductors"], level=1)
    facts = stage(press_up, NEUTRAL, GLIDE, offered=[milder], drivers=(STENOSIS,))

    fixes = offers("driver", facts)

    assert [(fix.action, fix.exercise) for fix in fixes] == [("replace", "elbows"), ("remove", "")]


def test_each_item_has_its_own_verdict():
    facts = stage(END_FLEXION, NEUTRAL, SLUMP, slug="w0_2", drivers=(DISC,))

    assert said("driver", facts) == [(1, "stop"), (3, "note")]
