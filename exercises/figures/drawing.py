"""Draws a posed body with its props as flat SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from exercises.figures import hulls, pieces, props
from exercises.figures.body import Anatomy, anatomy
from exercises.figures.camera import Camera
from exercises.figures.geometry import Array, unit
from exercises.figures.muscles import MUSCLES
from exercises.figures.palette import ARROW, INK, PALETTES, THINGS, TONES, Palette
from exercises.figures.pieces import Piece
from exercises.figures.poses import Highlight, Pose
from exercises.figures.skeleton import Body

SCALE = 10
EDGE = 9
SEEN_FROM = 0.22
HEAD_TURNED = 0.3


@dataclass(slots=True)
class Box:
    """A part of the page, in hundredths of the standing height; y runs up."""

    left: float
    low: float
    right: float
    high: float

    def with_(self, other: "Box") -> "Box":
        """Return the smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.low, other.low),
            max(self.right, other.right),
            max(self.high, other.high),
        )


@dataclass(slots=True)
class Drawing:
    """The inside of a picture: SVG elements, the room they take, which muscles can be seen."""

    elements: str
    room: Box
    shown: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Look:
    """Who is drawn."""

    palette: Palette = PALETTES[0]
    build: str = "slim"


class Pen:
    """Writes paths; each region is outlined and filled from one path by its id, which keeps files small."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.count = 0
        self.out: list[str] = []

    def region(self, data: str, fill: str, line: str, width: int = EDGE) -> None:
        """Draw hulls as one shape: their outline around all of them, and no line where they meet."""
        self.count += 1
        name = f"{self.prefix}{self.count}"
        self.out.append(
            f'<g stroke="{line}" stroke-width="{width}" fill="{line}"><path id="{name}" d="{data}"/></g>'
            f'<use href="#{name}" fill="{fill}"/>'
        )

    def fill(self, data: str, fill: str, more: str = "") -> None:
        """Fill a path."""
        self.out.append(f'<path d="{data}" fill="{fill}"{more}/>')

    def stroke(self, data: str, line: str, width: float, more: str = "") -> None:
        """Draw along a path."""
        self.out.append(f'<path d="{data}" fill="none" stroke="{line}" stroke-width="{width:g}"{more}/>')


def draw(pose: Pose, body: Body, grips: Mapping[str, str], frame: str, look: Look, prefix: str = "p") -> Drawing:
    """Return the picture of a posed body with props and shown muscles."""
    return _Artist(pose, body, grips, frame, look, prefix).drawing()


class _Artist:
    def __init__(
        self, pose: Pose, body: Body, grips: Mapping[str, str], frame: str, look: Look, prefix: str
    ) -> None:
        self.pose, self.body, self.look, self.frame = pose, body, look, frame
        self.flesh: Anatomy = anatomy(look.build)
        self.camera = Camera(*pose.view)
        self.axes = self.camera.axes
        placed = self.flesh.place(body)
        self.seen = np.column_stack((placed @ self.axes.T, self.flesh.radii))
        things = props.solids(pose.props, body, frame)
        self.water = next((solid.water for solid in things if solid.water is not None), None)
        parts = pieces.of_body(self.flesh, placed, self.axes, grips)
        self.things = [pieces.of_solid(solid, self.axes) for solid in things if solid.water is None]
        self.order = pieces.ordered([*parts, *self.things], self._under_the_shirt())
        self.parts = {pieces.seam_names(piece.name): piece for piece in parts}
        self.pen = Pen(prefix)
        self.shown: set[tuple[str, str]] = set()
        self.far = self._far_side()

    def drawing(self) -> Drawing:
        room = self._room()
        self._ground(room)
        painted: list[Piece] = []
        muscles = self._muscles()
        for piece in self.order:
            if piece.part is None:
                self._thing(piece)
            else:
                self._part(piece, painted)
            painted.append(piece)
            done = {pieces.seam_names(each.name) for each in painted}
            for needs, highlight, side in [m for m in muscles if m[0] <= done]:
                muscles.remove((needs, highlight, side))
                self._muscle(highlight, side)
        self._surface(room)
        return Drawing("".join(self.pen.out), room, self.shown)

    def _under_the_shirt(self) -> list[tuple[str, str]]:
        """Thighs that hang from the hips are under the hem of the shirt; raised ones are before it."""
        hanging = (
            side for side in "RL" if float(self.body.turn["pelvis"][:, 0] @ -self.body.turn[f"thigh_{side}"][:, 2]) < 0.6
        )
        return [(f"thigh_{side}", "torso") for side in hanging]

    def _far_side(self) -> str:
        """The side whose limbs are drawn darker: the one that is farther away, unless one looks from ahead."""
        away = float(self.axes[2] @ self.body.turn["pelvis"][:, 1])
        return "" if abs(away) < 0.33 else "L" if away > 0 else "R"

    def _room(self) -> Box:
        edges = np.vstack([piece.spheres for piece in self.order])
        low, high = edges[:, :2] - edges[:, 3:], edges[:, :2] + edges[:, 3:]
        return Box(*(float(v) for v in (*low.min(axis=0), *high.max(axis=0))))

    # Things

    def _ground(self, room: Box) -> None:
        kinds = {prop["kind"] for prop in self.pose.props}
        if kinds & {"bed", "pool"} or (kinds & {"mat"} and not self.camera.level):
            return
        if self.camera.level:
            y = -1.4 if "mat" in kinds else -0.5
            left, right = round((room.left - 5) * SCALE), round((room.right + 5) * SCALE)
            height = round(-y * SCALE)
            self.pen.stroke(f"M{left} {height}H{right}", "#aeb9c0", 8)
            room.left, room.right, room.low = room.left - 5, room.right + 5, min(room.low, y - 0.6)

    def _thing(self, piece: Piece) -> None:
        assert piece.solid is not None
        side, top, line = THINGS[piece.solid.paint]
        if piece.faces is not None:
            self._box(piece, side, top, line)
            return
        at = 0
        data = []
        for hull in piece.solid.hulls:
            rows = piece.spheres[at : at + len(hull)]
            at += len(hull)
            data.append(hulls.path([(x, y, r) for x, y, _, r in rows.tolist()], SCALE))
        self.pen.region("".join(data), side, line, 7)
        if piece.solid.name in {"roller", "towel", "wheel", "plate"}:
            self._end(piece, top, line)

    def _end(self, piece: Piece, top: str, line: str) -> None:
        """The flat end of a cylinder that looks at the viewer."""
        rows = piece.spheres[:24]
        ends = rows[:12], rows[12:]
        near = min(ends, key=lambda end: end[:, 2].mean())
        self.pen.region(hulls.path([(x, y, r) for x, y, _, r in near.tolist()], SCALE), top, line, 5)

    def _box(self, piece: Piece, side: str, top: str, line: str) -> None:
        assert piece.faces is not None
        outline = hulls.path([(x, y, r) for x, y, _, r in piece.spheres.tolist()], SCALE)
        self.pen.region(outline, side, line, 7)
        for face, tone in zip(piece.faces, pieces.BOX_TONES, strict=True):
            normal = np.cross(face[1] - face[0], face[2] - face[0])
            centre = piece.faces.reshape(-1, 3).mean(axis=0)
            away = normal[2] * (1 if normal @ (face[0] - centre) > 0 else -1)
            area = abs(normal[2])
            if away < 0 and area > 0.4 and tone in {"top", "x"}:
                data = "M" + "L".join(f"{round(x * SCALE)} {round(-y * SCALE)}" for x, y, _ in face.tolist()) + "z"
                shade = top if tone == "top" else side
                more = f' stroke="{line}" stroke-width="4"'
                self.pen.fill(data, shade, more)

    def _surface(self, room: Box) -> None:
        """Water, over all that stands in it."""
        if self.water is None:
            return
        height = float(self.axes[1, 2]) * self.water
        left, right, low = room.left - 8, room.right + 8, room.low - 2
        room.left, room.right, room.low = left, right, low
        side, _, line = THINGS["water"]
        x1, x2, y1, y2 = (round(v * SCALE) for v in (left, right, -height, -low))
        waves = (x2 - x1) // 80
        crest = f"M{x1} {y1}" + "".join("q20-14 40 0t40 0" for _ in range(waves)) + f"H{x2}"
        self.pen.fill(f"{crest}V{y2}H{x1}z", side, ' fill-opacity=".38"')
        self.pen.stroke(crest, line, 8)

    # Body

    def _colour(self, paint: str, name: str) -> str:
        far = self.far and name[-1:] == self.far or f"_{self.far}_" in name
        return str(getattr(self.look.palette, f"{paint}_far" if far and paint != "hair" else paint))

    def _path(self, hull_rows: Sequence[Sequence[int]]) -> str:
        seen = self.seen
        return "".join(
            hulls.path([(x, y, r) for x, y, _, r in seen[list(rows)].tolist()], SCALE) for rows in hull_rows
        )

    def _part(self, piece: Piece, painted: list[Piece]) -> None:
        part = piece.part
        assert part is not None
        line = self.look.palette.line
        if part.name == "head":
            self._head(piece)
        else:
            for region in self._regions(piece):
                self.pen.region(self._path(region.hulls), self._colour(region.paint, part.name), line)
        self._seams(piece, painted, line)

    def _regions(self, piece: Piece) -> Sequence:
        """Cloth last, unless the limb points at the viewer: then the skin comes out of it."""
        assert piece.part is not None
        regions = piece.part.regions
        if len(regions) < 2:
            return regions
        down = -self.body.turn[piece.part.bone][:, 2]
        return regions if float(self.axes[2] @ down) < -0.12 else regions[::-1]

    def _seams(self, piece: Piece, painted: list[Piece], line: str) -> None:
        """Paint over the line between two parts of one limb, now that both are there."""
        earlier = {each.name: i for i, each in enumerate(painted)}
        for (one, two), (rows, paint) in self.flesh.seams.items():
            if piece.name not in {one, two}:
                continue
            other = two if piece.name == one else one
            if other not in earlier:
                continue
            if one == "pelvis" and piece.name != two and self.far and two.endswith(self.far):
                continue
            if one == "pelvis" and two.endswith(self.far or "-"):
                continue
            between = painted[earlier[other] + 1 :]
            if any(self._covers(each, rows) for each in between):
                continue
            self.pen.fill(self._path([rows]), self._colour(paint, two))

    def _covers(self, piece: Piece, rows: Sequence[int]) -> bool:
        """Whether a piece that was painted in between is seen where a seam would be."""
        x, y = self.seen[list(rows), :2].mean(axis=0)
        col, row = round(x / pieces.STEP) - piece.corner[0], round(y / pieces.STEP) - piece.corner[1]
        height, width = piece.depth.shape
        return 0 <= row < height and 0 <= col < width and bool(piece.depth[row, col] < pieces.LAST / 2)

    def _head(self, piece: Piece) -> None:
        part = piece.part
        assert part is not None
        palette = self.look.palette
        turn = self.body.turn["head"]
        ahead = float(self.axes[2] @ turn[:, 0])  # below 0: it looks at the viewer
        base, hair, face, ears = part.regions
        skin = palette.skin
        if ahead < HEAD_TURNED:
            self.pen.region(self._path(base.hulls), skin, palette.line)
            self.pen.region(self._path(hair.hulls), palette.hair, palette.line)
            self.pen.fill(self._path(face.hulls), skin)
            self._face_edge(face)
            self._features(turn)
        else:
            self.pen.region(self._path(base.hulls), skin, palette.line)
            self.pen.region(self._path(hair.hulls), palette.hair, palette.line)
        for ear, y in zip(ears.hulls, (-1.0, 1.0), strict=True):
            if float(self.axes[2] @ (turn[:, 1] * y)) < -0.15:
                self.pen.region(self._path([ear]), skin, palette.line, 6)

    def _face_edge(self, face: object) -> None:
        """Nothing: the outline of the face was drawn with the skull."""

    def _features(self, turn: Array) -> None:
        """A closed eye, a brow and a calm mouth, where they look at the viewer."""
        line = self.look.palette.line
        for y in (-1.0, 1.0):
            outward = unit(turn @ np.array([1.0, y * 0.95, 0.0]))
            if float(self.axes[2] @ outward) > 0.1:
                continue
            eye = self._spots([(5.0, y * 1.15, 2.75), (4.75, y * 1.9, 2.45), (4.15, y * 2.65, 2.8)])
            self.pen.stroke(_curve(eye), line, 4.5, ' stroke-linecap="round"')
            brow = self._spots([(5.1, y * 1.0, 4.4), (4.85, y * 1.9, 4.85), (4.1, y * 2.75, 4.45)])
            self.pen.stroke(_curve(brow), self.look.palette.hair, 5, ' stroke-linecap="round"')
        if float(self.axes[2] @ turn[:, 0]) < 0.15:
            mouth = [(4.75, -1.35, -0.75), (5.15, 0, -1.0), (4.75, 1.35, -0.75)]
            side = float(self.axes[2] @ turn[:, 1])
            if abs(side) > 0.6:
                near = 1.0 if side < 0 else -1.0
                mouth = [(5.15, near * 0.25, -0.95), (4.9, near * 0.9, -0.95), (4.5, near * 1.5, -0.7)]
            self.pen.stroke(_curve(self._spots(mouth)), line, 4.5, ' stroke-linecap="round"')

    def _spots(self, points: Sequence[tuple[float, float, float]]) -> list[tuple[int, int]]:
        found = []
        for point in points:
            x, y, _ = self.axes @ self.body.point("head", np.array(point))
            found.append((round(x * SCALE), round(-y * SCALE)))
        return found

    # Muscles

    def _muscles(self) -> list[tuple[set[str], Highlight, str]]:
        found = []
        for highlight in self.pose.highlights:
            muscle = MUSCLES[highlight.muscle]
            for side in highlight.sides:
                parts = {_part_of(bone, side) for bone, *_ in muscle.chain}
                found.append((parts, highlight, side))
        return found

    def _muscle(self, highlight: Highlight, side: str) -> None:
        muscle = MUSCLES[highlight.muscle]
        sign = 1.0 if side == "L" else -1.0
        x, y, z = muscle.outward
        outward = self.body.turn[_own(muscle.bone, side)] @ unit(np.array([x, sign * y, z]))
        if float(self.axes[2] @ outward) > SEEN_FROM:
            return
        circles = []
        for bone, cx, cy, cz, radius in muscle.chain:
            at = self.axes @ self.body.point(_own(bone, side), np.array([cx, sign * cy, cz]))
            circles.append((float(at[0]), float(at[1]), radius))
        data = "".join(hulls.path(pair, SCALE) for pair in zip(circles, circles[1:], strict=False))
        fill, line = TONES[highlight.tone]
        self.pen.region(data, fill, line, 5)
        if highlight.tone == "release":
            self.pen.stroke(_stripes(circles), line, 3.4)
        elif highlight.tone == "restore":
            self.pen.fill(_dots(circles), line)
        self.shown.add((highlight.muscle, side))


def _own(bone: str, side: str) -> str:
    single = bone == "pelvis" or bone == "head" or bone.startswith(("lumbar", "chest", "neck"))
    return bone if single else f"{bone}_{side}"


def _part_of(bone: str, side: str) -> str:
    if bone.startswith(("lumbar", "chest")):
        return "torso"
    return "neck" if bone.startswith("neck") else _own(bone, side)


def _curve(points: Sequence[tuple[int, int]]) -> str:
    (ax, ay), (bx, by), (cx, cy) = points
    return f"M{ax} {ay}Q{2 * bx - (ax + cx) // 2} {2 * by - (ay + cy) // 2} {cx} {cy}"


def _along(circles: Sequence[tuple[float, float, float]], step: float) -> list[tuple[float, float, float, float, float]]:
    """Points along a chain: x, y, radius, and the direction there."""
    found = []
    carry = step / 2
    for (ax, ay, ar), (bx, by, br) in zip(circles, circles[1:], strict=False):
        apart = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        if apart < 1e-6:
            continue
        ux, uy = (bx - ax) / apart, (by - ay) / apart
        at = carry
        while at < apart:
            share = at / apart
            found.append((ax + share * (bx - ax), ay + share * (by - ay), ar + share * (br - ar), ux, uy))
            at += step
        carry = at - apart
    return found


def _stripes(circles: Sequence[tuple[float, float, float]]) -> str:
    out = []
    for x, y, r, ux, uy in _along(circles, 1.5):
        half = r * 0.82
        dx, dy = (-uy * half + ux * half * 0.5), (ux * half + uy * half * 0.5)
        out.append(
            f"M{round((x - dx) * SCALE)} {round(-(y - dy) * SCALE)}l{round(2 * dx * SCALE)} {round(-2 * dy * SCALE)}"
        )
    return "".join(out)


def _dots(circles: Sequence[tuple[float, float, float]]) -> str:
    return "".join(hulls.path([(x, y, 0.38)], SCALE) for x, y, r, _, _ in _along(circles, 2.2))


__all__ = ["ARROW", "INK", "SCALE", "Box", "Drawing", "Look", "draw"]
