"""What is drawn, piece by piece, as the eye sees it, and in which order the pieces cover each other.

Each piece knows how near it is at the points of a coarse grid. Where two pieces overlap, the one that is farther
in sum is painted first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

import numpy as np

from exercises.figures.body import Anatomy, Part, anatomy
from exercises.figures.geometry import Array, cross, unit
from exercises.figures.props import RING, Solid

STEP = 1.1
MOST_DIFFERENCE = 3.0
NOWHERE = 1e6

# The corners of each face of a box, in order around it; corners count x fastest, then y, then z.
BOX_FACES = ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5))
BOX_TONES = ("under", "top", "y", "y", "x", "x")
BOX_EDGE = 0.25
ALWAYS = (
    *(("pelvis", "torso"), ("neck", "torso"), ("neck", "head")),
    *(("thigh_R", "band"), ("thigh_L", "band")),  # it goes round both
)


@dataclass(slots=True)
class Piece:
    """Seen spheres (x, y, depth, radius), and the depth of the piece on the grid from `corner` on."""

    name: str
    spheres: Array
    corner: tuple[int, int] = (0, 0)
    depth: Array = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def mean_depth(self) -> float:
        """How far away it is, all in all."""
        return float(self.spheres[:, 2].mean())

    def covers(self, x: float, y: float) -> bool:
        """Whether it is seen at a point of the page."""
        row, column = round(y / STEP) - self.corner[1], round(x / STEP) - self.corner[0]
        height, width = self.depth.shape
        return 0 <= row < height and 0 <= column < width and bool(self.depth[row, column] < NOWHERE)


@dataclass(slots=True)
class PartPiece(Piece):
    """A part of the body."""

    part: Part = field(kw_only=True)


@dataclass(slots=True)
class SolidPiece(Piece):
    """A thing made of hulls of spheres."""

    solid: Solid = field(kw_only=True)


@dataclass(slots=True)
class BoxPiece(Piece):
    """A box, with its faces as the eye sees them."""

    solid: Solid = field(kw_only=True)
    faces: Array = field(kw_only=True)


def of_body(build: str, seen: Array, grips: Mapping[str, str]) -> list[PartPiece]:
    """Return the pieces of a body whose spheres are seen so; a hand is drawn open or as a fist."""
    pieces = []
    for name, part in anatomy(build).parts.items():
        if name.startswith("hand") and not name.endswith(grips.get(name[5], "open")):
            continue
        rows, pairs = _fillings(build, name)
        between = (seen[pairs[:, 0]] + seen[pairs[:, 1]]) / 2
        piece = PartPiece(name.removesuffix("_open").removesuffix("_fist"), np.vstack((seen[rows], between)), part=part)
        _map(piece)
        pieces.append(piece)
    return pieces


@cache
def _fillings(build: str, name: str) -> tuple[Array, Array]:
    """The spheres of a part, and pairs of them whose middle also lies in it."""
    flesh: Anatomy = anatomy(build)
    part = flesh.parts[name]
    pairs = {
        (one, two)
        for region in part.regions
        for hull in region.hulls
        for one, two in combinations(hull, 2)
        if len(hull) <= 5 or (one + two) % 3 == 0
    }
    return np.array(part.balls, dtype=int), np.array(sorted(pairs), dtype=int)


def of_solid(solid: Solid, axes: Array) -> Piece:
    """Return the piece of a prop."""
    if solid.corners is not None:
        corners = solid.corners @ axes.T
        spheres = np.column_stack((corners, np.full(len(corners), BOX_EDGE)))
        box = BoxPiece(solid.name, spheres, solid=solid, faces=np.array([corners[list(face)] for face in BOX_FACES]))
        _map_box(box)
        return box
    seen = [np.column_stack((hull[:, :3] @ axes.T, hull[:, 3])) for hull in solid.hulls]
    piece = SolidPiece(solid.name, np.vstack([*seen, *(_between(hull) for hull in seen)]), solid=solid)
    _map(piece)
    return piece


def _between(hull: Array) -> Array:
    """More spheres inside a hull, so close that no gap is left between them."""
    pairs = np.array(list(combinations(range(len(hull)), 2)), dtype=int).reshape(-1, 2)
    count = 3 if len(hull) < RING else 1
    if len(hull) == 2:
        count = max(count, int(np.abs(hull[1, :2] - hull[0, :2]).max() / 1.5))
    shares = [(step + 1) / (count + 1) for step in range(count)]
    return np.vstack([hull[:0], *(hull[pairs[:, 0]] * share + hull[pairs[:, 1]] * (1 - share) for share in shares)])


def _grid(spheres: Array) -> tuple[tuple[int, int], Array, Array]:
    low = np.floor((spheres[:, :2] - spheres[:, 3:]).min(axis=0) / STEP).astype(int)
    high = np.ceil((spheres[:, :2] + spheres[:, 3:]).max(axis=0) / STEP).astype(int)
    return (
        (int(low[0]), int(low[1])),
        np.arange(low[0], high[0] + 1) * STEP,
        np.arange(low[1], high[1] + 1) * STEP,
    )


def _map(piece: Piece) -> None:
    """Find the nearest point of any of the spheres at each point of the grid."""
    s = piece.spheres
    piece.corner, xs, ys = _grid(s)
    across = (xs[None, :] - s[:, 0, None]) ** 2
    along = s[:, 3, None] ** 2 - (ys[None, :] - s[:, 1, None]) ** 2
    inside = along[:, :, None] - across[:, None, :]
    depth = np.where(inside > 0, s[:, 2, None, None] - np.sqrt(np.maximum(inside, 0)), NOWHERE)
    piece.depth = depth.min(axis=0)


def box_normals(faces: Array) -> list[Array]:
    """Return the direction that each face of a box looks in."""
    centre = faces.reshape(-1, 3).mean(axis=0)
    normals = [unit(cross(face[1] - face[0], face[2] - face[0])) for face in faces]
    return [normal if normal @ (face[0] - centre) > 0 else -normal for normal, face in zip(normals, faces, strict=True)]


def _map_box(piece: BoxPiece) -> None:
    """Find where a line from the viewer goes into the box, at each point of the grid."""
    piece.corner, xs, ys = _grid(piece.spheres)
    x, y = np.meshgrid(xs, ys)
    near, far = np.full(x.shape, -NOWHERE), np.full(x.shape, NOWHERE)
    for face, normal in zip(piece.faces, box_normals(piece.faces), strict=True):
        left = face[0] @ normal - x * normal[0] - y * normal[1]
        if abs(normal[2]) < 1e-6:
            far = np.where(left < -BOX_EDGE, -NOWHERE, far)
        elif normal[2] < 0:
            near = np.maximum(near, left / normal[2])
        else:
            far = np.minimum(far, left / normal[2])
    piece.depth = np.where(near <= far, near, NOWHERE)


def farther(one: Piece, other: Piece) -> float:
    """Return by how much the first lies farther away where both are seen; 0 when they don't overlap."""
    (ax, ay), (bx, by) = one.corner, other.corner
    left, low = max(ax, bx), max(ay, by)
    right = min(ax + one.depth.shape[1], bx + other.depth.shape[1])
    high = min(ay + one.depth.shape[0], by + other.depth.shape[0])
    if right <= left or high <= low:
        return 0.0
    a = one.depth[low - ay : high - ay, left - ax : right - ax]
    b = other.depth[low - by : high - by, left - bx : right - bx]
    both = (a < NOWHERE) & (b < NOWHERE)
    return float(np.clip(a[both] - b[both], -MOST_DIFFERENCE, MOST_DIFFERENCE).sum())


def ordered(pieces: Sequence[Piece], forced: Sequence[tuple[str, str]] = ()) -> list[Piece]:
    """Return the pieces as they are painted, farthest first; `forced` names pairs whose order is given.

    Where pieces lie before each other in a circle, the one that would hide least is painted next.
    """
    must = {*ALWAYS, *forced}
    before: dict[tuple[int, int], float] = {}
    for i, j in combinations(range(len(pieces)), 2):
        names = (pieces[i].name, pieces[j].name)
        value = NOWHERE if names in must else -NOWHERE if names[::-1] in must else farther(pieces[i], pieces[j])
        if abs(value) > 0.05:
            before[(i, j) if value > 0 else (j, i)] = abs(value)
    left = set(range(len(pieces)))
    done: list[Piece] = []
    while left:
        behind = {i: sum(before.get((j, i), 0.0) for j in left) for i in left}
        least = min(behind.values())
        pick = max((i for i in left if behind[i] == least), key=lambda i: pieces[i].mean_depth)
        left.remove(pick)
        done.append(pieces[pick])
    return done
