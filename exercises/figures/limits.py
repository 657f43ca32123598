"""The joint angles of a posed body, measured on its bones, and which of them no joint could reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, atan2, degrees

from exercises.figures.geometry import Array, about, about_y, angle_between, clamp, cross, unit, vector
from exercises.figures.skeleton import LIMITS, PAIRED, SHOULDER_REST, SIDES, SIGN

SLACK = 0.5
HORIZONTAL, OVERHEAD = 90.0, 150.0
DOWN = vector((0.0, 0.0, -1.0))


@dataclass(frozen=True, slots=True)
class Beyond:
    """A joint that is drawn farther than it goes; angles in degrees."""

    joint: str
    value: float
    limit: float

    def __str__(self) -> str:
        return f"{self.joint} is {self.value:.0f}°, the limit is {self.limit:.0f}°"


def three_angles(turn: Array, side: str) -> tuple[float, float, float]:
    """Return flexion, abduction and outward rotation of a thigh or an upper arm on its parent."""
    sign = SIGN[side]
    abduction = sign * degrees(asin(clamp(-turn[1, 2], -1, 1)))
    flexion = degrees(atan2(-turn[0, 2], turn[2, 2]))
    rotation = sign * degrees(atan2(turn[1, 0], turn[1, 1]))
    return flexion, abduction, rotation


def shoulder_twist(turn: Array, side: str) -> float:
    """Return how far an upper arm is turned about its own length, with how it is raised taken out.

    Flexion, abduction and rotation, one after the other, say little about an arm held out to the side; the
    twist that is left after the shortest way from hanging to where the arm points doesn't depend on their order.
    Above the horizontal it depends more and more on the way there, so it counts less, and overhead not at all.
    """
    hanging = about_y(SHOULDER_REST)
    now = turn @ DOWN
    rest = hanging @ DOWN
    axis = cross(rest, now)
    swung = hanging if angle_between(rest, now) < 1e-3 else about(unit(axis), angle_between(rest, now)) @ hanging
    twist = swung.T @ turn
    counts = clamp((OVERHEAD - angle_between(rest, now)) / (OVERHEAD - HORIZONTAL), 0.0, 1.0)
    return counts * SIGN[side] * degrees(atan2(twist[1, 0], twist[0, 0]))


def measure(turns: Mapping[str, Array], spine: Mapping[str, float]) -> dict[str, float]:
    """Return every joint angle of a posed body.

    `turns` holds each bone's turn on its parent; `spine` the angles of trunk and neck, which nothing but the
    pose itself moves.
    """
    found = dict(spine)
    for s in SIDES:
        flexion, abduction, rotation = three_angles(turns[f"thigh_{s}"], s)
        found |= {f"hip_flexion_{s}": flexion, f"hip_abduction_{s}": abduction, f"hip_rotation_{s}": rotation}
        knee = turns[f"shank_{s}"]
        found[f"knee_flexion_{s}"] = degrees(atan2(knee[0, 2], knee[2, 2]))
        foot = turns[f"foot_{s}"]
        found[f"ankle_dorsiflexion_{s}"] = degrees(atan2(-foot[0, 2], foot[2, 2]))
        toes = turns[f"toes_{s}"]
        found[f"toe_extension_{s}"] = degrees(atan2(-toes[0, 2], toes[2, 2]))
        found |= _shoulder(turns[f"upper_arm_{s}"], s)
        elbow = turns[f"forearm_{s}"]
        found[f"elbow_flexion_{s}"] = degrees(atan2(-elbow[0, 2], elbow[2, 2]))
        found[f"wrist_flexion_{s}"] = angle_between(turns[f"hand_{s}"] @ DOWN, DOWN)
    return found


def _shoulder(turn: Array, side: str) -> dict[str, float]:
    """How far an arm reaches behind the body and across it, and its twist."""
    ahead, left, _ = turn @ DOWN
    behind = -degrees(asin(clamp(ahead, -1, 1))) if ahead < 0 else 0.0
    over = -SIGN[side] * left
    within = {f"shoulder_flexion_{side}": -behind, f"shoulder_abduction_{side}": -degrees(asin(clamp(over, -1, 1)))}
    return within | {f"shoulder_rotation_{side}": shoulder_twist(turn, side)}


def beyond(angles: Mapping[str, float]) -> list[Beyond]:
    """Return the joints that go farther than they can, by more than half a degree."""
    found = []
    for joint, value in angles.items():
        kind = joint[:-2] if joint[:-2] in PAIRED else joint
        limit = LIMITS[kind]
        if value > limit.high + SLACK:
            found.append(Beyond(joint, value, limit.high))
        elif value < limit.low - SLACK:
            found.append(Beyond(joint, value, limit.low))
    return found
