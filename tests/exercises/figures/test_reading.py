"""Bad pose data is told in sentences: exercise, frame, joint, value and limit; all mistakes at once."""

import math

import pytest

from exercises.figures import library
from exercises.figures.figure import Figure
from exercises.figures.poses import BadPose
from exercises.figures.reading import read

BAD = {
    "a joint past its limit": (
        {"start": {"joints": {"knee_flexion_R": 190}}},
        "bridge, start: knee_flexion_R is 190, the limit is 155",
    ),
    "a joint below its limit": (
        {"start": {}, "finish": {"joints": {"hip_flexion": -80}}},
        "bridge, finish: hip_flexion_R is -80, the limit is -30",
    ),
    "a joint that is no number": (
        {"start": {"joints": {"neck_flexion": "lots"}}},
        "bridge, start: neck_flexion is 'lots'; it must be a number",
    ),
    "a number that is none": (
        {"start": {"joints": {"neck_flexion": math.nan}}},
        "bridge, start: neck_flexion is nan; it must be a number",
    ),
    "an unknown joint": ({"start": {"joints": {"tail": 1}}}, "bridge, start: the joint 'tail' isn't known"),
    "an unknown key": ({"start": {"pose": 1}}, "bridge, start: 'pose' isn't known in the frame"),
    "an unknown posture": (
        {"start": {"posture": "floating"}},
        "bridge, start: posture is 'floating'; it must be one of",
    ),
    "an unknown muscle": ({"show": {"release": "wings"}}, "bridge: show release is 'wings'; it must be one of"),
    "an unknown tone": ({"show": {"pull": "tfl"}}, "bridge: 'pull' isn't known in show; known are release"),
    "an unknown place": (
        {"start": {"pins": {"hand_R": {"touch": "moon"}}}},
        "bridge, start: hand_R touch is 'moon'; it must be one of",
    ),
    "an unknown prop": ({"props": ["sofa"]}, "bridge: a prop is 'sofa'; it must be one of"),
    "an unknown view": ({"view": "below"}, "bridge: view is 'below'; it must be one of"),
    "a pin too far away": (
        {"start": {"pins": {"hand_R": {"at": [0, 0, 900]}}}},
        "bridge, start: hand_R at is 900, the limit is 150",
    ),
    "a point with two numbers": (
        {"start": {"pins": {"hand_R": {"at": [0, 0]}}}},
        "bridge, start: hand_R at is [0, 0]; it must be a list of 3 numbers",
    ),
    "two steps of one name": (
        {"steps": [{"name": "up"}, {"name": "up"}]},
        "bridge: a step's name is 'up'; it must be one of its own",
    ),
    "too many frames": (
        {"steps": [{"name": "abcdefghi"[n]} for n in range(9)]},
        "bridge: there are 10 frames, the limit is 6",
    ),
    "no data": (None, "bridge: the pose is None; it must have named values"),
    "a list for a frame": ({"start": [1]}, "bridge, start: the frame is [1]; it must have named values"),
    "a word for a list": ({"props": "mat"}, "bridge: props is 'mat'; it must be a list"),
}


@pytest.mark.parametrize(("data", "sentence"), BAD.values(), ids=BAD)
def test_says_what_is_wrong(data, sentence):
    with pytest.raises(BadPose) as raised:
        read("bridge", data)

    assert any(line.startswith(sentence) for line in str(raised.value).splitlines())


def test_tells_all_mistakes_at_once():
    with pytest.raises(BadPose) as raised:
        read("bridge", {"view": "below", "start": {"lean": "a lot"}, "finish": {"joints": {"knee_flexion": 400}}})

    assert len(str(raised.value).splitlines()) == 4  # both knees


def test_says_which_prop_cannot_be_drawn():
    pose = read("bridge", {"props": [{"strap": {"path": ["moon"]}}]})

    with pytest.raises(BadPose, match="bridge, start: a prop can't be drawn as it is set"):
        Figure(pose)


def test_takes_over_what_a_frame_does_not_change():
    pose = read("bridge", {"start": {"posture": "hook_lying"}, "finish": {"joints": {"neck_flexion": 10}}})
    start, finish = pose.frames

    assert [(pin.limb, *pin.at) for pin in finish.pins] == [(pin.limb, *pin.at) for pin in start.pins]
    assert dict(finish.joints) == {**start.joints, "neck_flexion": 10}


def test_takes_away_what_is_null():
    pose = read("bridge", {"start": {"posture": "hook_lying"}, "finish": {"pins": {"foot_R": None, "hand": None}}})

    assert [pin.limb for pin in pose.frames[1].pins] == ["foot_L"]


@pytest.mark.parametrize("order", [["hand_R", "foot_R", "foot_L"], ["foot_L", "foot_R", "hand_R"]])
def test_places_what_is_touched_first_whatever_the_order(order):
    pins = {
        "hand_R": {"touch": "shin_R"},
        "foot_R": {"touch": "thigh_knee_L"},
        "foot_L": {"floor": [20, 5]},
    }

    pose = read("figure four", {"start": {"pins": {limb: pins[limb] for limb in order}}})

    assert [pin.limb for pin in pose.frames[0].pins] == ["foot_L", "foot_R", "hand_R"]


def test_one_bad_exercise_stops_no_other(tmp_path):
    (tmp_path / "bad.yaml").write_text("name: Bad\npose: {start: {joints: {knee_flexion: 900}}}\n")
    (tmp_path / "broken.yaml").write_text("name: [")
    (tmp_path / "good.yaml").write_text("name: Good\npose: {start: {}}\n")

    bad, broken, good = library.entries(folder=tmp_path)

    assert "bad, start: knee_flexion_R is 900, the limit is 155" in str(bad)
    assert "broken: broken.yaml can't be read" in str(broken)
    assert good.name == "Good"
