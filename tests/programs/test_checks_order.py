"""What comes before what: phases, pairs, kinds within a phase, and what needn't be in a stage at all."""

import pytest

from exercises.vocabulary import Phase
from programs.checks.facts import Pair
from tests.programs.stages import driver, exercise, found, item, levels, offers, said, stage

STATIC_BACK = exercise("Static back", "calm", "posture", releases=["iliopsoas", "erector_spinae"])
SHORT_WALK = exercise("Short walk", "calm", "endurance")
ROLL_TFL = exercise("Roll outer hip", "release", "self_massage", releases=["tfl"])
FIGURE_4 = exercise("Figure 4", "release", "static_stretch", releases=["piriformis"])
TILT = exercise("Pelvic tilt", "restore")
SLIDER = exercise("Slider", "restore", "nerve_glide")
BRIDGE = exercise("Bridge", "strengthen", "strengthening", strengthens=["gluteus_maximus"])
CLAM = exercise("Clamshell", "strengthen", "activation", strengthens=["gluteus_medius", "gluteus_maximus"])
HIP_LIFT = exercise("Side leg lift", "strengthen", "strengthening", strengthens=["gluteus_medius"])
STEP_UP = exercise("Step up", "integrate", "strengthening", strengthens=["gluteus_maximus"])
WALK = exercise("Walking", "integrate", "endurance", strengthens=["gluteus_maximus"])

ILIOPSOAS = Pair("iliopsoas", "gluteus_maximus", "iliopsoas", "gluteus maximus", primary=True)
TFL = Pair("tfl", "gluteus_medius", "tensor fasciae latae", "gluteus medius", primary=True)
PIRIFORMIS = Pair("piriformis", "gluteus_maximus", "piriformis", "gluteus maximus", primary=True)
ADDUCTORS = Pair("hip_adductors", "gluteus_medius", "hip adductors", "gluteus medius", primary=False)
GLUTES = ("gluteus_maximus", "gluteus_medius")


@pytest.mark.parametrize(
    ("items", "late"),
    [
        pytest.param([STATIC_BACK, FIGURE_4, TILT, BRIDGE, WALK], [], id="all five phases in order pass"),
        pytest.param([], [], id="an empty stage passes"),
        pytest.param([FIGURE_4, ROLL_TFL], [], id="two of one phase pass"),
        pytest.param([STATIC_BACK, BRIDGE], [], id="leaving phases out passes"),
        pytest.param([BRIDGE, STATIC_BACK], [2], id="calm after strengthen is late"),
        pytest.param([BRIDGE, STATIC_BACK, FIGURE_4], [2, 3], id="each step back is measured from the furthest phase"),
        pytest.param([FIGURE_4, STATIC_BACK, BRIDGE, TILT], [2, 4], id="two separate steps back are two verdicts"),
        pytest.param([item(BRIDGE, Phase.RELEASE), FIGURE_4], [2], id="an override forward makes the next late"),
        pytest.param([BRIDGE, item(FIGURE_4, Phase.STRENGTHEN)], [2], id="an override back makes the item itself late"),
        pytest.param([item(FIGURE_4, Phase.CALM)], [], id="an override that no other phase meets passes"),
        pytest.param([WALK, BRIDGE], [2], id="strengthen after integrate is late"),
    ],
)
def test_phases_never_run_backwards(items, late):
    assert said("phase_order", stage(*items)) == [(key, "warn") for key in late]


@pytest.mark.parametrize(
    ("items", "key", "phase"),
    [
        pytest.param([item(BRIDGE, Phase.RELEASE), FIGURE_4], 1, Phase.STRENGTHEN, id="the one that came forward"),
        pytest.param([BRIDGE, item(FIGURE_4, Phase.STRENGTHEN)], 2, Phase.RELEASE, id="the one that fell back"),
    ],
)
def test_offers_to_move_the_overridden_item_home(items, key, phase):
    fixes = offers("phase_order", stage(*items))

    assert [(fix.action, fix.item, fix.phase) for fix in fixes] == [("place", key, phase)]


LEFT_FIGURE_4 = item(FIGURE_4, side="left")
RIGHT_FIGURE_4 = item(FIGURE_4, side="right")


@pytest.mark.parametrize(
    ("items", "pairs", "side", "expected"),
    [
        pytest.param([BRIDGE, STATIC_BACK], [ILIOPSOAS], "both", ["warn"], id="released too late warns"),
        pytest.param([BRIDGE], [ILIOPSOAS], "both", ["warn"], id="released in another stage only warns"),
        pytest.param([STATIC_BACK, BRIDGE], [ILIOPSOAS], "both", [], id="released earlier in this stage passes"),
        pytest.param([STATIC_BACK], [ILIOPSOAS], "both", [], id="nothing strengthened asks for nothing"),
        pytest.param([HIP_LIFT, ROLL_TFL], [TFL], "both", ["warn"], id="outer hip strengthened first warns"),
        pytest.param([ROLL_TFL, HIP_LIFT], [TFL], "both", [], id="outer hip rolled first passes"),
        pytest.param(
            [ROLL_TFL, CLAM], [TFL, PIRIFORMIS], "both", ["warn"], id="the clamshell also needs the piriformis released"
        ),
        pytest.param([BRIDGE, CLAM], [PIRIFORMIS], "both", ["warn"], id="two that need it are one verdict"),
        pytest.param([HIP_LIFT], [ADDUCTORS], "both", ["note"], id="a secondary pair is a note"),
        pytest.param([STEP_UP], [ILIOPSOAS], "both", ["warn"], id="strengthening in integrate asks too"),
        pytest.param([WALK], [ILIOPSOAS], "both", [], id="endurance work asks for nothing"),
        pytest.param(
            [RIGHT_FIGURE_4, BRIDGE], [PIRIFORMIS], "left", ["warn"], id="a release of the other side doesn't count"
        ),
        pytest.param([LEFT_FIGURE_4, BRIDGE], [PIRIFORMIS], "left", [], id="a release of the tight side counts"),
        pytest.param(
            [item(FIGURE_4, side="each"), BRIDGE], [PIRIFORMIS], "both", [], id="each side releases both legs"
        ),
        pytest.param(
            [LEFT_FIGURE_4, BRIDGE], [PIRIFORMIS], "both", ["warn"], id="one leg released of two isn't enough"
        ),
        pytest.param(
            [LEFT_FIGURE_4, RIGHT_FIGURE_4, BRIDGE], [PIRIFORMIS], "both", [], id="one leg after the other counts"
        ),
        pytest.param(
            [LEFT_FIGURE_4, item(BRIDGE, side="left")], [PIRIFORMIS], "both", [],
            id="only the leg that is strengthened needs its release",
        ),
        pytest.param(
            [item(BRIDGE, side="right")], [PIRIFORMIS], "left", [],
            id="strengthening the side that isn't tight asks for nothing",
        ),
    ],
)  # fmt: skip
def test_a_tight_partner_is_released_first(items, pairs, side, expected):
    tight = [pair.tight for pair in pairs]

    assert levels("pair_order", stage(*items, tight=tight, weak=GLUTES, pairs=pairs, muscle_side=side)) == expected


@pytest.mark.parametrize(
    ("tight", "weak"),
    [
        pytest.param([], GLUTES, id="a partner that isn't marked tight"),
        pytest.param(["iliopsoas"], [], id="a muscle that isn't marked weak"),
    ],
)
def test_nothing_is_asked_for(tight, weak):
    assert not found("pair_order", stage(BRIDGE, tight=tight, weak=weak, pairs=[ILIOPSOAS]))


PELVIC = driver("pelvic", tight=["iliopsoas"], weak=["gluteus_maximus"])
DEEP_GLUTEAL = driver("piriformis", tight=["piriformis", "hip_adductors"], weak=GLUTES)


@pytest.mark.parametrize(
    ("drivers", "expected"),
    [
        pytest.param([PELVIC], [("iliopsoas", "warn")], id="the lead alone warns of its primary pair"),
        pytest.param(
            [PELVIC, DEEP_GLUTEAL],
            [("iliopsoas", "warn"), ("piriformis", "note")],
            id="a primary pair of another driver is a note",
        ),
        pytest.param([DEEP_GLUTEAL], [("iliopsoas", "warn")], id="for the lead the clinician's marks count"),
    ],
)
def test_the_lead_drivers_pairs_weigh_more(drivers, expected):
    facts = stage(
        BRIDGE, drivers=tuple(drivers), tight=["iliopsoas"], weak=["gluteus_maximus"], pairs=[ILIOPSOAS, PIRIFORMIS]
    )

    assert [(verdict.about, verdict.level) for verdict in found("pair_order", facts)] == expected


@pytest.mark.parametrize(
    ("affected", "released", "expected"),
    [
        pytest.param("left", "left", [], id="left leg hurts, left released"),
        pytest.param("left", "right", ["note"], id="left leg hurts, right released"),
        pytest.param("both", "left", ["note"], id="both legs hurt, one released"),
        pytest.param("both", "each", [], id="both legs hurt, both released"),
    ],
)
def test_another_drivers_muscles_are_tight_on_the_affected_side(affected, released, expected):
    drivers = (PELVIC, DEEP_GLUTEAL)
    facts = stage(item(FIGURE_4, side=released), BRIDGE, drivers=drivers, affected_side=affected, pairs=[PIRIFORMIS])

    assert levels("pair_order", facts) == expected


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param({"lengthened": frozenset(["piriformis"])}, id="lengthened"),
        pytest.param({"weak": ["piriformis", *GLUTES]}, id="weak"),
    ],
)
def test_what_was_found_otherwise_isnt_tight_with_another_driver(marks):
    facts = {"drivers": (PELVIC, DEEP_GLUTEAL), "pairs": [PIRIFORMIS]}

    assert levels("pair_order", stage(BRIDGE, **facts)) == ["note"]
    assert levels("pair_order", stage(BRIDGE, **facts, **marks)) == []


def test_a_trunk_muscle_of_another_driver_is_tight_on_both_sides():
    trunk = Pair("erector_spinae", "gluteus_maximus", "back muscles", "gluteus maximus", primary=True)
    roll = exercise("Back roll", "release", "self_massage", releases=["erector_spinae"])
    other = driver("ddd", tight=["erector_spinae"], weak=["gluteus_maximus"])
    facts = {"drivers": (PELVIC, other), "affected_side": "left", "pairs": [trunk]}

    assert levels("pair_order", stage(item(roll, side="left"), BRIDGE, **facts)) == ["note"]
    assert levels("pair_order", stage(roll, BRIDGE, **facts)) == []


def test_says_whether_a_muscle_is_marked_or_only_usually_tight():
    facts = stage(
        BRIDGE, drivers=(PELVIC, DEEP_GLUTEAL), tight=["iliopsoas"], weak=GLUTES, pairs=[ILIOPSOAS, PIRIFORMIS]
    )

    marked, usual = found("pair_order", facts)

    assert "iliopsoas (marked tight)" in marked.sentence
    assert "piriformis (usually tight)" in usual.sentence


def test_the_sentence_names_the_leg_that_is_left():
    facts = stage(LEFT_FIGURE_4, BRIDGE, tight=["piriformis"], weak=GLUTES, pairs=[PIRIFORMIS])

    (verdict,) = found("pair_order", facts)

    assert "(marked tight on the right)" in verdict.sentence


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([BRIDGE], ("add", "ball"), id="one to add"),
        pytest.param([LEFT_FIGURE_4, BRIDGE], ("side", ""), id="the one that is there on each side"),
        pytest.param([BRIDGE, item(FIGURE_4, Phase.STRENGTHEN)], ("place", ""), id="the one that is there moved home"),
    ],
)
def test_offers_a_release_first(items, expected):
    ball = exercise("Ball", "release", "self_massage", releases=["piriformis"], level=1)

    fixes = offers("pair_order", stage(*items, offered=[ball], tight=["piriformis"], weak=GLUTES, pairs=[PIRIFORMIS]))

    assert (fixes[0].action, fixes[0].exercise) == expected


def test_offers_to_leave_the_item_out_when_nothing_releases():
    marked = {"tight": ["iliopsoas"], "weak": GLUTES, "pairs": [ILIOPSOAS]}

    assert [(fix.action, fix.item) for fix in offers("pair_order", stage(TILT, BRIDGE, **marked))] == [("remove", 2)]
    assert offers("pair_order", stage(BRIDGE, **marked)) == [], "a stage without anything is worse"


def test_leaves_nothing_out_for_the_sake_of_a_note():
    assert offers("pair_order", stage(TILT, HIP_LIFT, tight=["hip_adductors"], weak=GLUTES, pairs=[ADDUCTORS])) == []


@pytest.mark.parametrize(
    ("items", "phases"),
    [
        pytest.param([ROLL_TFL, FIGURE_4], [], id="self-massage before stretching passes"),
        pytest.param([FIGURE_4, ROLL_TFL], ["release"], id="stretching before self-massage"),
        pytest.param([SHORT_WALK, STATIC_BACK], ["calm"], id="a walk before the resting position"),
        pytest.param([SLIDER, TILT], ["restore"], id="a nerve glide before movement"),
        pytest.param([BRIDGE, CLAM], ["strengthen"], id="strengthening before activation"),
        pytest.param([WALK, STEP_UP], ["integrate"], id="endurance before strengthening"),
        pytest.param([FIGURE_4, ROLL_TFL, BRIDGE, CLAM], ["release", "strengthen"], id="each phase by itself"),
        pytest.param([FIGURE_4, BRIDGE, WALK], [], id="one kind in each phase passes"),
        pytest.param(
            [item(BRIDGE, Phase.RELEASE), ROLL_TFL], [], id="an item of another phase has no place among the kinds"
        ),
    ],
)
def test_the_order_of_kinds_is_advice(items, phases):
    facts = stage(*items)

    assert [verdict.about for verdict in found("kind_order", facts)] == phases
    assert set(levels("kind_order", facts)) <= {"note"}


def test_offers_to_sort_the_phase():
    assert [(fix.action, fix.phase) for fix in offers("kind_order", stage(FIGURE_4, ROLL_TFL))] == [
        ("sort", Phase.RELEASE)
    ]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([TILT, BRIDGE], [], id="two exercises pass"),
        pytest.param([TILT, TILT], [(2, "note")], id="twice is a note at the second"),
        pytest.param([TILT, BRIDGE, TILT, TILT], [(3, "note"), (4, "note")], id="three times is two notes"),
        pytest.param([LEFT_FIGURE_4, RIGHT_FIGURE_4], [(2, "note")], id="one for each leg is a note too"),
    ],
)
def test_the_same_exercise_twice_is_a_note(items, expected):
    assert said("duplicates", stage(*items)) == expected


HAMSTRING = exercise("Hamstring stretch", "release", "static_stretch", releases=["hamstrings"])
BOTH_THIGHS = exercise("Long stretch", "release", "static_stretch", releases=["hamstrings", "iliopsoas"])
ROLL_HAMSTRING = exercise("Hamstring roll", "release", "self_massage", releases=["hamstrings"])


@pytest.mark.parametrize(
    ("what", "marks", "expected"),
    [
        pytest.param(HAMSTRING, {}, [], id="a muscle that nobody marked passes"),
        pytest.param(HAMSTRING, {"tight": ["hamstrings"]}, [], id="a tight muscle passes"),
        pytest.param(HAMSTRING, {"lengthened": frozenset(["hamstrings"])}, ["note"], id="a lengthened muscle"),
        pytest.param(HAMSTRING, {"weak": ["hamstrings"]}, ["note"], id="a weak muscle that isn't tight"),
        pytest.param(HAMSTRING, {"weak": ["hamstrings"], "tight": ["hamstrings"]}, [], id="weak and tight passes"),
        pytest.param(HAMSTRING, {"weak": ["gluteus_maximus"]}, [], id="another weak muscle passes"),
        pytest.param(
            BOTH_THIGHS, {"weak": ["hamstrings"], "tight": ["iliopsoas"]}, [],
            id="a weak muscle in the way of a tight one passes",
        ),
        pytest.param(
            BOTH_THIGHS, {"lengthened": frozenset(["hamstrings"]), "tight": ["iliopsoas"]}, ["note"],
            id="a lengthened muscle in the way of a tight one",
        ),
        pytest.param(ROLL_HAMSTRING, {"lengthened": frozenset(["hamstrings"])}, [], id="massage isn't stretching"),
    ],
)  # fmt: skip
def test_stretching_what_is_long_is_a_note(what, marks, expected):
    assert levels("lengthened", stage(what, **marks)) == expected


def test_offers_to_leave_out_the_second_and_the_stretch():
    twice = offers("duplicates", stage(TILT, TILT, BRIDGE))
    long = offers("lengthened", stage(HAMSTRING, TILT, lengthened=frozenset(["hamstrings"])))

    assert [(fix.action, fix.item) for fix in twice] == [("remove", 2)]
    assert [(fix.action, fix.item) for fix in long] == [("remove", 1)]
