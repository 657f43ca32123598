"""Turns an authored frame into a posed body: rests it on what it touches, reaches with hands and feet."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, degrees

from exercises.figures import limits, reach
from exercises.figures.body import Anatomy, anatomy
from exercises.figures.geometry import Array, about_x, about_y, about_z, length, vector
from exercises.figures.places import PLACES
from exercises.figures.poses import Frame
from exercises.figures.skeleton import (
    Body,
    bone_starts,
    build,
    joint_turns,
    own_turns,
)

BASES: dict[str, Array] = {
    "upright": about_z(0),
    "supine": about_y(-90),
    "prone": about_y(90),
    "side_right": vector((0, 0, -1, -1, 0, 0, 0, 1, 0)).reshape(3, 3),
    "side_left": vector((0, 0, -1, 1, 0, 0, 0, -1, 0)).reshape(3, 3),
}
NOWHERE = vector((0.0, 0.0, 0.0))
STEEPEST = 40.0
# The joint that brings the head to what it lies on, its angle with the head high, and with it low.
FACE_UP, FACE_DOWN = ("neck_flexion", 54.0, -50.0), ("neck_flexion", -55.0, 50.0)
ON_THE_SIDE = {"side_right": ("neck_side", -40.0, 40.0), "side_left": ("neck_side", 40.0, -40.0)}


@dataclass(slots=True)
class Posed:
    """A body in place, and what was found while placing it."""

    frame: Frame
    body: Body
    misses: dict[str, float]
    spine: Mapping[str, float]

    def angles(self) -> dict[str, float]:
        """Return every joint angle as drawn, hands and feet being where they are pinned."""
        return limits.measure(own_turns(self.body), self.spine)


def root_turn(frame: Frame, lean: float) -> Array:
    """Return how the pelvis is turned; a positive lean turns counter-clockwise on the page."""
    return about_z(frame.turn) @ about_y(-lean) @ BASES[frame.base] @ about_x(frame.roll) @ about_z(frame.twist)


def pose(frame: Frame, build_name: str = "slim") -> Posed:
    """Return the body as the frame says."""
    flesh = anatomy(build_name)
    joints = dict(frame.joints)
    lean = frame.lean
    if frame.kneel:
        _kneel(frame, joints, flesh)
    body = _built(frame, joints, lean)
    if len(frame.rests) > 1:
        lean += _level(frame, body, flesh)
        body = _built(frame, joints, lean)
    _set_down(frame, body, flesh)
    _flatten(frame, body)
    short = reach.apply(body, frame.pins, frame.grips)
    if frame.head is not None:
        short |= _rest_head(frame, frame.head, joints, body, flesh)
    misses = {limb: length(gap) for limb, gap in short.items()}
    return Posed(frame, body, misses, {name: value for name, value in joints.items() if name[-2:] not in {"_R", "_L"}})


def _built(frame: Frame, joints: Mapping[str, float], lean: float) -> Body:
    return build(NOWHERE, root_turn(frame, lean), joint_turns(joints), bone_starts(joints))


def _kneel(frame: Frame, joints: dict[str, float], flesh: Anatomy) -> None:
    """Bend the knees so that knee and foot of a kneeling leg touch the floor together."""
    for side in frame.kneel:
        knee = f"knee_flexion_{side}"
        body = _built(frame, joints, frame.lean)
        thigh = body.turn[f"thigh_{side}"]
        guess = degrees(atan2(thigh[2, 2], -thigh[2, 0]))
        low, high = guess - 30, guess + 25
        for _ in range(9):
            joints[knee] = (low + high) / 2
            body = _built(frame, joints, frame.lean)
            above = flesh.lowest(body, [f"foot_{side}"]) - flesh.lowest(body, [f"shank_{side}"])
            low, high = (joints[knee], high) if above < 0 else (low, joints[knee])


def _level(frame: Frame, body: Body, flesh: Anatomy) -> float:
    """Return by how much more the body leans when both rests touch."""
    first, second = frame.rests[0], frame.rests[1]

    def gap(lean: float) -> float:
        turn = about_y(-lean)
        turned = Body({b: turn @ at for b, at in body.start.items()}, {b: turn @ r for b, r in body.turn.items()})
        return (flesh.lowest(turned, first.parts) - first.height) - (flesh.lowest(turned, second.parts) - second.height)

    lean, value = 0.0, gap(0.0)
    step = 4.0
    for _ in range(12):
        if abs(value) < 0.004:
            break
        other = gap(lean + step)
        slope = (other - value) / step
        if abs(slope) < 1e-6:
            break
        move = max(-15.0, min(15.0, -value / slope))
        lean = max(-STEEPEST, min(STEEPEST, lean + move))
        value = gap(lean)
        step = max(0.05, min(4.0, abs(move) / 4))
    return lean


def _set_down(frame: Frame, body: Body, flesh: Anatomy) -> None:
    x, y, z = frame.at
    if z is None:
        z = frame.rests[0].height - flesh.lowest(body, frame.rests[0].parts) if frame.rests else 0.0
    if frame.anchor is not None:
        place, where = frame.anchor
        x = where - float(PLACES[place].point(body)[0])
    body.move(vector((x or 0.0, y or 0.0, z)))


def _flatten(frame: Frame, body: Body) -> None:
    """Turn the ankle of a standing leg that isn't pinned so that its sole is level."""
    for side in frame.flat:
        foot = body.turn[f"foot_{side}"]
        tilt = degrees(atan2(foot[2, 0], (foot[0, 0] ** 2 + foot[1, 0] ** 2) ** 0.5))
        body.turn[f"foot_{side}"] = foot @ about_y(tilt)
        body.turn[f"toes_{side}"] = body.turn[f"foot_{side}"]


def _rest_head(frame: Frame, height: float, joints: dict[str, float], body: Body, flesh: Anatomy) -> dict[str, Array]:
    """Bend the neck so that the head touches what it lies on, then put back the hands that hold it, as `reach` does."""
    ahead = body.turn["chest4"][:, 0]
    joint, high, low = ON_THE_SIDE.get(frame.base, FACE_UP if ahead[2] > 0 else FACE_DOWN)
    for _ in range(9):
        joints[joint] = (high + low) / 2
        _bend_neck(joints, body)
        if flesh.lowest(body, ["head"]) > height:
            high = joints[joint]
        else:
            low = joints[joint]
    holding = tuple(pin for pin in frame.pins if "head" in pin.on or "temple" in pin.on or "neck" in pin.on)
    return reach.apply(body, holding, frame.grips)


def _bend_neck(joints: Mapping[str, float], body: Body) -> None:
    turns, starts = joint_turns(joints), bone_starts(joints)
    below = "chest4"
    for bone in ("neck1", "neck2", "head"):
        body.start[bone] = body.start[below] + body.turn[below] @ starts[bone]
        body.turn[bone] = body.turn[below] @ turns[bone]
        below = bone
