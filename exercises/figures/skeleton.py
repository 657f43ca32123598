"""The bones: how long they are, how they hang together, how far each joint goes.

Lengths are in hundredths of the standing height (Drillis and Contini 1964, Winter 2009, where they give it).
Each bone has its own axes: x to the front, y to the person's left, z to the head. In the world x runs to the
right of the page, y away from the viewer and z up; the floor is z = 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from exercises.figures.geometry import (
    Array,
    about_x,
    about_y,
    about_z,
    between,
    vector,
)

SIDES: tuple[str, ...] = ("R", "L")
SIGN = {"R": -1.0, "L": 1.0}

THIGH, SHANK, UPPER_ARM, FOREARM = 24.5, 24.6, 18.6, 14.6
HIP_HALF, SHOULDER_HALF = 5.2, 10.3
TOES = (6.4, 0.0, -2.9)

SPINE = ("lumbar1", "lumbar2", "lumbar3", "chest1", "chest2", "chest3", "chest4", "neck1", "neck2", "head")
# From the start of the bone below to the start of this one, in the axes of the bone below.
SPINE_STEP = {
    "lumbar1": (-1.0, 0.0, 4.2),
    "lumbar2": (0.0, 0.0, 3.67),
    "lumbar3": (0.0, 0.0, 3.67),
    "chest1": (0.0, 0.0, 3.67),
    "chest2": (0.0, 0.0, 3.875),
    "chest3": (0.0, 0.0, 3.875),
    "chest4": (0.0, 0.0, 3.875),
    "neck1": (0.0, 0.0, 3.875),
    "neck2": (0.0, 0.0, 3.3),
    "head": (0.6, 0.0, 3.9),
}
# How a bone leans forward on the one below when one stands at ease.
SPINE_REST = {
    "lumbar1": 6.0,
    "lumbar2": -7.0,
    "lumbar3": -7.0,
    "chest1": 2.0,
    "chest2": 5.0,
    "chest3": 5.0,
    "chest4": 4.0,
    "neck1": 6.0,
    "neck2": 2.0,
    "head": -16.0,
}
SHOULDER_REST = 9.0

PARENT = {
    "lumbar1": "pelvis",
    **{above: below for below, above in pairwise(SPINE)},
    **{
        f"{bone}_{side}": f"{parent}_{side}" if parent not in {"pelvis", "chest4"} else parent
        for side in SIDES
        for bone, parent in (
            ("thigh", "pelvis"),
            ("shank", "thigh"),
            ("foot", "shank"),
            ("toes", "foot"),
            ("upper_arm", "chest4"),
            ("forearm", "upper_arm"),
            ("hand", "forearm"),
        )
    },
}
BONES = ("pelvis", *PARENT)


@dataclass(frozen=True, slots=True)
class Range:
    """How far a joint goes, in degrees (shoulder protraction and elevation: in lengths)."""

    low: float
    high: float


# Ranges a drawing may use. They are wider than most patients move and no clinical norm.
LIMITS = {
    "hip_flexion": Range(-30, 135),
    "hip_abduction": Range(-35, 60),
    "hip_rotation": Range(-50, 75),
    "knee_flexion": Range(0, 155),
    "ankle_dorsiflexion": Range(-55, 35),
    "toe_extension": Range(-20, 75),
    "shoulder_flexion": Range(-65, 185),
    "shoulder_abduction": Range(-50, 180),
    "shoulder_rotation": Range(-95, 95),
    "shoulder_protraction": Range(-3, 4),
    "shoulder_elevation": Range(-2, 4),
    "elbow_flexion": Range(0, 152),
    "forearm_pronation": Range(-95, 95),
    "wrist_flexion": Range(-85, 85),
    "lumbar_flexion": Range(-35, 60),
    "lumbar_side": Range(-25, 25),
    "lumbar_rotation": Range(-15, 15),
    "thoracic_flexion": Range(-25, 45),
    "thoracic_side": Range(-25, 25),
    "thoracic_rotation": Range(-40, 40),
    "neck_flexion": Range(-60, 55),
    "neck_side": Range(-45, 45),
    "neck_rotation": Range(-80, 80),
}
PAIRED = tuple(name for name in LIMITS if not name.startswith(("lumbar", "thoracic", "neck")))
JOINTS = tuple(
    joint for name in LIMITS for joint in ([f"{name}_{side}" for side in SIDES] if name in PAIRED else [name])
)


@dataclass(slots=True)
class Body:
    """A posed skeleton: where each bone starts and how it is turned, in the world."""

    start: dict[str, Array]
    turn: dict[str, Array]

    def point(self, bone: str, offset: Array) -> Array:
        """Return where a point, given in the axes of a bone, is in the world."""
        return self.start[bone] + self.turn[bone] @ offset

    def move(self, by: Array) -> None:
        """Shift the whole body."""
        for bone in self.start:
            self.start[bone] = self.start[bone] + by


def joint_turns(joints: Mapping[str, float]) -> dict[str, Array]:
    """Return how each bone is turned on its parent, for joint angles by name; those not named are 0."""
    angle = joints.get
    turns: dict[str, Array] = {}
    for part, bones in (("lumbar", SPINE[:3]), ("thoracic", SPINE[3:7])):
        flexion, side, rotation = (angle(f"{part}_{way}", 0.0) / len(bones) for way in ("flexion", "side", "rotation"))
        for bone in bones:
            turns[bone] = about_z(rotation) @ about_x(side) @ about_y(SPINE_REST[bone] + flexion)
    flexion, side, rotation = (angle(f"neck_{way}", 0.0) for way in ("flexion", "side", "rotation"))
    for bone, share in (("neck1", 0.25), ("neck2", 0.25), ("head", 0.5)):
        turns[bone] = about_z(rotation * share) @ about_x(side * share) @ about_y(SPINE_REST[bone] + flexion * share)
    for s in SIDES:
        sign = SIGN[s]
        turns[f"thigh_{s}"] = (
            about_y(-angle(f"hip_flexion_{s}", 0.0))
            @ about_x(sign * angle(f"hip_abduction_{s}", 0.0))
            @ about_z(sign * angle(f"hip_rotation_{s}", 0.0))
        )
        turns[f"shank_{s}"] = about_y(angle(f"knee_flexion_{s}", 0.0))
        turns[f"foot_{s}"] = about_y(-angle(f"ankle_dorsiflexion_{s}", 0.0)) @ about_z(sign * 6)
        turns[f"toes_{s}"] = about_y(-angle(f"toe_extension_{s}", 0.0))
        turns[f"upper_arm_{s}"] = (
            about_y(SHOULDER_REST - angle(f"shoulder_flexion_{s}", 0.0))
            @ about_x(sign * angle(f"shoulder_abduction_{s}", 0.0))
            @ about_z(sign * angle(f"shoulder_rotation_{s}", 0.0))
        )
        turns[f"forearm_{s}"] = about_y(-angle(f"elbow_flexion_{s}", 0.0))
        turns[f"hand_{s}"] = about_z(-sign * angle(f"forearm_pronation_{s}", 0.0)) @ about_y(
            -angle(f"wrist_flexion_{s}", 0.0)
        )
    return turns


def bone_starts(joints: Mapping[str, float]) -> dict[str, Array]:
    """Return where each bone starts in its parent's axes; a raised arm lifts its shoulder a little."""
    starts = {bone: vector(SPINE_STEP[bone]) for bone in SPINE}
    for s in SIDES:
        sign = SIGN[s]
        raised = max(joints.get(f"shoulder_flexion_{s}", 0.0), joints.get(f"shoulder_abduction_{s}", 0.0))
        lift = joints.get(f"shoulder_elevation_{s}", 0.0) + 2.2 * max(0.0, min(raised, 180.0) - 60.0) / 120.0
        forward = joints.get(f"shoulder_protraction_{s}", 0.0)
        starts[f"thigh_{s}"] = vector((0.0, sign * HIP_HALF, 0.0))
        starts[f"shank_{s}"] = vector((0.0, 0.0, -THIGH))
        starts[f"foot_{s}"] = vector((0.0, 0.0, -SHANK))
        starts[f"toes_{s}"] = vector(TOES)
        starts[f"upper_arm_{s}"] = vector((0.2 + forward, sign * SHOULDER_HALF, 1.6 + lift))
        starts[f"forearm_{s}"] = vector((0.0, 0.0, -UPPER_ARM))
        starts[f"hand_{s}"] = vector((0.0, 0.0, -FOREARM))
    return starts


def build(origin: Array, root: Array, turns: Mapping[str, Array], starts: Mapping[str, Array]) -> Body:
    """Return the body with its pelvis at `origin` turned by `root`, and each bone on its parent."""
    body = Body({"pelvis": origin}, {"pelvis": root})
    for bone, parent in PARENT.items():
        body.start[bone] = body.start[parent] + body.turn[parent] @ starts[bone]
        body.turn[bone] = body.turn[parent] @ turns[bone]
    return body


def own_turns(body: Body) -> dict[str, Array]:
    """Return how each bone of a posed body is turned on its parent."""
    return {bone: body.turn[parent].T @ body.turn[bone] for bone, parent in PARENT.items()}


def blend(start: Mapping[str, Array], finish: Mapping[str, Array], share: float) -> dict[str, Array]:
    """Return the values that lie this share of the way between two sets of turns or of points."""
    return {
        name: between(start[name], finish[name], share)
        if np.ndim(start[name]) == 2
        else start[name] + share * (finish[name] - start[name])
        for name in start
    }
