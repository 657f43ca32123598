"""The flesh on the bones: each part of the body as hulls of spheres, in two builds and several palettes.

A hull is the tightest skin around a few spheres. Spheres are given in the axes of their bone, in hundredths of
the standing height, for the right side; the left is its mirror image. Parts are what is drawn one over another;
a part has one or two regions (cloth and skin), each painted in its own colour with one outline.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import cos, pi, sin

import numpy as np

from exercises.figures.builds import BUILDS, Build
from exercises.figures.geometry import Array
from exercises.figures.skeleton import BONES, SIDES, Body

Ball = tuple[str, float, float, float, float]  # bone, x, y, z, radius
Shape = Sequence[Ball]


@dataclass(frozen=True, slots=True)
class Region:
    """What is painted in one colour: hulls, each given by the numbers of its spheres."""

    paint: str
    hulls: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the body that is drawn at once; `bone` leads it, `balls` are all its spheres."""

    name: str
    bone: str
    regions: tuple[Region, ...]
    balls: tuple[int, ...]


@dataclass(slots=True)
class Anatomy:
    """All parts of one build, with their spheres in one table."""

    parts: dict[str, Part] = field(default_factory=dict)
    bones: list[str] = field(default_factory=list)
    centres: list[tuple[float, float, float]] = field(default_factory=list)
    radii: Array = field(default_factory=lambda: np.zeros(0))
    rows: dict[str, Array] = field(default_factory=dict)
    seams: dict[tuple[str, str], tuple[tuple[int, ...], str]] = field(default_factory=dict)
    table: Array = field(default_factory=lambda: np.zeros((0, 3)))
    groups: dict[str, dict[str, Array]] = field(default_factory=dict)

    def place(self, body: Body) -> Array:
        """Return where the centre of each sphere is in the world."""
        placed = np.empty_like(self.table)
        for bone, rows in self.rows.items():
            placed[rows] = self.table[rows] @ body.turn[bone].T + body.start[bone]
        return placed

    def lowest(self, body: Body, parts: Iterable[str]) -> float:
        """Return the height of the lowest point of these parts; "chest" is the torso above the waist with shoulders."""
        low = np.inf
        for name in parts:
            if name not in self.groups:
                self.groups[name] = _rows_of(self, name)
            for bone, rows in self.groups[name].items():
                heights = self.table[rows] @ body.turn[bone][2] + body.start[bone][2] - self.radii[rows]
                low = min(low, float(heights.min()))
        return low


def _rows_of(anatomy: Anatomy, part: str) -> dict[str, Array]:
    found: dict[str, list[int]] = {}
    if part == "chest":
        balls = [row for row in anatomy.parts["torso"].balls if anatomy.bones[row].startswith(("chest", "neck"))]
        balls += [anatomy.parts[f"upper_arm_{side}"].balls[0] for side in SIDES]
    else:
        balls = list(anatomy.parts[part].balls)
    for row in balls:
        found.setdefault(anatomy.bones[row], []).append(row)
    return {bone: np.array(rows, dtype=int) for bone, rows in found.items()}


def ring(bone: str, at: float, deep: float, wide: float, radius: float, x: float = 0.0) -> list[Ball]:
    """Return small spheres on a level ellipse, which give a hull a flat end."""
    angles = [2 * pi * step / 10 for step in range(10)]
    return [(bone, x + deep * cos(a), wide * sin(a), at, radius) for a in angles]


def both(bone: str, x: float, y: float, z: float, radius: float) -> list[Ball]:
    """Return a sphere and its twin on the other side of a bone in the middle of the body."""
    return [(bone, x, -y, z, radius), (bone, x, y, z, radius)]


@cache
def anatomy(build: str = "slim") -> Anatomy:
    """Return the parts of one build."""
    made = Anatomy()
    form = BUILDS[build]
    _trunk(made, form)
    _head(made, form)
    for side in SIDES:
        _leg(made, side, form.limbs)
        _arm(made, side, form.limbs)
    made.table = np.array(made.centres)
    made.radii = np.array(made.radii)
    made.rows = {
        bone: np.array([row for row, name in enumerate(made.bones) if name == bone], dtype=int)
        for bone in BONES
        if bone in made.bones
    }
    return made


def _add(made: Anatomy, name: str, bone: str, regions: Sequence[tuple[str, Sequence[Shape]]]) -> None:
    """Add a part; spheres that a region's hulls share are kept once."""
    used: list[int] = []
    drawn = []
    for paint, shapes in regions:
        hulls = tuple(tuple(_row(made, ball) for ball in shape) for shape in shapes)
        drawn.append(Region(paint, hulls))
        used.extend(row for hull in hulls for row in hull)
    made.parts[name] = Part(name, bone, tuple(drawn), tuple(dict.fromkeys(used)))


def _row(made: Anatomy, ball: Ball) -> int:
    bone, x, y, z, radius = ball
    made.bones.append(bone)
    made.centres.append((x, y, z))
    made.radii = np.append(made.radii, radius)
    return len(made.bones) - 1


def _trunk(made: Anatomy, form: Build) -> None:
    h, t = form.hips, form.trunk
    _add(
        made,
        "pelvis",
        "pelvis",
        [
            (
                "shorts",
                [
                    [*both("pelvis", 0.2, 4.3 * h, -0.6, 5.0 * h), *both("pelvis", -2.3 * h, 3.8, -1.0, 4.9 * h),
                     *both("pelvis", 0.2, 5.0 * h, 3.0, 4.4), *both("pelvis", -1.4, 4.2 * h, 2.6, 4.4)],
                    [*both("pelvis", 0.2, 5.0 * h, 3.0, 4.4), *both("pelvis", 0.4, 4.9, 5.2, 4.0),
                     ("pelvis", 0.6, 0, 5.2, 4.7 * t)],
                ],
            )
        ],
    )  # fmt: skip
    stations: list[list[Ball]] = [
        ring("pelvis", 2.7, 5.7 * t, 9.6 * h, 0.6, x=0.0),
        [*both("lumbar2", 0.9, 3.9 * t, 1, 4.2 * t), ("lumbar2", 1.3, 0, 1, 4.8 * t)],
        [*both("chest1", 1.2, 4.4 * t, 0.5, 4.6 * t), ("chest1", 1.6, 0, 0.5, 5.1 * t)],
        both("chest2", 1.5, 4.9 * t, 2.2, 5.0),
        both("chest3", 1.2, 5.4, 3.3, 4.9),
        [*both("chest4", 0.3, 8.3, 1.0, 3.3), ("chest4", 0.8, 0, 1.2, 4.3)],
        both("chest4", 0.1, 3.2, 3.4, 2.6),
        ring("neck1", 0.3, 2.9, 3.4, 0.4),
    ]
    shapes: list[Shape] = [[*below, *above] for below, above in pairwise(stations)]
    if form.chest:
        shapes.append([*both("chest2", 3.4, 3.9, 3.2, 3.9), *both("chest3", 1.2, 5.0, 3.3, 4.6)])
        shapes.append([*both("chest2", 3.4, 3.9, 3.2, 3.9), *both("chest1", 1.6, 4.0, 0.5, 4.6)])
    _add(made, "torso", "chest2", [("shirt", shapes)])


def _head(made: Anatomy, form: Build) -> None:
    _add(
        made,
        "neck",
        "neck1",
        [("skin", [[("neck1", -0.2, 0, -0.6, 3.0), ("neck2", 0.1, 0, 0, 2.8), ("head", -0.6, 0, 0.8, 2.9)]])],
    )
    skull: list[Shape] = [
        [
            *(("head", -1.5, 0, 4.6, 4.3), ("head", 1.5, 0, 4.9, 4.2)),
            *(("head", 2.4, 0, 1.2, 3.1), ("head", -0.8, 0, 2, 3.7)),
        ]
    ]
    face: list[Shape] = [
        [*both("head", 3.1, 1.6, 3.6, 2.3), *both("head", 2.6, 1.2, 1, 3.0), *both("head", 1.5, 2.4, 2.6, 1.9)],
        [*both("head", 3.5, 0.8, -1.5, 1.75), *both("head", 0.4, 2.3, 0.2, 1.7), *both("head", 2.6, 1.2, 1, 3.0)],
        [("head", 4.9, 0, 3.0, 0.75), ("head", 6.05, 0, 1.25, 0.62), ("head", 4.9, 0, 0.8, 0.7)],
    ]
    ears: list[Shape] = [[("head", -0.2, y, 2.9, 0.9), ("head", 0.1, y * 0.97, 1.5, 0.7)] for y in (-4.05, 4.05)]
    hair: list[Shape] = [
        [("head", -1.8, 0, 4.8, 4.75), ("head", 1.1, 0, 5.7, 4.25)],
        [("head", -1.8, 0, 4.8, 4.75), ("head", -2.5, 0, 1.0, 3.0)],
    ]
    if form.bun:
        hair.append([("head", -1.8, 0, 4.8, 4.75), ("head", -2.2, 0, -0.6, 3.1), ("head", -0.6, 0, 4.2, 4.6)])
        hair.append([("head", -6.3, 0, 5.6, 2.5)])
    _add(made, "head", "head", [("skin", [*skull, *face]), ("hair", hair), ("skin", face), ("skin", ears)])


def _leg(made: Anatomy, side: str, thick: float) -> None:
    thigh, shank, foot, toes = (f"{bone}_{side}" for bone in ("thigh", "shank", "foot", "toes"))
    m = 1.0 if side == "L" else -1.0
    k = thick
    knee_thigh, knee_shank = (thigh, 0.55, 0, -23.6, 3.05), (shank, 0.8, 0, -1.0, 2.95)
    _add(
        made,
        thigh,
        thigh,
        [
            (
                "shorts",
                [
                    [(thigh, 0, 0, -1, 4.7 * k), (thigh, 0.2, m * 0.3, -5.5, 5.35 * k),
                     *ring(thigh, -13.4, 5.2 * k, 5.2 * k, 0.5, x=0.1)],
                ],
            ),
            (
                "skin",
                [
                    [*ring(thigh, -12.6, 4.3 * k, 4.3 * k, 0.4), (thigh, 0.4, 0, -15.5, 4.15 * k),
                     (thigh, 0.2, 0, -20, 3.45 * k)],
                    [(thigh, 0.2, 0, -20, 3.45 * k), (thigh, 0.35, 0, -23.8, 3.2), knee_thigh],
                ],
            ),
        ],
    )  # fmt: skip
    _add(
        made,
        shank,
        shank,
        [
            (
                "skin",
                [
                    [knee_shank, (shank, 0.4, 0, 0, 3.1), (shank, -0.5, m * 0.2, -5, 3.4 * k)],
                    [(shank, -0.5, m * 0.2, -5, 3.4 * k), (shank, -0.7, m * 0.2, -8.5, 3.3 * k),
                     (shank, -0.1, 0, -14, 2.65 * k)],
                    [(shank, -0.1, 0, -14, 2.65 * k), (shank, 0.1, 0, -19, 1.95), (shank, 0, 0, -23.6, 1.85)],
                ],
            )
        ],
    )  # fmt: skip
    ball_in, ball_out = (foot, 6.2, -m * 1.3, -2.4, 1.45), (foot, 6.2, m * 1.3, -2.6, 1.25)
    _add(
        made,
        foot,
        foot,
        [
            (
                "skin",
                [
                    [(foot, 0, 0, 0.2, 1.95), (foot, -2.3, 0, -1.9, 1.95), (foot, 1.4, 0, -0.9, 1.9)],
                    [(foot, -2.3, 0, -2.0, 1.85), (foot, 1.4, 0, -0.9, 1.9), ball_in, ball_out],
                    [ball_in, ball_out, (toes, 0, 0, 0.2, 1.2), (toes, 3.1, -m * 1.2, -0.05, 0.95),
                     (toes, 1.7, m * 1.7, -0.1, 0.85)],
                ],
            )
        ],
    )  # fmt: skip
    made.seams[thigh, shank] = (
        _rows(made, [(thigh, 0.2, 0, -21, 2.7), (thigh, 0.35, 0, -23.8, 2.7), (shank, 0.2, 0, -2.6, 2.6)]),
        "skin",
    )
    made.seams[shank, foot] = (_rows(made, [(shank, 0, 0, -22.2, 1.5), (foot, 0, 0, -0.2, 1.5)]), "skin")
    made.seams["pelvis", thigh] = (
        _rows(made, [("pelvis", 0.2, m * 4.6, -1.4, 3.7), (thigh, 0, 0, -1, 3.7), (thigh, 0.2, m * 0.2, -4.0, 4.4)]),
        "shorts",
    )


def _arm(made: Anatomy, side: str, thick: float) -> None:
    upper, fore, hand = (f"{bone}_{side}" for bone in ("upper_arm", "forearm", "hand"))
    m = 1.0 if side == "L" else -1.0
    k = thick
    _add(
        made,
        upper,
        upper,
        [
            (
                "shirt",
                [
                    [(upper, 0, -m * 0.2, 0.1, 3.25), (upper, 0.1, m * 0.1, -4, 3.2 * k),
                     *ring(upper, -9.4, 2.95 * k, 2.95 * k, 0.35)],
                ],
            ),
            (
                "skin",
                [
                    [*ring(upper, -8.9, 2.1 * k, 2.1 * k, 0.35), (upper, 0.1, 0, -11.5, 2.35 * k),
                     (upper, 0, 0, -16, 2.05)],
                    [(upper, 0, 0, -16, 2.05), (upper, 0, 0, -18.5, 2.0)],
                ],
            ),
        ],
    )  # fmt: skip
    _add(
        made,
        fore,
        fore,
        [
            (
                "skin",
                [
                    [(fore, 0, 0, 0, 2.0), (fore, 0.2, m * 0.2, -3.5, 2.2 * k), (fore, 0.1, m * 0.1, -8, 1.8 * k)],
                    [(fore, 0.1, m * 0.1, -8, 1.8 * k), (fore, 0, 0, -14.2, 1.3)],
                ],
            )
        ],
    )
    for grip in ("open", "fist"):
        _add(made, f"{hand}_{grip}", hand, [("skin", _hand(hand, m, grip))])
    made.seams[upper, fore] = (
        _rows(made, [(upper, 0, 0, -16.5, 1.7), (upper, 0, 0, -18.5, 1.7), (fore, 0.1, 0, -2.5, 1.75)]),
        "skin",
    )
    made.seams[fore, hand] = (_rows(made, [(fore, 0, 0, -12.6, 1.05), (hand, 0, 0, -1.2, 1.05)]), "skin")


def _hand(hand: str, m: float, grip: str) -> list[Shape]:
    """A palm, fingers and a thumb; the palm looks to the middle of the body, the thumb to the front."""
    palm = [(hand, 0, 0, -0.2, 1.2), (hand, 1.3, -m * 0.1, -3.9, 1.0), (hand, -1.4, -m * 0.1, -3.6, 0.95)]
    if grip == "fist":
        return [
            palm,
            [(hand, 1.3, -m * 0.1, -3.9, 1.0), (hand, -1.4, -m * 0.1, -3.6, 0.95), (hand, 1.2, -m * 2.0, -4.4, 0.95),
             (hand, -1.3, -m * 2.0, -4.1, 0.9)],
            [(hand, 1.2, -m * 2.0, -4.4, 0.95), (hand, -1.3, -m * 2.0, -4.1, 0.9), (hand, 1.0, -m * 2.4, -2.8, 0.8),
             (hand, -1.0, -m * 2.3, -2.8, 0.75)],
            [(hand, 1.2, -m * 0.6, -1.6, 0.8), (hand, 1.9, -m * 2.2, -3.0, 0.7), (hand, 0.6, -m * 3.0, -3.6, 0.6)],
        ]  # fmt: skip
    return [
        palm,
        [(hand, 1.3, -m * 0.1, -3.9, 1.0), (hand, -1.4, -m * 0.1, -3.6, 0.95), (hand, 1.0, -m * 0.5, -6.2, 0.75),
         (hand, -1.2, -m * 0.4, -5.7, 0.68)],
        [(hand, 1.0, -m * 0.5, -6.2, 0.75), (hand, -1.2, -m * 0.4, -5.7, 0.68), (hand, 0.8, -m * 0.9, -8.2, 0.58),
         (hand, -1.0, -m * 0.7, -7.4, 0.55)],
        [(hand, 0.6, -m * 0.4, -1.0, 0.85), (hand, 2.3, -m * 0.9, -2.9, 0.72), (hand, 2.6, -m * 1.2, -4.9, 0.58)],
    ]  # fmt: skip


def _rows(made: Anatomy, balls: Sequence[Ball]) -> tuple[int, ...]:
    return tuple(_row(made, ball) for ball in balls)
