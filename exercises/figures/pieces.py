"""What is drawn, piece by piece, as the eye sees it, and in which order the pieces cover each other.

Each piece knows how near it is at the points of a coarse grid. Where two pieces overlap, the one that is farther
in sum is painted first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

import numpy as np

from exercises.figures.body import Anatomy, Part
from exercises.figures.geometry import Array
from exercises.figures.props import Solid

STEP = 1.1
MOST_DIFFERENCE = 3.0
LAST = 1e6


@dataclass(slots=True)
class Piece:
    """A part of the body or a solid: seen spheres (x, y, depth, radius), and how deep it lies on the grid."""

    name: str
    spheres: Array
    part: Part | None = None
    solid: Solid | None = None
    faces: Array | None = None
    corner: tuple[int, int] = (0, 0)
    depth: Array = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def mean_depth(self) -> float:
        return float(self.spheres[:, 2].mean())


def of_body(flesh: Anatomy, placed: Array, axes: Array, grips: Mapping[str, str]) -> list[Piece]:
    """Return the pieces of a body whose spheres lie at `placed` in the world."""
    seen = np.column_stack((placed @ axes.T, flesh.radii))
    pieces = []
    for name, part in flesh.parts.items():
        if name.startswith("hand") and not name.endswith(grips.get(name[5], "open")):
            continue
        rows, pairs = _fillings(flesh, name)
        own = seen[rows]
        between = (seen[pairs[:, 0]] + seen[pairs[:, 1]]) / 2
        pieces.append(_mapped(Piece(name, np.vstack((own, between)), part=part)))
    return pieces


_FILLINGS: dict[tuple[int, str], tuple[Array, Array]] = {}


def _fillings(flesh: Anatomy, name: str) -> tuple[Array, Array]:
    """The spheres of a part, and pairs of them whose middle also lies in it."""
    key = (id(flesh), name)
    if key not in _FILLINGS:
        part = flesh.parts[name]
        pairs = set()
        for region in part.regions:
            for hull in region.hulls:
                for one, two in combinations(hull, 2):
                    if len(hull) <= 5 or (one + two) % 3 == 0:
                        pairs.add((one, two))
        _FILLINGS[key] = (np.array(part.balls, dtype=int), np.array(sorted(pairs), dtype=int))
    return _FILLINGS[key]


def of_solid(solid: Solid, axes: Array) -> Piece:
    """Return the piece of a prop."""
    if solid.corners is not None:
        corners = solid.corners @ axes.T
        spheres = np.column_stack((corners, np.full(8, 0.25)))
        return _mapped_box(Piece(solid.name, spheres, solid=solid, faces=_faces(corners)))
    rows = np.vstack(solid.hulls)
    seen = np.column_stack((rows[:, :3] @ axes.T, rows[:, 3]))
    filled = [seen]
    at = 0
    for hull in solid.hulls:
        own = seen[at : at + len(hull)]
        at += len(hull)
        if len(hull) == 2:
            shares = np.linspace(0, 1, max(3, int(np.abs(own[1, :3] - own[0, :3]).max() / 1.5)))[:, None]
            filled.append(own[0] + shares * (own[1] - own[0]))
        elif len(hull) > 2:
            pairs = np.array(list(combinations(range(len(hull)), 2)))
            for share in (0.25, 0.5, 0.75) if len(hull) < 12 else (0.5,):
                filled.append(own[pairs[:, 0]] * share + own[pairs[:, 1]] * (1 - share))
    return _mapped(Piece(solid.name, np.vstack(filled), solid=solid))


# The corners of each face of a box, in order around it; corners count x fastest, then y, then z.
BOX_FACES = ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5))
BOX_TONES = ("under", "top", "y", "y", "x", "x")


def _faces(corners: Array) -> Array:
    return np.array([corners[list(face)] for face in BOX_FACES])


def _grid(spheres: Array) -> tuple[tuple[int, int], Array, Array]:
    low = np.floor((spheres[:, :2] - spheres[:, 3:]).min(axis=0) / STEP).astype(int)
    high = np.ceil((spheres[:, :2] + spheres[:, 3:]).max(axis=0) / STEP).astype(int)
    xs = np.arange(low[0], high[0] + 1) * STEP
    ys = np.arange(low[1], high[1] + 1) * STEP
    return (int(low[0]), int(low[1])), xs, ys


def _mapped(piece: Piece) -> Piece:
    """Fill in the depth of a piece: the nearest point of any of its spheres at each point of the grid."""
    s = piece.spheres
    piece.corner, xs, ys = _grid(s)
    dx2 = (xs[None, :] - s[:, 0, None]) ** 2
    dy2 = (ys[None, :] - s[:, 1, None]) ** 2
    inside = (s[:, 3] ** 2)[:, None, None] - dy2[:, :, None] - dx2[:, None, :]
    depth = np.where(inside > 0, s[:, 2, None, None] - np.sqrt(np.maximum(inside, 0)), LAST)
    piece.depth = depth.min(axis=0)
    return piece


def _mapped_box(piece: Piece) -> Piece:
    """Fill in the depth of a box: the nearest of its faces that are met, going in from the viewer."""
    assert piece.faces is not None
    piece.corner, xs, ys = _grid(piece.spheres)
    gx, gy = np.meshgrid(xs, ys)
    centre = piece.faces.reshape(-1, 3).mean(axis=0)
    near, far = np.full(gx.shape, -LAST), np.full(gx.shape, LAST)
    for face in piece.faces:
        normal = np.cross(face[1] - face[0], face[2] - face[0])
        normal = normal / (np.sqrt(normal @ normal) + 1e-12)
        if normal @ (face[0] - centre) < 0:
            normal = -normal
        over = (face[0] @ normal) - gx * normal[0] - gy * normal[1]
        if abs(normal[2]) < 1e-6:
            far = np.where(over < -0.2, -LAST, far)
        elif normal[2] < 0:
            near = np.maximum(near, over / normal[2])
        else:
            far = np.minimum(far, over / normal[2])
    piece.depth = np.where(near <= far, near, LAST)
    return piece


def apart(one: Piece, other: Piece) -> float:
    """Return by how much the first lies farther away where both are seen; 0 when they don't overlap."""
    (ax, ay), (bx, by) = one.corner, other.corner
    left, low = max(ax, bx), max(ay, by)
    right = min(ax + one.depth.shape[1], bx + other.depth.shape[1])
    high = min(ay + one.depth.shape[0], by + other.depth.shape[0])
    if right <= left or high <= low:
        return 0.0
    a = one.depth[low - ay : high - ay, left - ax : right - ax]
    b = other.depth[low - by : high - by, left - bx : right - bx]
    both = (a < LAST / 2) & (b < LAST / 2)
    if not both.any():
        return 0.0
    return float(np.clip(a[both] - b[both], -MOST_DIFFERENCE, MOST_DIFFERENCE).sum())


FORCED = (("pelvis", "torso"), ("neck", "torso"), ("neck", "head"))


def ordered(pieces: Sequence[Piece], forced: Sequence[tuple[str, str]] = ()) -> list[Piece]:
    """Return the pieces in the order to paint them, farthest first; where three go in a circle, the weakest yields."""
    must = {*FORCED, *forced}
    weight: dict[tuple[int, int], float] = {}
    for i, j in combinations(range(len(pieces)), 2):
        names = (pieces[i].name, pieces[j].name)
        if names in must:
            weight[i, j] = LAST
        elif names[::-1] in must:
            weight[j, i] = LAST
        else:
            value = apart(pieces[i], pieces[j])
            if value > 0.05:
                weight[i, j] = value
            elif value < -0.05:
                weight[j, i] = -value
    left = set(range(len(pieces)))
    depth = [piece.mean_depth for piece in pieces]
    done: list[Piece] = []
    while left:
        free = [i for i in left if not any((j, i) in weight for j in left)]
        if free:
            pick = max(free, key=lambda i: depth[i])
        else:
            pick = min(left, key=lambda i: sum(weight.get((j, i), 0.0) for j in left))
        left.remove(pick)
        done.append(pieces[pick])
    return done


@cache
def seam_names(name: str) -> str:
    """Return the name of a part without its grip."""
    return name.rsplit("_", 1)[0] if name.startswith("hand") else name
