"""Reads pose data: plain dictionaries in, checked `Pose` and `Frame` out, mistakes in sentences.

The format is described in docs/figures.md. Lengths are hundredths of the standing height, angles degrees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any

from exercises.figures.geometry import Array, unit, vector
from exercises.figures.places import PLACES
from exercises.figures.postures import POSTURES
from exercises.figures.skeleton import JOINTS, LIMITS, PAIRED, SIDES

BASES = ("upright", "supine", "prone", "side_right", "side_left")
LIMBS = tuple(f"{limb}_{side}" for limb in ("foot", "hand") for side in SIDES)
PARTS = (
    "pelvis",
    "torso",
    "chest",
    "head",
    *(f"{part}_{s}" for part in ("thigh", "shank", "foot", "upper_arm", "forearm") for s in SIDES),
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
TONES = ("release", "restore", "strengthen")
FAR_AWAY = 150.0
MOST_FRAMES = 6


class BadPose(Exception):
    """Pose data that can't be drawn; the message names exercise, frame and what is wrong."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a hand or a foot is held: at a point, on the floor, or on a place of the body."""

    limb: str
    at: Array
    on: str = ""
    floor: bool = False
    flat: bool = False
    straight: bool = False
    toes_out: float = 6.0
    heel: float = 0.0
    bend: Array | None = None
    palm: Array | None = None
    fingers: Array | None = None

    @property
    def kind(self) -> tuple[str, str, bool, bool]:
        """Pins of one kind in two frames can be blended."""
        return self.limb, self.on, self.floor, self.flat


@dataclass(frozen=True, slots=True)
class Rest:
    """A contact: the lowest point of these parts is at this height."""

    parts: tuple[str, ...]
    height: float


@dataclass(frozen=True, slots=True)
class Frame:
    """One posture of the body, as authored."""

    name: str
    base: str = "upright"
    lean: float = 0.0
    roll: float = 0.0
    turn: float = 0.0
    twist: float = 0.0
    joints: Mapping[str, float] = field(default_factory=dict)
    at: tuple[float | None, float | None, float | None] = (0.0, 0.0, None)
    anchor: tuple[str, float] | None = None
    rests: tuple[Rest, ...] = ()
    kneel: tuple[str, ...] = ()
    flat: tuple[str, ...] = ()
    head: float | None = None
    pins: tuple[Pin, ...] = ()
    grips: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Highlight:
    """A muscle that is shown, on which side ("R", "L" or both), and what is done to it."""

    muscle: str
    tone: str
    sides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A movement arrow: along the way of a place, or from a place in a direction of the world."""

    place: str
    along: Array | None = None
    shift: Array = field(default_factory=lambda: vector((0.0, 0.0, 0.0)))
    size: float = 14.0
    two_way: bool = False
    frames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pose:
    """All that is needed to draw an exercise."""

    name: str
    frames: tuple[Frame, ...]
    view: tuple[float, float] = (0.0, 0.0)
    side: str = "R"
    highlights: tuple[Highlight, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    props: tuple[Mapping[str, Any], ...] = ()
    close_up: tuple[str, float] | None = None

    def frame(self, name: str) -> Frame:
        """Return a frame by name; raises KeyError."""
        return next(frame for frame in self.frames if frame.name == name)


class _Reader:
    """Reads one exercise's data and keeps every mistake, so that all are told at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[str] = []

    def wrong(self, where: str, what: str) -> None:
        self.mistakes.append(f"{self.name}, {where}: {what}" if where else f"{self.name}: {what}")

    def number(self, where: str, what: str, value: Any, low: float = -FAR_AWAY, high: float = FAR_AWAY) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            self.wrong(where, f"{what} is {value!r}; it must be a number")
            return 0.0
        if not low <= value <= high:
            limit = high if value > high else low
            self.wrong(where, f"{what} is {value:g}, the limit is {limit:g}")
            return 0.0
        return float(value)

    def numbers(self, where: str, what: str, value: Any, count: int = 3) -> list[float]:
        if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != count:
            self.wrong(where, f"{what} is {value!r}; it must be a list of {count} numbers")
            return [0.0] * count
        return [self.number(where, what, each) for each in value]

    def direction(self, where: str, what: str, value: Any) -> Array:
        if isinstance(value, str) and value in WAYS:
            return vector(WAYS[value])
        return unit(vector(self.numbers(where, what, value)))

    def choice(self, where: str, what: str, value: Any, allowed: Sequence[str]) -> str:
        if value not in allowed:
            self.wrong(where, f"{what} is {value!r}; it must be one of {', '.join(allowed)}")
            return allowed[0]
        return str(value)

    def mapping(self, where: str, what: str, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            self.wrong(where, f"{what} is {value!r}; it must have named parts")
            return {}
        return value

    def keys(self, where: str, value: Mapping[str, Any], allowed: Sequence[str]) -> None:
        for key in value:
            if key not in allowed:
                self.wrong(where, f"{key!r} isn't known; known are {', '.join(allowed)}")


WAYS = {
    "down": (0.0, 0.0, -1.0),
    "up": (0.0, 0.0, 1.0),
    "right": (1.0, 0.0, 0.0),
    "left": (-1.0, 0.0, 0.0),
    "near": (0.0, -1.0, 0.0),
    "far": (0.0, 1.0, 0.0),
}
POSE_KEYS = ("view", "side", "show", "arrow", "arrows", "props", "close_up", "start", "finish", "steps")
FRAME_KEYS = (
    "posture", "base", "lean", "roll", "turn", "twist", "joints", "at", "anchor", "rest", "kneel", "flat", "head",
    "pins", "grip",
)  # fmt: skip
PIN_KEYS = ("at", "touch", "floor", "flat", "straight", "toes_out", "heel", "bend", "palm", "fingers")


def read(name: str, data: Any) -> Pose:
    """Return the pose described by the data of one exercise.

    Raises BadPose with one line per mistake: exercise, frame, joint or key, value and limit.
    """
    reader = _Reader(name)
    data = reader.mapping("", "the pose", data)
    reader.keys("", data, POSE_KEYS)
    view = data.get("view", "side")
    if isinstance(view, str):
        seen = VIEWS[reader.choice("", "view", view, tuple(VIEWS))]
    else:
        azimuth, elevation = reader.numbers("", "view", view, 2)
        seen = (azimuth, elevation)
    pose = Pose(
        name,
        _frames(reader, data),
        seen,
        {"right": "R", "left": "L"}[reader.choice("", "side", data.get("side", "right"), ("right", "left"))],
        tuple(_highlights(reader, data.get("show", {}))),
        tuple(_arrows(reader, data)),
        tuple(_props(reader, data.get("props", []))),
        _close_up(reader, data.get("close_up")),
    )
    if reader.mistakes:
        raise BadPose("\n".join(reader.mistakes))
    return pose


def _frames(reader: _Reader, data: Mapping[str, Any]) -> tuple[Frame, ...]:
    steps = data.get("steps", {})
    raw: dict[str, Any] = {"start": data.get("start", {})}
    raw |= reader.mapping("", "steps", steps)
    if "finish" in data:
        raw["finish"] = data["finish"]
    if len(raw) > MOST_FRAMES:
        reader.wrong("", f"there are {len(raw)} frames, the limit is {MOST_FRAMES}")
    frames = []
    before: Mapping[str, Any] = {}
    for name, changes in raw.items():
        changed = reader.mapping(name, "the frame", changes)
        reader.keys(name, changed, FRAME_KEYS)
        if "posture" in changed:
            posture = reader.choice(name, "posture", changed["posture"], tuple(POSTURES))
            before = POSTURES[posture]
        elif not before:
            before = POSTURES["standing"]
        before = _merged(before, changed)
        frames.append(_frame(reader, name, before))
    return tuple(frames)


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What changes laid over what was; joints, pins and grips one by one, and null takes one away."""
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


def _both_sides(name: str) -> list[str]:
    return [f"{name}_{side}" for side in SIDES] if name in PAIRED or name in {"foot", "hand"} else [name]


def _frame(reader: _Reader, name: str, data: Mapping[str, Any]) -> Frame:
    at = data.get("at", [0, 0, None])
    if not isinstance(at, Sequence) or isinstance(at, str) or len(at) != 3:
        reader.wrong(name, f"at is {at!r}; it must be a list of 3 numbers, null for one that is worked out")
        at = [0, 0, None]
    place = [None if value is None else reader.number(name, "at", value) for value in at]
    rests = []
    for rest in data.get("rest", []):
        rest = reader.mapping(name, "rest", rest)
        parts = rest.get("parts", [])
        parts = [parts] if isinstance(parts, str) else parts
        rests.append(
            Rest(
                tuple(reader.choice(name, "a resting part", part, PARTS) for part in parts),
                reader.number(name, "the height of a rest", rest.get("height", 0)),
            )
        )
    anchor = data.get("anchor")
    head = data.get("head")
    return Frame(
        name=name,
        base=reader.choice(name, "base", data.get("base", "upright"), BASES),
        **{key: reader.number(name, key, data.get(key, 0), -360, 360) for key in ("lean", "roll", "turn", "twist")},
        joints=_joints(reader, name, data.get("joints", {})),
        at=(place[0], place[1], place[2]),
        anchor=None if anchor is None else _anchor(reader, name, anchor),
        rests=tuple(rests),
        kneel=_sides(reader, name, data.get("kneel", [])),
        flat=_sides(reader, name, data.get("flat", [])),
        head=None if head is None else reader.number(name, "head", head),
        pins=_pins(reader, name, data.get("pins", {})),
        grips={
            limb[-1]: reader.choice(name, f"grip of {limb}", grip, ("open", "fist"))
            for limb, grip in reader.mapping(name, "grip", data.get("grip", {})).items()
        },
    )


def _joints(reader: _Reader, where: str, data: Any) -> dict[str, float]:
    joints: dict[str, float] = {}
    for name, value in reader.mapping(where, "joints", data).items():
        for joint in _both_sides(name):
            if joint not in JOINTS:
                reader.wrong(where, f"the joint {joint!r} isn't known")
                continue
            limit = LIMITS[joint if joint in LIMITS else joint[:-2]]
            joints[joint] = reader.number(where, joint, value, limit.low, limit.high)
    return joints


def _anchor(reader: _Reader, where: str, data: Any) -> tuple[str, float]:
    if isinstance(data, str) or not isinstance(data, Sequence) or len(data) != 2:
        reader.wrong(where, f"anchor is {data!r}; it must be a place and a number")
        return "pelvis", 0.0
    return reader.choice(where, "anchor", data[0], tuple(PLACES)), reader.number(where, "anchor", data[1])


def _sides(reader: _Reader, where: str, data: Any) -> tuple[str, ...]:
    return tuple(reader.choice(where, "side", side, SIDES) for side in data)


def _pins(reader: _Reader, where: str, data: Any) -> tuple[Pin, ...]:
    pins = []
    for limb, each in reader.mapping(where, "pins", data).items():
        reader.choice(where, "a pinned limb", limb, LIMBS)
        spot = reader.mapping(where, limb, each)
        reader.keys(where, spot, PIN_KEYS)
        floor = spot.get("floor")
        if floor is not None:
            x, y = reader.numbers(where, f"{limb} floor", floor, 2)
            at = [x, y, reader.number(where, f"{limb} at", spot.get("at", 0))]
        else:
            at = reader.numbers(where, f"{limb} at", spot.get("at", [0, 0, 0]))
        on = spot.get("touch", "")
        ways = {
            key: reader.direction(where, f"{limb} {key}", spot[key])
            for key in ("bend", "palm", "fingers")
            if spot.get(key) is not None
        }
        pins.append(
            Pin(
                limb,
                vector(at),
                on=reader.choice(where, f"{limb} touch", on, tuple(PLACES)) if on else "",
                floor=floor is not None,
                flat=bool(spot.get("flat", floor is not None)) and limb.startswith("foot"),
                straight=bool(spot.get("straight", False)),
                toes_out=reader.number(where, f"{limb} toes_out", spot.get("toes_out", 6), -60, 80),
                heel=reader.number(where, f"{limb} heel", spot.get("heel", 0), 0, 75),
                **ways,
            )
        )
    return tuple(pins)


def _highlights(reader: _Reader, data: Any) -> list[Highlight]:
    from exercises.figures.muscles import MUSCLES

    found = []
    for tone, muscles in reader.mapping("", "show", data).items():
        reader.choice("", "show", tone, TONES)
        for entry in [muscles] if isinstance(muscles, str) else muscles:
            name, sides = str(entry), SIDES
            if name[-2:] in {"_R", "_L"}:
                name, sides = name[:-2], (name[-1],)
            found.append(Highlight(reader.choice("", f"show {tone}", name, tuple(MUSCLES)), tone, sides))
    return found


def _arrows(reader: _Reader, data: Mapping[str, Any]) -> list[Arrow]:
    raw = data.get("arrows", [data["arrow"]] if data.get("arrow") else [])
    found = []
    for each in raw:
        arrow = {"place": each} if isinstance(each, str) else reader.mapping("", "arrow", each)
        reader.keys("", arrow, ("place", "along", "shift", "size", "two_way", "frames"))
        along = arrow.get("along")
        found.append(
            Arrow(
                reader.choice("", "arrow", arrow.get("place"), tuple(PLACES)),
                None if along is None else reader.direction("", "arrow along", along),
                vector(reader.numbers("", "arrow shift", arrow.get("shift", [0, 0, 0]))),
                reader.number("", "arrow size", arrow.get("size", 14), 3, 80),
                bool(arrow.get("two_way", False)),
                tuple(arrow.get("frames", ())),
            )
        )
    return found


def _props(reader: _Reader, data: Any) -> list[Mapping[str, Any]]:
    from exercises.figures.props import KINDS

    found = []
    for each in data:
        prop = {each: {}} if isinstance(each, str) else reader.mapping("", "a prop", each)
        for kind, settings in prop.items():
            reader.choice("", "a prop", kind, tuple(KINDS))
            found.append({"kind": kind, **reader.mapping("", kind, settings or {})})
    return found


def _close_up(reader: _Reader, data: Any) -> tuple[str, float] | None:
    if data is None:
        return None
    place, size = data if isinstance(data, Sequence) and not isinstance(data, str) and len(data) == 2 else (data, 17)
    return reader.choice("", "close_up", place, tuple(PLACES)), reader.number("", "close_up", size, 6, 60)


FRAME_FIELDS = tuple(each.name for each in fields(Frame))
