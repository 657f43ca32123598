"""What may take an exercise's place for this patient, and in which order it is offered."""

from dataclasses import replace

import pytest

from exercises.facts import PrecautionFacts, Rule
from programs.checks.mending import usual_side
from programs.checks.substitutes import substitutes
from tests.programs.stages import driver, exercise, offers, stage

WANTED = exercise("Wanted", "release", "static_stretch", level=2, releases=["tfl", "piriformis"], regression="easier")
EASIER = exercise("Easier", "release", "self_massage", releases=["tfl"], level=1, regression="easiest")
EASIEST = exercise("Easiest", "release", "self_massage", releases=["piriformis"], level=1)
KNEES = PrecautionFacts("cannot_kneel", "Cannot kneel", {"kneeling": Rule("avoid", "No kneeling.")})


def other(name="Other", phase="release", kind="static_stretch", **facts):
    return exercise(name, phase, kind, **{"releases": ["tfl"], "level": 2, **facts})


def names(*offered, of=WANTED, present=(), **about):
    """Return the names of the substitutes of an exercise, the best first."""
    return [row.name for row in substitutes(of, stage(of, *present, offered=offered, **about))]


@pytest.mark.parametrize(
    ("candidate", "about", "offered"),
    [
        pytest.param(other(), {}, True, id="one that shares a muscle"),
        pytest.param(other(releases=["soleus"]), {}, False, id="one that shares no muscle"),
        pytest.param(other(releases=[], nerves=["tfl"]), {}, True, id="one that shares what it works on"),
        pytest.param(other(phase="restore"), {}, False, id="one of a later phase"),
        pytest.param(other(attributes=["kneeling"]), {"precautions": (KNEES,)}, False, id="one a precaution forbids"),
        pytest.param(other(attributes=["kneeling"]), {}, True, id="one no precaution forbids"),
        pytest.param(
            other(attributes=["spinal_flexion_end"]), {"direction": "extension", "slug": "w0_2"}, False,
            id="one against the tested direction in weeks 0–2",
        ),
        pytest.param(
            other(attributes=["spinal_flexion_end"]), {"direction": "extension", "slug": "w4_8"}, True,
            id="the same one in weeks 4–8",
        ),
        pytest.param(
            other(driver_overrides={"disc": Rule("avoid", "No.")}), {"drivers": (driver("disc"),)}, False,
            id="one the driver forbids",
        ),
        pytest.param(
            other(driver_overrides={"ddd": Rule("avoid", "No.")}), {"drivers": (driver("disc"), driver("ddd"))}, False,
            id="one another driver forbids",
        ),
        pytest.param(other(level=3), {"irritability": "high"}, False, id="a late one with high irritability"),
        pytest.param(
            other(equipment=(frozenset(["step"]),)), {"equipment": frozenset()}, False, id="one that needs other things"
        ),
    ],
)  # fmt: skip
def test_a_substitute_suits_the_patient(candidate, about, offered):
    assert names(candidate, **about) == (["Other"] if offered else [])


@pytest.mark.parametrize(
    ("attributes", "offered"), [(["aerobic_load"], ["Other"]), ([], [])], ids=["aerobic too", "not aerobic"]
)
def test_what_raises_the_heart_rate_is_replaced_by_what_does_so_too(attributes, offered):
    walk = exercise("Walk", "integrate", "endurance", attributes=["aerobic_load"])

    assert names(other(phase="integrate", attributes=attributes), of=walk) == offered


def test_something_harder_isnt_offered_as_a_fix():
    knee = exercise("Wanted", "release", releases=["tfl"], attributes=["kneeling"])
    about = {"precautions": (KNEES,), "drivers": ()}

    harder = offers("precautions", stage(exercise("Rest", "calm"), knee, offered=[other(level=2)], **about))
    as_hard = offers("precautions", stage(exercise("Rest", "calm"), knee, offered=[other(level=1)], **about))

    assert [fix.action for fix in harder] == ["remove"]
    assert [fix.action for fix in as_hard] == ["replace", "remove"]


def test_a_retired_exercise_isnt_offered():
    assert names(other(), retired=[other()]) == []


@pytest.mark.parametrize(
    ("out_of_use", "offered"),
    [
        pytest.param(["wanted"], ["Named", "Easier", "Easiest"], id="first once the exercise is out of use"),
        pytest.param([], ["Easier", "Easiest", "Named"], id="in its turn while that is in use"),
        pytest.param(["wanted", "named"], ["Easier", "Easiest"], id="not when it is out of use itself"),
    ],
)
def test_what_an_editor_named_comes_first(out_of_use, offered):
    wanted, named = replace(WANTED, substitute="named"), other("Named")
    found = stage(wanted, offered=[EASIER, EASIEST, named])
    everything = {**found.catalog.exercises, **found.catalog.retired}
    catalog = replace(
        found.catalog,
        exercises={slug: row for slug, row in everything.items() if slug not in out_of_use},
        retired={slug: everything[slug] for slug in out_of_use},
    )

    assert [row.name for row in substitutes(wanted, replace(found, catalog=catalog))] == offered


def test_one_that_is_in_the_stage_already_isnt_offered():
    assert names(EASIER, present=[other()]) == ["Easier"]


def test_its_own_easier_versions_come_first_the_nearest_first():
    primary = other("Best of the rest", primary_for=["disc"], releases=["tfl", "piriformis"])

    assert names(primary, EASIEST, EASIER, drivers=(driver("disc"),)) == ["Easier", "Easiest", "Best of the rest"]


def test_an_unsuitable_easier_version_is_stepped_over():
    kneeling = exercise("Easier", "release", releases=["tfl"], attributes=["kneeling"], regression="easiest")

    assert names(kneeling, EASIEST, precautions=(KNEES,)) == ["Easiest"]


def test_a_loop_of_easier_versions_ends():
    easier = exercise("Easier", "release", releases=["tfl"], regression="wanted")

    assert names(easier) == ["Easier"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param({"primary_for": ["disc"]}, {"secondary_for": ["disc"]}, id="made for the driver"),
        pytest.param({"secondary_for": ["disc"]}, {}, id="suits the driver"),
        pytest.param({}, {"equipment": (frozenset(["reformer"]),)}, id="needs nothing special"),
        pytest.param({}, {"kind": "self_massage"}, id="of the same kind"),
        pytest.param({"releases": ["tfl", "piriformis"]}, {}, id="has more in common"),
        pytest.param({}, {"driver_overrides": {"disc": Rule("caution", "Mind it.")}}, id="not one the driver minds"),
        pytest.param({"level": 1}, {"level": 3}, id="is no harder"),
        pytest.param({}, {"level": 1}, id="about as hard"),
    ],
)
def test_the_best_of_the_rest_comes_first(better, worse):
    rows = [other("A", **worse), other("B", **better)]

    assert names(*rows, drivers=(driver("disc"),)) == ["B", "A"]


BEFORE = other("Before", phase="calm", kind="posture")


def test_the_phase_before_is_asked_only_when_the_own_phase_has_nothing():
    assert names(BEFORE, other()) == ["Other"]
    assert names(BEFORE) == ["Before"]
    assert names(BEFORE, of=exercise("Calm", "calm", "posture", releases=["soleus"])) == []


def test_a_substitute_from_the_phase_before_says_so():
    knee = exercise("Wanted", "restore", releases=["tfl"], attributes=["kneeling"])
    rest = exercise("Rest", "calm", "posture")

    (use, remove) = offers("precautions", stage(rest, knee, offered=[other(level=1)], precautions=(KNEES,)))

    assert use.label == "Use Other instead (Release, the phase before)"
    assert remove.label == "Leave out Wanted"


@pytest.mark.parametrize(
    ("laterality", "affected", "side"),
    [
        pytest.param("bilateral", "left", "", id="the whole body has no side"),
        pytest.param("affected_side", "left", "left", id="left leg hurts"),
        pytest.param("affected_side", "right", "right", id="right leg hurts"),
        pytest.param("affected_side", "both", "each", id="both legs hurt"),
        pytest.param("each_side", "left", "each", id="done on each side whichever leg hurts"),
    ],
)
def test_a_new_item_has_its_usual_side(laterality, affected, side):
    assert usual_side(laterality, affected) == side
