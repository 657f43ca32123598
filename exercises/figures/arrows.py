"""Movement arrows: drawn along the way that a place on the body really takes, or where a pose says."""

from itertools import pairwise

import numpy as np

from exercises.figures.geometry import Array
from exercises.figures.motion import Movement
from exercises.figures.palette import ARROW
from exercises.figures.pen import SCALE, Box, polygon
from exercises.figures.places import PLACES
from exercises.figures.poses import Arrow
from exercises.figures.posing import Posed

SAMPLES = 9
SHORTEST = 11.0
HEAD = 4.2
SHAFT = 15


def path_of(arrow: Arrow, movement: Movement | None, posed: Posed, axes: Array) -> Array | None:
    """Return the points of an arrow on the page (rows x, y), or None when there is no movement to show."""
    place = PLACES[arrow.place]
    if arrow.along is not None:
        start = place.point(posed.body) + arrow.shift
        ends = np.array([start, start + arrow.size * arrow.along]) @ axes.T
        return np.array([ends[0, :2] + share * (ends[1, :2] - ends[0, :2]) for share in np.linspace(0, 1, 4)])
    if movement is None:
        return None
    way = np.array([place.point(movement.at(share)) + arrow.shift for share in np.linspace(0, 1, SAMPLES)])
    seen = (way @ axes.T)[:, :2]
    travelled = float(np.sqrt((np.diff(seen, axis=0) ** 2).sum(axis=1)).sum())
    if travelled < 0.4:
        return None
    if travelled < SHORTEST:
        middle = seen.mean(axis=0)
        seen = middle + (seen - middle) * (SHORTEST / travelled)
    return seen


def drawn(points: Array, *, two_way: bool) -> str:
    """Return the arrow as SVG: a light edge, so that it reads on any ground, then shaft and head."""
    tip, back = points[-1], _back_along(points, HEAD)
    tail = points[0]
    shaft = _cut(points, HEAD * 0.8)
    if two_way:
        shaft = _cut(shaft[::-1], HEAD * 0.8)[::-1]
    line = _smooth(shaft)
    heads = [_head(tip, back)]
    if two_way:
        heads.append(_head(tail, _back_along(points[::-1], HEAD)))
    head = "".join(heads)
    return (
        f'<path d="{line}" fill="none" stroke="#fff" stroke-width="{SHAFT + 13}" stroke-linecap="round"/>'
        f'<path d="{head}" fill="#fff" stroke="#fff" stroke-width="13"/>'
        f'<path d="{line}" fill="none" stroke="{ARROW}" stroke-width="{SHAFT}" stroke-linecap="round"/>'
        f'<path d="{head}" fill="{ARROW}"/>'
    )


def room_of(points: Array) -> Box:
    """Return the room an arrow takes."""
    low, high = points.min(axis=0) - 2, points.max(axis=0) + 2
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _back_along(points: Array, length: float) -> Array:
    """The point of the way that is this far before its end."""
    left = length
    for a, b in zip(points[::-1], points[-2::-1], strict=False):
        step = float(np.hypot(*(b - a)))
        if step >= left:
            return np.asarray(a + (b - a) * (left / step))
        left -= step
    return np.asarray(points[0])


def _cut(points: Array, length: float) -> Array:
    """The way without its last piece."""
    left = length
    kept = list(points)
    while len(kept) > 1:
        step = float(np.hypot(*(kept[-1] - kept[-2])))
        if step > left:
            kept[-1] = kept[-1] + (kept[-2] - kept[-1]) * (left / step)
            break
        left -= step
        kept.pop()
    return np.array(kept)


def _head(tip: Array, back: Array) -> str:
    way = tip - back
    way = way / max(float(np.hypot(*way)), 1e-6)
    side = np.array([-way[1], way[0]])
    base = tip - way * HEAD
    return polygon([tuple(corner) for corner in (tip, base + side * HEAD * 0.52, base - side * HEAD * 0.52)])


def _smooth(points: Array) -> str:
    """A curve through the middles of the way's pieces."""
    spots = [(round(float(x) * SCALE), round(-float(y) * SCALE)) for x, y in points]
    data = f"M{spots[0][0]} {spots[0][1]}"
    for (ax, ay), (bx, by) in pairwise(spots[1:]):
        data += f"Q{ax} {ay} {(ax + bx) // 2} {(ay + by) // 2}"
    return data + f"L{spots[-1][0]} {spots[-1][1]}"
