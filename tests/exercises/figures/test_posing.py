"""A posed body rests on what it touches, reaches what it holds and bends only as joints do."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.figures import limits, posing
from exercises.figures.body import anatomy
from exercises.figures.figure import Figure
from exercises.figures.places import PLACES
from exercises.figures.postures import POSTURES
from exercises.figures.reading import read
from exercises.figures.skeleton import LIMITS, PAIRED
from tests.exercises.figures.pictures import wrong_with

RUNS = 500 if os.environ.get("RELEASEFIRST_DEEP") else 60


def posed(frame: dict) -> posing.Posed:
    return posing.pose(read("pose", {"start": frame}).frames[0])


@pytest.mark.parametrize("posture", POSTURES)
def test_every_posture_is_possible(posture):
    found = posed({"posture": posture})

    assert limits.beyond(found.angles()) == []
    assert all(miss < 0.5 for miss in found.misses.values())
    parts = [part for part in anatomy().parts if not part.endswith("fist")]
    assert anatomy().lowest(found.body, parts) >= -0.5


@pytest.mark.parametrize(
    ("joint", "value"),
    [
        (f"{name}{side}", value)
        for name, limit in LIMITS.items()
        for side in (("_R", "_L") if name in PAIRED else ("",))
        for value in (limit.low * 0.6, limit.high * 0.6)
        if not name.startswith(("shoulder", "forearm", "wrist"))
    ],
)
def test_measures_the_angle_that_was_asked_for(joint, value):
    frame = {"at": [0, 0, 60], "joints": {joint: value}, "pins": {"foot": None}}

    assert posed(frame).angles()[joint] == pytest.approx(value, abs=0.01)


def test_two_contacts_work_out_the_lean():
    body = posed({"posture": "supine", "lean": 12}).body

    assert anatomy().lowest(body, ["chest"]) == pytest.approx(0, abs=0.02)
    assert anatomy().lowest(body, ["pelvis"]) == pytest.approx(0, abs=0.02)


def test_kneeling_puts_knee_and_instep_on_the_floor():
    body = posed({"posture": "kneeling"}).body

    for part in ("shank_R", "foot_R", "shank_L", "foot_L"):
        assert anatomy().lowest(body, [part]) == pytest.approx(0, abs=0.1)


def test_a_flat_foot_is_level_wherever_the_leg_is():
    body = posed({"pins": {"foot_R": {"floor": [14, -8]}}, "at": [0, 0, 44]}).body

    assert body.start["foot_R"] == pytest.approx([14, -8, 3.95], abs=0.01)
    assert body.turn["foot_R"][2, 2] == pytest.approx(1)


def test_a_hand_lies_on_the_place_it_touches():
    body = posed({"posture": "hook_lying", "pins": {"hand_R": {"touch": "belly"}}}).body

    place = PLACES["belly"]
    palm = PLACES["palm_R"].point(body)
    assert np.linalg.norm(palm - place.point(body)) < 1.5
    assert body.turn["hand_R"][:, 1] @ place.normal(body) == pytest.approx(-1, abs=0.01)


def test_tells_by_how_much_a_hand_misses_what_is_out_of_reach():
    found = posed({"pins": {"hand_R": {"at": [100, 0, 80]}}})

    assert found.misses["hand_R"] > 50


def test_tells_a_joint_that_a_pin_bends_too_far():
    found = posed({"at": [30, 0, 52.7], "pins": {"foot_R": {"floor": [-14, -5]}, "foot_L": {"floor": [-14, 5]}}})

    assert any(str(each).startswith("ankle_dorsiflexion_R is ") for each in limits.beyond(found.angles()))


@st.composite
def legal_frames(draw: st.DrawFn) -> dict:
    """A frame with every joint within its range; arms one way at a time, as their ranges depend on each other."""
    joints = {}
    for name, limit in LIMITS.items():
        if name.startswith("shoulder"):
            continue
        low, high = max(limit.low, -80), min(limit.high, 150)
        for side in ("_R", "_L") if name in PAIRED else ("",):
            joints[f"{name}{side}"] = draw(st.floats(low, high))
    for side in "RL":
        way, high = draw(st.sampled_from([("shoulder_flexion", 170), ("shoulder_abduction", 150)]))
        joints |= {f"shoulder_flexion_{side}": 0, f"shoulder_abduction_{side}": 0}
        joints[f"{way}_{side}"] = draw(st.floats(-40, high))
        joints[f"shoulder_rotation_{side}"] = draw(st.floats(-40, 40))
    return {
        "base": draw(st.sampled_from(["upright", "supine", "prone", "side_right", "side_left"])),
        **{key: draw(st.floats(-90, 90)) for key in ("lean", "roll", "turn", "twist")},
        "joints": joints,
        "rest": [{"parts": draw(st.sampled_from(["pelvis", "torso", "foot_R", "shank_L"])), "height": 0}],
        "at": [draw(st.floats(-40, 40)), 0, None],
        "pins": {"foot": None},
    }


@settings(max_examples=RUNS, deadline=None)
@given(start=legal_frames(), finish=legal_frames(), view=st.tuples(st.floats(-180, 180), st.floats(-20, 85)))
def test_draws_every_legal_pose_and_makes_none_illegal(start, finish, view):
    figure = Figure(read("any", {"start": start, "finish": finish, "view": list(view), "props": ["mat"]}))

    for name, each in figure.posed.items():
        assert limits.beyond(each.angles()) == []
        assert wrong_with(figure.svg(name)) == []
    half = figure.movements["finish"].at(0.5)
    assert all(np.isfinite(start).all() for start in half.start.values())
