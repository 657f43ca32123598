"""What an exercise is done on and with: chair, bed, wall, strap, ball … as solids in the world.

A solid is a hull of spheres, a box, or water. Each kind of prop is a function from its settings, and the posed
body that may hold it, to solids. Lengths in hundredths of the standing height.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, pi, sin
from typing import Any

import numpy as np

from exercises.figures.geometry import Array, about_z, cross, facing, unit, vector
from exercises.figures.places import PLACES
from exercises.figures.postures import SEAT
from exercises.figures.skeleton import SIDES, Body

RING = 16  # the spheres at each end of a cylinder

Settings = Mapping[str, Any]


@dataclass(slots=True)
class Solid:
    """A thing to draw: hulls of spheres (rows x, y, z, radius) in one colour, or a box by its eight corners."""

    name: str
    paint: str
    hulls: list[Array] = field(default_factory=list)
    corners: Array | None = None
    water: float | None = None
    outlined: bool = True


def box(name: str, paint: str, at: Sequence[float] | Array, size: Sequence[float], turned: float = 0.0) -> Solid:
    """Return a box by the middle of its underside, its length, width and height, and its turn on the floor."""
    dx, dy, dz = size
    turn = about_z(turned)
    corners = [
        np.asarray(at) + turn @ vector((sx * dx / 2, sy * dy / 2, sz * dz))
        for sz in (0, 1)
        for sy in (-1, 1)
        for sx in (-1, 1)
    ]
    return Solid(name, paint, corners=np.array(corners))


def tube(name: str, paint: str, points: Sequence[Array], radius: float) -> Solid:
    """Return a round bar through these points."""
    rows = [np.array([*point, radius]) for point in points]
    return Solid(name, paint, [np.array([a, b]) for a, b in pairwise(rows)])


def cylinder(name: str, paint: str, start: Array, end: Array, radius: float) -> Solid:
    """Return a cylinder with flat ends."""
    axis = unit(end - start)
    one = unit(cross(axis, vector((0.3, 0.2, 1.0)) if abs(axis[2]) < 0.9 else vector((1.0, 0.0, 0.0))))
    two = cross(axis, one)
    edge = 0.5
    rows = []
    for middle in (start, end):
        for step in range(RING):
            angle = 2 * pi * step / RING
            spot = middle + (radius - edge) * (cos(angle) * one + sin(angle) * two)
            rows.append([*spot, edge])
    return Solid(name, paint, [np.array(rows)])


def cushion(name: str, paint: str, at: Array, size: Sequence[float], turned: float = 0.0) -> Solid:
    """Return a soft flat thing with round edges, by the middle of its underside."""
    length, width, height = size
    radius = height / 2
    turn = about_z(turned)
    rows = [
        [*(at + turn @ vector((sx * (length / 2 - radius), sy * (width / 2 - radius), radius))), radius]
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return Solid(name, paint, [np.array(rows)])


def where(body: Body, settings: Settings, key: str = "at") -> Array:
    """Return a point: three numbers, or the name of a place on the body, with `shift` added."""
    spot = settings.get(key, (0, 0, 0))
    point = PLACES[spot].point(body) if isinstance(spot, str) else vector(spot)
    return point + vector(settings.get("shift", (0, 0, 0)))


def _points(body: Body, path: Sequence[Any]) -> list[Array]:
    return [PLACES[spot].point(body) if isinstance(spot, str) else vector(spot) for spot in path]


def _mat(body: Body, s: Settings) -> list[Solid]:
    (x1, x2), (y1, y2) = s.get("x", (-52, 56)), s.get("y", (-20, 20))
    return [box("mat", "mat", ((x1 + x2) / 2, (y1 + y2) / 2, -1.2), (x2 - x1, y2 - y1, 1.2))]


def _bed(body: Body, s: Settings) -> list[Solid]:
    (x1, x2), (y1, y2) = s.get("x", (-56, 56)), s.get("y", (-24, 24))
    height = s.get("height", SEAT)
    middle, long, wide = (x1 + x2) / 2, x2 - x1, y2 - y1
    legs = [box("leg", "wood", (x, y, -height), (3, 3, height - 9)) for x in (x1 + 3, x2 - 3) for y in (y1 + 3, y2 - 3)]
    frame = box("bed", "wood", (middle, (y1 + y2) / 2, -10), (long, wide, 4))
    mattress = box("mattress", "linen", (middle, (y1 + y2) / 2, -6), (long, wide, 6))
    return [*legs, frame, mattress]


def _chair(body: Body, s: Settings) -> list[Solid]:
    x, y, _ = (*s.get("at", (0, 0)), 0)[:3]
    seat, deep, wide = s.get("seat", SEAT), s.get("depth", 24), s.get("width", 25)
    turned = s.get("turned", 0)
    turn = about_z(turned)

    def part(name: str, at: Sequence[float], size: Sequence[float]) -> Solid:
        place = vector((x, y, 0)) + turn @ vector((at[0], at[1], 0)) + vector((0, 0, at[2]))
        return box(name, "wood", place, size, turned)

    legs = [
        part("leg", (sx * (deep / 2 - 1), sy * (wide / 2 - 1), 0), (2, 2, seat - 2)) for sx in (-1, 1) for sy in (-1, 1)
    ]
    back: list[Solid] = []
    if s.get("back", True):
        tall = s.get("back_height", 27)
        posts = [part("post", (-deep / 2 + 0.6, sy * (wide / 2 - 1), seat), (2, 2, tall)) for sy in (-1, 1)]
        rails = [part("rail", (-deep / 2 + 0.6, 0, seat + up), (1.8, wide, 5)) for up in (tall * 0.45, tall - 5)]
        back = posts + rails
    if s.get("arms", False):
        for sy in (-1, 1):
            back.append(part("arm", (0, sy * (wide / 2 - 0.5), seat + 12), (deep, 2.4, 2)))
            back.append(part("arm_post", (deep / 2 - 2, sy * (wide / 2 - 0.5), seat), (2, 2, 12)))
    return [*legs, part("seat", (0, 0, seat - 2.4), (deep, wide, 2.4)), *back]


def _block(body: Body, s: Settings) -> list[Solid]:
    at = (*s.get("at", (0, 0)), 0)[:3]
    return [box("block", s.get("paint", "wood"), at, s.get("size", (24, 30, 10)), s.get("turned", 0))]


def _stairs(body: Body, s: Settings) -> list[Solid]:
    x, y, _ = (*s.get("at", (0, 0)), 0)[:3]
    rise, tread, wide = s.get("rise", 9), s.get("tread", 16), s.get("width", 36)
    return [
        box(f"stair{n}", "wood", (x + tread * (n + 0.5), y, 0), (tread, wide, rise * (n + 1)))
        for n in range(s.get("count", 2))
    ]


def _wall(body: Body, s: Settings) -> list[Solid]:
    if "behind" in s:
        (x1, x2) = s.get("x", (-45, 45))
        return [box("wall", "wall", ((x1 + x2) / 2, s["behind"] + 1.5, 0), (x2 - x1, 3, s.get("height", 104)))]
    wide = s.get("width", 44)
    if "side" in s:  # a wall seen edge on from the front, at this y
        return [box("wall", "wall", (s.get("x", 0), s["side"], 0), (wide, 3, s.get("height", 104)))]
    return [box("wall", "wall", (s.get("x", 20), 0, 0), (3, wide, s.get("height", 104)))]


def _counter(body: Body, s: Settings) -> list[Solid]:
    x, y, _ = (*s.get("at", (24, 0)), 0)[:3]
    height, deep, wide = s.get("height", 54), s.get("depth", 20), s.get("width", 50)
    top = box("counter_top", "wood", (x, y, height - 3), (deep, wide, 3), s.get("turned", 0))
    under = box("counter", "cabinet", (x, y, 0), (deep - 3, wide - 3, height - 3), s.get("turned", 0))
    return [under, top]


def _doorway(body: Body, s: Settings) -> list[Solid]:
    x, half, height = s.get("x", 0), s.get("half", 24), s.get("height", 112)
    posts = [box("post", "wall", (x, sy * (half + 2), 0), (4, 4, height)) for sy in (-1, 1)]
    return [*posts, box("lintel", "wall", (x, 0, height), (4, 2 * half + 8, 4))]


def _pillow(body: Body, s: Settings) -> list[Solid]:
    return [cushion("pillow", "linen", where(body, s), s.get("size", (18, 26, 6)), s.get("turned", 0))]


def _towel(body: Body, s: Settings) -> list[Solid]:
    """A rolled towel that lies across."""
    middle, half, radius = where(body, s), s.get("length", 20) / 2, s.get("radius", 2.6)
    way = vector(s.get("axis", (0, 1, 0)))
    return [cylinder("towel", "towel", middle - half * way, middle + half * way, radius)]


def _strap(body: Body, s: Settings) -> list[Solid]:
    return [tube("strap", s.get("paint", "strap"), _points(body, s["path"]), s.get("radius", 0.55))]


def _band(body: Body, s: Settings) -> list[Solid]:
    """A loop around both legs: the hull of a ring at each place, as high as the band is wide."""
    places = [PLACES[name] for name in s.get("around", ("thigh_low_R", "thigh_low_L"))]
    along = unit(sum((body.turn[place.bone][:, 2] for place in places), np.zeros(3)))
    flat = facing(body.turn["pelvis"][:, 0], along)
    half, size = s.get("width", 2.6) / 2, s.get("thick", 3.9)
    rows = [
        [*(body.point(place.bone, vector((0.2, 0, place.offset[2]))) + flat @ spot), 0.4]
        for place in places
        for step in range(8)
        for z in (-half, half)
        for spot in [vector((size * cos(pi * step / 4), size * sin(pi * step / 4), z))]
    ]
    return [Solid("band", "band", [np.array(rows)])]


def _roller(body: Body, s: Settings) -> list[Solid]:
    middle, half, radius = where(body, s), s.get("length", 34) / 2, s.get("radius", 6.4)
    way = unit(vector(s.get("axis", (0, 1, 0))))
    return [cylinder("roller", "roller", middle - half * way, middle + half * way, radius)]


def _ball(body: Body, s: Settings) -> list[Solid]:
    return [Solid("ball", s.get("paint", "ball"), [np.array([[*where(body, s), s.get("radius", 3.4)]])])]


def _dowel(body: Body, s: Settings) -> list[Solid]:
    return [tube("dowel", "wood", _points(body, s["path"]), s.get("radius", 0.8))]


def _weight(body: Body, s: Settings) -> list[Solid]:
    """A dumbbell in each hand that is named."""
    found = []
    for side in s.get("hands", ("R", "L")):
        middle = PLACES[f"grip_{side}"].point(body)
        way = body.turn[f"hand_{side}"] @ vector((1.0, 0, 0))
        found.append(tube("bar", "iron", [middle - 4.6 * way, middle + 4.6 * way], 0.8))
        for end in (-1, 1):
            found.append(cylinder("plate", "iron", middle + end * 3.2 * way, middle + end * 5.6 * way, 2.3))
    return found


def _crate(body: Body, s: Settings) -> list[Solid]:
    """A box to lift, on the floor or in the hands."""
    at, size = where(body, s), s.get("size", (16, 22, 14))
    return [box("crate", "wood", at, size)]


def _poles(body: Body, s: Settings) -> list[Solid]:
    """A walking pole in each hand, whose tips are at these points of the floor, right one first."""
    found = []
    for side, (x, y) in zip(SIDES, s["tips"], strict=True):
        top = PLACES[f"grip_{side}"].point(body) + vector((0, 0, 2.4))
        found.append(tube("pole", "iron", [top, vector((x, y, 0.4))], 0.55))
    return found


def _pool(body: Body, s: Settings) -> list[Solid]:
    return [Solid("water", "water", water=s.get("level", 66))]


def _noodle(body: Body, s: Settings) -> list[Solid]:
    return [tube("noodle", "noodle", _points(body, s["path"]), s.get("radius", 2.6))]


def _bike(body: Body, s: Settings) -> list[Solid]:
    """A stationary bike that faces right: saddle, handlebar, wheel and frame."""
    x, y, _ = (*s.get("at", (0, 0)), 0)[:3]
    saddle, crank = vector((x, y, s.get("saddle", 46))), vector((x + 11, y, s.get("crank", 15)))
    bars, wheel = vector((x + 36, y, 66)), vector((x + 36, y, 14))

    def bar(start: Array, end: Array, radius: float = 1.1) -> Solid:
        return tube("frame", "iron", [start, end], radius)

    feet = [bar(vector((fx, y - 9, 1)), vector((fx, y + 9, 1))) for fx in (x - 6, x + 40)]
    pedal = [
        bar(crank + vector((0, sy, 0)), body.point(f"foot_{side}", vector((5.5, 0, -4.2))), 0.8)
        for side, sy in (("R", -4), ("L", 4))
    ]
    handles = [bar(bars + vector((0, -9, 0)), bars + vector((0, 9, 0))), bar(bars, bars + vector((-4, 0, 2)))]
    seat = cushion("saddle", "iron", saddle + vector((0, 0, -3)), (15, 9, 3))
    disc = cylinder("wheel", "roller", wheel + vector((0, -2, 0)), wheel + vector((0, 2, 0)), 12)
    frame = [
        bar(vector((x - 6, y, 1)), vector((x + 40, y, 1))),
        bar(vector((x - 2, y, 1)), saddle),
        bar(saddle * vector((1, 1, 0.55)), crank),
        bar(crank, wheel),
        bar(wheel, bars),
    ]
    return [*feet, *frame, disc, seat, *handles, *pedal]


def _clock(body: Body, s: Settings) -> list[Solid]:
    middle = where(body, s)
    face = Solid("clock", "linen", [np.array([[*middle, s.get("radius", 7)]])])
    front = middle + vector((0, -7.2, 0))
    hands = [tube("hand", "iron", [front, front + vector((dx, 0, dz))], 0.45) for dx, dz in ((0, 5), (3, 1.6))]
    return [face, *hands]


KINDS: dict[str, Callable[[Body, Settings], list[Solid]]] = {
    "mat": _mat,
    "bed": _bed,
    "chair": _chair,
    "block": _block,
    "stairs": _stairs,
    "wall": _wall,
    "counter": _counter,
    "doorway": _doorway,
    "pillow": _pillow,
    "towel": _towel,
    "strap": _strap,
    "band": _band,
    "roller": _roller,
    "ball": _ball,
    "dowel": _dowel,
    "weight": _weight,
    "crate": _crate,
    "poles": _poles,
    "pool": _pool,
    "noodle": _noodle,
    "bike": _bike,
    "clock": _clock,
}


def solids(props: Sequence[Settings], body: Body, frame: str) -> list[Solid]:
    """Return what the props of a pose look like in one frame; a prop with `frames` is only in these."""
    return [
        solid for prop in props if frame in prop.get("frames", (frame,)) for solid in KINDS[prop["kind"]](body, prop)
    ]
