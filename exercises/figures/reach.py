"""Two-bone reach: bends hip and knee, or shoulder and elbow, so that the ankle or wrist is where it should be."""

from collections.abc import Mapping
from math import acos, degrees

from exercises.figures.geometry import (
    UP,
    Array,
    about,
    about_y,
    across,
    clamp,
    columns,
    cross,
    facing,
    length,
    unit,
    vector,
)
from exercises.figures.limits import shoulder_twist, three_angles
from exercises.figures.places import PLACES
from exercises.figures.poses import Pin
from exercises.figures.skeleton import FOREARM, LIMITS, SHANK, SIGN, THIGH, TOES, UPPER_ARM, Body, Range

# Knee and elbow point where they are told, or as near to it as the joints above allow.
SWIVELS = (12, -12, 24, -24, 36, -36, 50, -50, 65, -65, 80, -80, 100, -100, 125, -125, 150, -150, 180)
PER_DEGREE = 0.2
PALM = {"open": 1.15, "fist": 2.9}
HAND_MIDDLE = 4.2
ANKLE_HEIGHT = 3.95


def apply(body: Body, pins: tuple[Pin, ...], grips: Mapping[str, str]) -> dict[str, Array]:
    """Put hands and feet where they are pinned, in the order given; return the way each is short of its place."""
    return {
        pin.limb: (_foot if pin.limb.startswith("foot") else _hand)(body, pin, grips.get(pin.limb[-1], "open"))
        for pin in pins
    }


def _foot(body: Body, pin: Pin, _grip: str) -> Array:
    side = pin.limb[-1]
    thigh, shank, foot, toes = (f"{bone}_{side}" for bone in ("thigh", "shank", "foot", "toes"))
    keep = body.turn[shank].T @ body.turn[foot]
    keep_toes = body.turn[foot].T @ body.turn[toes]
    target = _target(body, pin)
    if pin.floor:
        target = target + vector((0.0, 0.0, ANKLE_HEIGHT))
    if pin.straight:
        hip = body.start[thigh]
        target = hip + (THIGH + SHANK - 0.03) * unit(target - hip)
    bend = pin.bend if pin.bend is not None else body.turn["pelvis"] @ vector((1.0, SIGN[side] * 0.12, 0.0))
    spot = aim = target
    for _ in range(3 if pin.heel else 1):  # a raised heel lifts the ankle over the ball of the foot
        aim = target
        _two_bones(body, (thigh, shank, foot), (THIGH, SHANK), target, bend, side)
        body.turn[foot] = body.turn[shank] @ keep
        if pin.flat:
            level = _level_foot(body, pin, bend)
            body.turn[foot] = level @ about_y(pin.heel)
            target = spot + (level - body.turn[foot]) @ vector(TOES)
            keep_toes = about_y(-pin.heel) if pin.heel else keep_toes
    body.turn[toes] = body.turn[foot] @ keep_toes
    body.start[toes] = body.point(foot, vector(TOES))
    return aim - body.start[foot]


def _level_foot(body: Body, pin: Pin, bend: Array) -> Array:
    """How a foot is turned whose sole lies level under its shin."""
    ahead = across(body.turn[f"shank_{pin.limb[-1]}"][:, 0], UP)
    if length(ahead) < 0.35:  # the shin lies: the knee says where ahead is
        ahead = across(bend, UP)
    return facing(about(UP, SIGN[pin.limb[-1]] * pin.toes_out) @ unit(ahead), UP)


def _hand(body: Body, pin: Pin, grip: str) -> Array:
    side = pin.limb[-1]
    upper, fore, hand = (f"{bone}_{side}" for bone in ("upper_arm", "forearm", "hand"))
    sign = SIGN[side]
    place = _target(body, pin)
    chest = body.turn["chest4"]
    bend = pin.bend if pin.bend is not None else chest @ vector((-0.7, sign * 0.75, -0.45))
    keep = body.turn[fore].T @ body.turn[hand]
    palm = _palm(body, pin)
    wrist = place
    for step in range(3):
        if palm is not None or pin.fingers is not None:
            fingers, looks = _hand_ways(body, pin, palm, body.turn[fore], step)
            body.turn[hand] = _hand_turn(fingers, looks, sign)
            middle = vector((0.0, -sign * PALM[grip], -HAND_MIDDLE))
            wrist = place - body.turn[hand] @ middle
        _two_bones(body, (upper, fore, hand), (UPPER_ARM, FOREARM), wrist, bend, side)
        if palm is None and pin.fingers is None:
            body.turn[hand] = body.turn[fore] @ keep
            break
    return wrist - body.start[hand]


def _target(body: Body, pin: Pin) -> Array:
    if pin.on:
        return PLACES[pin.on].point(body) + pin.at
    return pin.at


def _palm(body: Body, pin: Pin) -> Array | None:
    """Which way the palm looks: down on the floor, into the body on a place of it, else as the pin says."""
    if pin.palm is not None:
        return pin.palm
    if pin.floor:
        return -UP
    if pin.on:
        return -PLACES[pin.on].normal(body)
    return None


def _hand_ways(body: Body, pin: Pin, palm: Array | None, fore: Array, step: int) -> tuple[Array, Array]:
    along = -fore[:, 2]
    if step == 0 and pin.fingers is None:
        shoulder = body.start[f"upper_arm_{pin.limb[-1]}"]
        along = unit(_target(body, pin) - shoulder)
    fingers = pin.fingers if pin.fingers is not None else along
    if palm is None:
        return fingers, unit(across(fore[:, 1] * -SIGN[pin.limb[-1]], fingers))
    fingers = across(fingers, palm)
    if length(fingers) < 0.2:
        fingers = across(body.turn["chest4"][:, 2], palm)
    return unit(fingers), palm


def _hand_turn(fingers: Array, palm: Array, sign: float) -> Array:
    z = -unit(fingers)
    y = unit(across(-sign * palm, z))
    return columns(cross(y, z), y, z)


def _two_bones(
    body: Body, bones: tuple[str, str, str], lengths: tuple[float, float], target: Array, bend: Array, side: str
) -> None:
    """Turn the two upper bones so that the third starts at the target, or as near as it can be."""
    upper, lower, end = bones
    first, second = lengths
    is_leg = upper.startswith("thigh")
    parent = body.turn["pelvis" if is_leg else "chest4"]
    root = body.start[upper]
    away = target - root
    distance = clamp(length(away), abs(first - second) + 3.0, first + second - 0.02)
    line = unit(away, -UP)
    opening = degrees(acos(clamp((first**2 + distance**2 - second**2) / (2 * first * distance), -1, 1)))
    bent = 180 - degrees(acos(clamp((first**2 + second**2 - distance**2) / (2 * first * second), -1, 1)))
    pole = unit(across(bend, line), unit(across(parent @ vector((0.6, 0.1, 0.8)), line)))

    def turned(swivel: float) -> Array:
        toward = about(line, swivel) @ pole
        bone = about(unit(cross(line, toward)), opening) @ line
        # a knee folds to its own back, an elbow to its own front
        return facing(across(toward if is_leg else -toward, bone), -bone)

    def cost(turn: Array) -> float:
        """How far the joint is strained, and how deep knee or elbow would be in the floor."""
        sunk = thick - float((root - first * turn[:, 2])[2]) if on_floor else 0.0
        return _strain(parent.T @ turn, side, is_leg=is_leg) + 12 * max(0.0, sunk)

    thick = 3.3 if is_leg else 2.3
    on_floor = bool(target[2] > -2 and root[2] > thick)
    best, least = turned(0.0), cost(turned(0.0))
    for swivel in SWIVELS:
        if abs(swivel) * PER_DEGREE > least:
            break
        turn = turned(swivel)
        if (total := cost(turn) + abs(swivel) * PER_DEGREE) < least:
            best, least = turn, total
    body.turn[upper] = best
    body.start[lower] = root + best @ vector((0.0, 0.0, -first))
    body.turn[lower] = best @ about_y(bent if is_leg else -bent)
    body.start[end] = body.start[lower] + body.turn[lower] @ vector((0.0, 0.0, -second))


def _strain(turn: Array, side: str, *, is_leg: bool) -> float:
    """How far a thigh or an upper arm is turned past its joint's range, in degrees."""
    if is_leg:
        flexion, abduction, rotation = three_angles(turn, side)
        return 3 * (
            _past(flexion, LIMITS["hip_flexion"])
            + _past(abduction, LIMITS["hip_abduction"])
            + _past(rotation, LIMITS["hip_rotation"])
        )
    down = turn @ -UP
    behind = _past(degrees(acos(clamp(down[0], -1, 1))), Range(0, 150))
    return _past(shoulder_twist(turn, side), LIMITS["shoulder_rotation"]) + behind


def _past(value: float, limit: Range) -> float:
    return max(0.0, value - limit.high + 2, limit.low - value + 2)
