"""How much, how hard, how long, with what and on which side."""

from dataclasses import replace

import pytest

from exercises.facts import PrecautionFacts, Rule
from programs.checks import suitability
from programs.checks.facts import Dose
from tests.programs.stages import exercise, found, item, levels, offers, patient, stage

TILT = exercise("Tilt")
HIGH, MODERATE, LOW = "high", "moderate", "low"


def tilts(count):
    return [exercise(f"Tilt {number}") for number in range(count)]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(0, ["stop"], id="none: nothing to hand out"),
        pytest.param(1, ["note"], id="1: short"),
        pytest.param(2, ["note"], id="2: short"),
        pytest.param(3, [], id="3 pass"),
        pytest.param(6, [], id="6 pass"),
        pytest.param(7, ["note"], id="7: more than the aim"),
        pytest.param(8, ["note"], id="8: at the limit"),
        pytest.param(9, ["warn"], id="9: too many"),
        pytest.param(12, ["warn"], id="12: far too many"),
    ],
)
def test_the_number_of_exercises_follows_what_people_keep_up(count, expected):
    assert levels("size", stage(*tilts(count))) == expected


def test_an_empty_stage_takes_no_reason():
    (verdict,) = found("size", stage())

    assert verdict.forbids


@pytest.mark.parametrize(
    ("count", "removes"),
    [
        pytest.param(2, [], id="nothing makes a short program longer"),
        pytest.param(7, [7, 6], id="7: the last one"),
        pytest.param(9, [9, 8], id="9: the last one"),
        pytest.param(10, [], id="10: one less would still be too many"),
    ],
)
def test_offers_to_leave_out_the_last(count, removes):
    rest = exercise("Rest", "calm", "posture")

    assert [fix.item for fix in offers("size", stage(rest, *tilts(count - 1)))] == removes


@pytest.mark.parametrize(
    ("minutes", "times", "expected"),
    [
        pytest.param([10, 10, 10], 1, [], id="30 minutes pass"),
        pytest.param([10, 10, 11], 1, ["note"], id="31 minutes"),
        pytest.param([15, 15, 15], 1, ["note"], id="45 minutes"),
        pytest.param([15, 15, 16], 1, ["warn"], id="46 minutes"),
        pytest.param([15], 2, [], id="15 minutes twice a day pass"),
        pytest.param([16], 2, ["note"], id="16 minutes twice a day"),
        pytest.param([], 1, [], id="nothing takes no time"),
    ],
)
def test_minutes_a_day(minutes, times, expected):
    items = [item(TILT, dose=Dose(reps=None, minutes=number, times_per_day=times)) for number in minutes]

    assert levels("minutes", stage(*items)) == expected


@pytest.mark.parametrize(
    ("dose", "side", "expected"),
    [
        pytest.param(Dose(sets=3, reps=10, hold_s=60), "", [], id="3 × 10 × 60 s is 30 minutes"),
        pytest.param(Dose(sets=3, reps=10, hold_s=62), "", ["note"], id="3 × 10 × 62 s is 31 minutes"),
        pytest.param(Dose(sets=3, reps=10, hold_s=31), "left", [], id="one leg counts once"),
        pytest.param(Dose(sets=3, reps=10, hold_s=31), "each", ["note"], id="each leg counts twice"),
        pytest.param(Dose(sets=3, reps=150), "", [], id="a moving repetition takes 4 seconds"),
        pytest.param(Dose(sets=3, reps=155), "", ["note"], id="155 of them three times are 31 minutes"),
    ],
)
def test_minutes_come_from_the_dose(dose, side, expected):
    assert levels("minutes", stage(item(TILT, dose=dose, side=side))) == expected


@pytest.mark.parametrize("rule", ["size", "minutes"])
def test_offers_to_leave_out_walking_only_when_nothing_else_would_do(rule):
    rest = exercise("Rest", "calm", "posture")
    long = Dose(reps=None, minutes=16)
    walk = item(
        exercise("Walk", "integrate", "endurance", attributes=["aerobic_load"]), dose=Dose(reps=None, minutes=20)
    )
    items = [item(row, dose=long if rule == "minutes" else None) for row in tilts(1 if rule == "minutes" else 5)]

    fixes = offers(rule, stage(rest, *items, walk))

    assert fixes[0].item == len(items) + 1


def test_offers_to_leave_out_what_takes_longest():
    rest = exercise("Rest", "calm", "posture")
    items = [item(TILT, dose=Dose(reps=None, minutes=number)) for number in (5, 20, 10)]

    assert [fix.item for fix in offers("minutes", stage(rest, *items))] == [3, 4]


@pytest.mark.parametrize(
    ("level", "irritability", "expected"),
    [
        pytest.param(1, HIGH, [], id="an early exercise passes with high irritability"),
        pytest.param(2, HIGH, ["note"], id="a settling one is a note with high irritability"),
        pytest.param(3, HIGH, ["warn"], id="a late one warns with high irritability"),
        pytest.param(2, MODERATE, [], id="a settling one passes with moderate irritability"),
        pytest.param(3, MODERATE, [], id="a late one passes with moderate irritability"),
        pytest.param(3, LOW, [], id="a late one passes with low irritability"),
    ],
)
def test_hard_exercises_and_irritability(level, irritability, expected):
    assert levels("irritability", stage(exercise(level=level), irritability=irritability)) == expected


def test_offers_something_easier():
    easy, hard = exercise("Easy", releases=["tfl"]), exercise("Hard", releases=["tfl"], level=3)
    facts = stage(exercise("Rest", "calm", "posture"), hard, offered=[easy], irritability=HIGH)

    assert [(fix.action, fix.exercise) for fix in offers("irritability", facts)] == [
        ("replace", "easy"),
        ("remove", ""),
    ]


RANGED = Dose(sets=2, reps=8, reps_max=12, hold_s=5, hold_s_max=10)
SINGLE = Dose(sets=2, reps=10, times_per_day=2)
MINUTES = Dose(reps=None, minutes=5, minutes_max=10)


@pytest.mark.parametrize(
    ("usual", "given", "expected"),
    [
        pytest.param(RANGED, {}, [], id="the usual dose passes"),
        pytest.param(RANGED, {"reps": 8}, [], id="the lower end of the range passes"),
        pytest.param(RANGED, {"reps": 12}, [], id="the upper end of the range passes"),
        pytest.param(RANGED, {"reps": 7}, ["warn"], id="below the range"),
        pytest.param(RANGED, {"reps": 13}, ["warn"], id="above the range"),
        pytest.param(RANGED, {"hold_s": 4}, ["warn"], id="a shorter hold than usual"),
        pytest.param(RANGED, {"hold_s": 11}, ["warn"], id="a longer hold than usual"),
        pytest.param(RANGED, {"hold_s": None}, [], id="no hold set"),
        pytest.param(RANGED, {"reps": 13, "hold_s": 11}, ["warn"], id="two values outside are one verdict"),
        pytest.param(MINUTES, {"minutes": 10}, [], id="the most minutes pass"),
        pytest.param(MINUTES, {"minutes": 11}, ["warn"], id="more minutes than usual"),
        pytest.param(SINGLE, {"reps": 20}, [], id="exactly double of a single value passes"),
        pytest.param(SINGLE, {"reps": 21}, ["warn"], id="more than double of a single value"),
        pytest.param(SINGLE, {"reps": 1}, [], id="far below a single value passes"),
        pytest.param(SINGLE, {"sets": 4}, [], id="exactly double the sets passes"),
        pytest.param(SINGLE, {"sets": 5}, ["warn"], id="more than double the sets"),
        pytest.param(SINGLE, {"times_per_day": 4}, [], id="exactly double the times a day passes"),
        pytest.param(SINGLE, {"times_per_day": 5}, ["warn"], id="more than double the times a day"),
        pytest.param(SINGLE, {"hold_s": 90}, [], id="a value the catalog doesn't give is nobody's mistake"),
    ],
)
def test_doses_stay_near_the_catalogs(usual, given, expected):
    ranged = {"reps_max": None, "hold_s_max": None, "minutes_max": None}
    dose = replace(usual, **ranged, **given)

    assert levels("dose_range", stage(item(exercise(dose=usual), dose=dose))) == expected


def test_says_what_is_outside_and_offers_the_usual_dose():
    rest = exercise("Rest", "calm", "posture")
    facts = stage(rest, item(exercise(dose=RANGED), dose=Dose(sets=5, reps=13, hold_s=5)))

    (verdict,) = found("dose_range", facts)

    assert verdict.sentence == "It asks for 13 repetitions, and 8 to 12 is usual; 5 sets, more than double the usual 2."
    assert [(fix.action, fix.item) for fix in offers("dose_range", facts)] == [("dose", 2)]


@pytest.mark.parametrize(
    ("laterality", "side", "expected"),
    [
        pytest.param("affected_side", "", ["warn"], id="for the affected side, and none is set"),
        pytest.param("affected_side", "left", [], id="the left side is set"),
        pytest.param("affected_side", "right", [], id="the right side is set"),
        pytest.param("affected_side", "each", [], id="each side is set"),
        pytest.param("each_side", "", [], id="an exercise for each side names none"),
        pytest.param("bilateral", "", [], id="the whole body has no side"),
    ],
)
def test_an_exercise_for_one_side_names_it(laterality, side, expected):
    assert levels("side", stage(item(exercise(laterality=laterality), side=side))) == expected


@pytest.mark.parametrize(
    ("affected", "side"), [("left", "left"), ("right", "right"), ("both", "each"), ("none", "each"), ("", "each")]
)
def test_offers_the_affected_side_and_each_when_both_legs_hurt(affected, side):
    rest = exercise("Rest", "calm", "posture")
    facts = stage(rest, exercise(laterality="affected_side"), affected_side=affected)

    assert [(fix.action, fix.side) for fix in offers("side", facts)] == [("side", side)]


MAT_OR_BED = exercise(equipment=(frozenset(["mat", "bed"]),))
BALL_AND_MAT = exercise(equipment=(frozenset(["ball", "roller"]), frozenset(["mat"])))


@pytest.mark.parametrize(
    ("what", "things", "expected"),
    [
        pytest.param(exercise(), [], [], id="nothing is needed"),
        pytest.param(MAT_OR_BED, ["mat"], [], id="one of a group is enough"),
        pytest.param(MAT_OR_BED, ["bed"], [], id="the other of the group too"),
        pytest.param(MAT_OR_BED, ["chair"], ["warn"], id="none of the group"),
        pytest.param(BALL_AND_MAT, ["roller", "mat"], [], id="one of each group is enough"),
        pytest.param(BALL_AND_MAT, ["ball", "roller"], ["warn"], id="all of one group isn't enough"),
        pytest.param(BALL_AND_MAT, [], ["warn"], id="two groups missing are one verdict"),
        pytest.param(BALL_AND_MAT, None, [], id="nobody asked what is there"),
    ],
)
def test_things_are_at_hand(what, things, expected):
    assert levels("equipment", stage(what, equipment=None if things is None else frozenset(things))) == expected


def test_names_each_missing_group_and_offers_what_needs_nothing():
    what = exercise("Roll", releases=["tfl"], equipment=BALL_AND_MAT.equipment)
    rest, free = exercise("Rest", "calm", "posture"), exercise("Stand", releases=["tfl"])
    names = {"ball": "Ball", "roller": "Foam roller"}
    facts = stage(rest, what, offered=[free], equipment=frozenset(), names=names)

    (verdict,) = found("equipment", facts)

    assert verdict.sentence == "Not at hand: ball or foam roller; mat."
    assert [(fix.action, fix.exercise) for fix in offers("equipment", facts)] == [("replace", "stand"), ("remove", "")]


@pytest.mark.parametrize(
    ("facts", "fits"),
    [
        pytest.param({}, True, id="nothing against it"),
        pytest.param({"irritability": HIGH}, False, id="too hard yet"),
        pytest.param({"equipment": frozenset()}, False, id="nothing to do it with"),
    ],
)
def test_what_warns_doesnt_fit(facts, fits):
    what = exercise(level=3, equipment=(frozenset(["step"]),))

    assert suitability.fits(what, stage(**facts)) is fits


def test_a_bed_replaces_the_mat_of_a_bed_version():
    floor = PrecautionFacts("floor", "Floor", {"floor": Rule("avoid", "Out of reach.")})
    what = exercise(bed_ok=True, attributes=["floor"], equipment=(frozenset(["mat"]), frozenset(["strap"])))

    with_bed = patient(precautions=(floor,), equipment=frozenset(["bed", "strap"]))
    without_strap = patient(precautions=(floor,), equipment=frozenset(["bed"]))

    assert suitability.missing_equipment(what, with_bed) == []
    assert suitability.missing_equipment(what, without_strap) == [frozenset(["strap"])]
