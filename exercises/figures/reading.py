"""Reads pose data: plain dictionaries in, a checked `Pose` out, mistakes in sentences.

Every mistake names exercise, frame, joint or key, value and limit, and all of them are told at once.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from exercises.figures.geometry import vector
from exercises.figures.muscles import MUSCLES
from exercises.figures.palette import TONES
from exercises.figures.places import PLACES
from exercises.figures.poses import Arrow, BadPose, Frame, Highlight, Pin, Pose, Rest
from exercises.figures.postures import POSTURES
from exercises.figures.props import KINDS
from exercises.figures.reader import Reader
from exercises.figures.skeleton import JOINTS, LIMITS, PAIRED, SIDES

BASES = ("upright", "supine", "prone", "side_right", "side_left")
LIMBS = tuple(f"{limb}_{side}" for limb in ("foot", "hand") for side in SIDES)
PARTS = (
    "pelvis",
    "torso",
    "chest",
    "head",
    *(f"{part}_{side}" for part in ("thigh", "shank", "foot", "upper_arm", "forearm") for side in SIDES),
)
VIEWS: dict[str, tuple[float, float]] = {
    "side": (0, 0),
    "side_above": (-12, 24),
    "feet": (-50, 22),
    "head_end": (38, 24),
    "three_quarter": (42, 8),
    "three_quarter_back": (-48, 8),
    "front": (90, 6),
    "back": (-90, 6),
    "top": (0, 78),
}
MOST_FRAMES = 6
STEP_NAME = re.compile(r"[a-z][a-z-]{0,19}")
POSE_KEYS = ("view", "side", "show", "arrow", "arrows", "props", "close_up", "start", "finish", "steps")
FRAME_KEYS = (
    *("posture", "base", "lean", "roll", "turn", "twist", "joints", "at", "anchor", "rest", "kneel", "flat", "head"),
    *("pins", "grip"),
)
PIN_KEYS = ("at", "touch", "floor", "flat", "straight", "toes_out", "heel", "bend", "palm", "fingers")
ARROW_KEYS = ("place", "along", "shift", "size", "two_way", "frames")


def read(name: str, data: Any) -> Pose:
    """Return the pose described by the data of one exercise.

    Raises BadPose with one line per mistake: exercise, frame, joint or key, value and limit.
    """
    reader = Reader(name)
    data = reader.mapping("", "the pose", data, POSE_KEYS)
    pose = Pose(
        name,
        _frames(reader, data),
        _view(reader, data.get("view", "side")),
        {"right": "R", "left": "L"}[reader.choice("", "side", data.get("side", "right"), ("right", "left"))],
        tuple(_highlights(reader, data.get("show", {}))),
        tuple(_arrows(reader, data)),
        tuple(_props(reader, data.get("props", []))),
        _close_up(reader, data.get("close_up")),
    )
    if reader.mistakes:
        raise BadPose("\n".join(reader.mistakes))
    return pose


def _view(reader: Reader, data: Any) -> tuple[float, float]:
    if isinstance(data, str):
        return VIEWS[reader.choice("", "view", data, tuple(VIEWS))]
    angles = reader.items("", "view", data)
    if len(angles) != 2:
        reader.wrong("", f"view is {data!r}; it must be a name, or azimuth and elevation")
        return VIEWS["side"]
    return reader.number("", "view", angles[0], -180, 180), reader.number("", "view", angles[1], -20, 90)


def _frames(reader: Reader, data: Mapping[str, Any]) -> tuple[Frame, ...]:
    raw: dict[str, Any] = {"start": data.get("start", {})}
    for listed in reader.items("", "steps", data.get("steps", [])):
        step = dict(reader.mapping("", "a step", listed))
        name = step.pop("name", None)
        if not isinstance(name, str) or not STEP_NAME.fullmatch(name) or name in {"start", "finish", *raw}:
            reader.wrong("", f"a step's name is {name!r}; it must be one of its own, of small letters and dashes")
        else:
            raw[name] = step
    if "finish" in data:
        raw["finish"] = data["finish"]
    if len(raw) > MOST_FRAMES:
        reader.wrong("", f"there are {len(raw)} frames, the limit is {MOST_FRAMES}")
    frames = []
    before: Mapping[str, Any] = posture("standing")
    for name, changes in raw.items():
        changed = reader.mapping(name, "the frame", changes, FRAME_KEYS)
        if "posture" in changed:
            before = posture(reader.choice(name, "posture", changed["posture"], tuple(POSTURES)))
        before = merged(before, changed)
        frames.append(_frame(reader, name, before))
    return tuple(frames)


def posture(name: str) -> Mapping[str, Any]:
    """Return a posture with both sides of each joint named, so that a pose can change or take away one of them."""
    return merged({}, POSTURES[name])


def merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changes laid over what was; joints, pins and grips one by one, and null takes one away."""
    made = {key: value for key, value in before.items() if key != "posture"}
    for key, value in changes.items():
        if key in {"joints", "pins", "grip"} and isinstance(value, Mapping):
            inner = dict(made.get(key) or {})
            for name, each in value.items():
                for one in _both_sides(name):
                    inner.pop(one, None)
                    if each is not None:
                        inner[one] = each
            made[key] = inner
        elif key != "posture":
            made[key] = value
    return made


def _both_sides(name: Any) -> list[Any]:
    return [f"{name}_{side}" for side in SIDES] if name in PAIRED or name in {"foot", "hand"} else [name]


def _frame(reader: Reader, name: str, data: Mapping[str, Any]) -> Frame:
    at = reader.items(name, "at", data.get("at", [0, 0, None]))
    if len(at) != 3:
        reader.wrong(name, f"at is {at!r}; it must be a list of 3 numbers, null for one that is worked out")
        at = [0, 0, None]
    x, y, z = (None if value is None else reader.number(name, "at", value) for value in at)
    head = data.get("head")
    return Frame(
        name=name,
        base=reader.choice(name, "base", data.get("base", "upright"), BASES),
        **{key: reader.number(name, key, data.get(key, 0), -360, 360) for key in ("lean", "roll", "turn", "twist")},
        joints=_joints(reader, name, data.get("joints", {})),
        at=(x, y, z),
        anchor=_anchor(reader, name, data.get("anchor")),
        rests=_rests(reader, name, data.get("rest", [])),
        kneel=_sides(reader, name, "kneel", data.get("kneel", [])),
        flat=_sides(reader, name, "flat", data.get("flat", [])),
        head=None if head is None else reader.number(name, "head", head),
        pins=_pins(reader, name, data.get("pins", {})),
        grips={
            limb[-1]: reader.choice(name, f"grip of {limb}", grip, ("open", "fist"))
            for limb, grip in reader.mapping(name, "grip", data.get("grip", {}), LIMBS[2:]).items()
        },
    )


def _rests(reader: Reader, where: str, data: Any) -> tuple[Rest, ...]:
    found = []
    for each in reader.items(where, "rest", data):
        rest = reader.mapping(where, "a rest", each, ("parts", "height"))
        parts = rest.get("parts", [])
        names = [parts] if isinstance(parts, str) else reader.items(where, "the parts of a rest", parts)
        touching = tuple(reader.choice(where, "a resting part", part, PARTS) for part in names)
        if not touching:
            reader.wrong(where, "a rest has no parts")
        found.append(Rest(touching, reader.number(where, "the height of a rest", rest.get("height", 0))))
    return tuple(found)


def _joints(reader: Reader, where: str, data: Any) -> dict[str, float]:
    joints: dict[str, float] = {}
    for name, value in reader.mapping(where, "joints", data).items():
        for joint in _both_sides(name):
            if joint not in JOINTS:
                reader.wrong(where, f"the joint {joint!r} isn't known")
                continue
            limit = LIMITS[joint if joint in LIMITS else joint[:-2]]
            joints[joint] = reader.number(where, joint, value, limit.low, limit.high)
    return joints


def _anchor(reader: Reader, where: str, data: Any) -> tuple[str, float] | None:
    if data is None:
        return None
    if isinstance(data, str) or not isinstance(data, Sequence) or len(data) != 2:
        reader.wrong(where, f"anchor is {data!r}; it must be a place and a number")
        return None
    return reader.choice(where, "anchor", data[0], tuple(PLACES)), reader.number(where, "anchor", data[1])


def _sides(reader: Reader, where: str, what: str, data: Any) -> tuple[str, ...]:
    return tuple(reader.choice(where, what, side, SIDES) for side in reader.items(where, what, data))


def _pins(reader: Reader, where: str, data: Any) -> tuple[Pin, ...]:
    pins = []
    for limb, each in reader.mapping(where, "pins", data, LIMBS).items():
        if limb in LIMBS:
            pins.append(_pin(reader, where, limb, reader.mapping(where, limb, each, PIN_KEYS)))
    return _in_reach_order(pins)


def _pin(reader: Reader, where: str, limb: str, spot: Mapping[str, Any]) -> Pin:
    floor, touch = spot.get("floor"), spot.get("touch", "")
    if floor is not None:
        x, y = reader.numbers(where, f"{limb} floor", floor, 2)
        at = [x, y, reader.number(where, f"{limb} at", spot.get("at", 0))]
    else:
        at = reader.numbers(where, f"{limb} at", spot.get("at", [0, 0, 0]))
    ways = {
        key: reader.direction(where, f"{limb} {key}", spot[key])
        for key in ("bend", "palm", "fingers")
        if spot.get(key) is not None
    }
    return Pin(
        limb,
        vector(at),
        on=reader.choice(where, f"{limb} touch", touch, tuple(PLACES)) if touch else "",
        floor=floor is not None,
        flat=bool(spot.get("flat", floor is not None)) and limb.startswith("foot"),
        straight=bool(spot.get("straight", False)),
        toes_out=reader.number(where, f"{limb} toes_out", spot.get("toes_out", 6), -60, 80),
        heel=reader.number(where, f"{limb} heel", spot.get("heel", 0), 0, 75),
        **ways,
    )


def _in_reach_order(pins: Sequence[Pin]) -> tuple[Pin, ...]:
    """What is touched is put in place before what touches it; feet before hands where neither waits."""
    waiting = sorted(pins, key=lambda pin: LIMBS.index(pin.limb))
    done: list[Pin] = []
    while waiting:
        held = {pin.limb for pin in waiting}
        free = [pin for pin in waiting if _limb_under(pin.on) not in held - {pin.limb}]
        pin = (free or waiting)[0]
        waiting.remove(pin)
        done.append(pin)
    return tuple(done)


def _limb_under(place: str) -> str:
    """The limb that carries a place: a foot carries its leg, a hand its arm."""
    bone = PLACES[place].bone if place else ""
    if bone.startswith(("thigh", "shank", "foot", "toes")):
        return f"foot_{bone[-1]}"
    return f"hand_{bone[-1]}" if bone.startswith(("upper_arm", "forearm", "hand")) else ""


def _highlights(reader: Reader, data: Any) -> list[Highlight]:
    found = []
    for tone, muscles in reader.mapping("", "show", data, tuple(TONES)).items():
        for entry in [muscles] if isinstance(muscles, str) else reader.items("", f"show {tone}", muscles):
            name, sides = str(entry), SIDES
            if name[-2:] in {"_R", "_L"}:
                name, sides = name[:-2], (name[-1],)
            if tone in TONES:
                found.append(Highlight(reader.choice("", f"show {tone}", name, tuple(MUSCLES)), tone, sides))
    return found


def _arrows(reader: Reader, data: Mapping[str, Any]) -> list[Arrow]:
    listed = reader.items("", "arrows", data.get("arrows", []))
    found = []
    for each in [*listed, data["arrow"]] if data.get("arrow") else listed:
        arrow = reader.mapping("", "arrow", {"place": each} if isinstance(each, str) else each, ARROW_KEYS)
        along = arrow.get("along")
        found.append(
            Arrow(
                reader.choice("", "arrow", arrow.get("place"), tuple(PLACES)),
                None if along is None else reader.direction("", "arrow along", along),
                vector(reader.numbers("", "arrow shift", arrow.get("shift", [0, 0, 0]))),
                reader.number("", "arrow size", arrow.get("size", 14), 3, 80),
                bool(arrow.get("two_way", False)),
                tuple(str(frame) for frame in reader.items("", "arrow frames", arrow.get("frames", []))),
            )
        )
    return found


def _props(reader: Reader, data: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for each in reader.items("", "props", data):
        prop = {each: {}} if isinstance(each, str) else reader.mapping("", "a prop", each)
        for kind, settings in prop.items():
            reader.choice("", "a prop", kind, tuple(KINDS))
            found.append({"kind": kind, **reader.mapping("", kind, settings or {})})
            _finite(reader, kind, settings)
    return found


def _finite(reader: Reader, kind: str, value: Any) -> None:
    """Every number in a prop's settings is one that can be drawn."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            _finite(reader, kind, each)
    elif isinstance(value, float | int) and not isinstance(value, bool):
        reader.number("", kind, value, -360, 360)


def _close_up(reader: Reader, data: Any) -> tuple[str, float] | None:
    if data is None:
        return None
    place, size = (data, 17) if isinstance(data, str) else reader.items("", "close_up", data)[:2] or ("", 17)
    return reader.choice("", "close_up", place, tuple(PLACES)), reader.number("", "close_up", size, 6, 60)
