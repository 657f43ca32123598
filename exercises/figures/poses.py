"""What a pose is: the checked data that an exercise is drawn from. `reading` makes it from pose files.

Lengths are hundredths of the standing height, angles degrees. The format is described in docs/figures.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exercises.figures.geometry import Array, vector
from exercises.figures.postures import SEAT


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

    @property
    def floor(self) -> float:
        """The height of the floor: the top of a bed is 0, so its floor is lower."""
        beds = (prop.get("height", SEAT) for prop in self.props if prop["kind"] == "bed")
        return -max(beds, default=0.0)
