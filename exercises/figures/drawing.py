"""Draws a posed body with its props as flat SVG."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exercises.figures import marks, pieces, props, scenery
from exercises.figures.body import Region, anatomy
from exercises.figures.camera import Camera
from exercises.figures.geometry import Array, unit, vector
from exercises.figures.muscles import MUSCLES
from exercises.figures.palette import PALETTES, Palette
from exercises.figures.pen import SCALE, Box, Drawing, Pen, hull
from exercises.figures.pieces import BoxPiece, PartPiece, Piece, SolidPiece
from exercises.figures.poses import BadPose, Highlight, Pose
from exercises.figures.skeleton import SIDES, SIGN, Body

SEEN_FROM = 0.22  # how far a muscle may look away from the viewer, as a cosine, and still be seen at the edge
TURNED_AWAY = 0.3
FROM_AHEAD = 0.33
POINTS_AT_VIEWER = -0.12
EYE = 0.42


@dataclass(frozen=True, slots=True)
class Look:
    """Who is drawn: colours and build."""

    palette: Palette = PALETTES[0]
    build: str = "slim"


def draw(pose: Pose, body: Body, grips: Mapping[str, str], frame: str, look: Look, pen: Pen) -> Drawing:
    """Return the picture of a posed body with props and shown muscles; `frame` says which props are there.

    Raises BadPose when a prop's settings can't be drawn.
    """
    return _Artist(pose, body, grips, frame, look, pen).drawing()


class _Artist:
    def __init__(self, pose: Pose, body: Body, grips: Mapping[str, str], frame: str, look: Look, pen: Pen) -> None:
        self.pose, self.body, self.palette, self.pen = pose, body, look.palette, pen
        self.flesh = anatomy(look.build)
        self.camera = Camera(*pose.view)
        self.axes = self.camera.axes
        self.seen = np.column_stack((self.flesh.place(body) @ self.axes.T, self.flesh.radii))
        solids = _solids(pose, body, frame)
        self.water = [solid.water for solid in solids if solid.water is not None]
        things = [pieces.of_solid(solid, self.axes) for solid in solids if solid.water is None]
        self.order = pieces.ordered([*pieces.of_body(look.build, self.seen, grips), *things], self._under_the_shirt())
        self.shown: set[tuple[str, str]] = set()
        self.far = self._far_side()

    def drawing(self) -> Drawing:
        room = self._room()
        scenery.floor(self.pen, room, {prop["kind"] for prop in self.pose.props}, self.camera)
        muscles = list(self._muscles())
        for number, piece in enumerate(self.order):
            self._piece(piece, self.order[:number])
            done = {each.name for each in self.order[: number + 1]}
            ready = [muscle for muscle in muscles if muscle[0] <= done]
            muscles = [muscle for muscle in muscles if muscle not in ready]
            for _, highlight, side in ready:
                self._muscle(highlight, side)
        for level in self.water:
            scenery.water(self.pen, room, level, self.camera)
        return Drawing("".join(self.pen.out), room, self.shown)

    def _toward(self, direction: Array) -> float:
        """How much a direction of the world leads away from the viewer; below 0 it leads towards them."""
        return float(self.axes[2] @ direction)

    def _under_the_shirt(self) -> list[tuple[str, str]]:
        """Thighs that hang from the hips are under the hem of the shirt; raised ones are before it."""
        ahead = self.body.turn["pelvis"][:, 0]
        hanging = (side for side in SIDES if float(ahead @ -self.body.turn[f"thigh_{side}"][:, 2]) < 0.6)
        return [(f"thigh_{side}", "torso") for side in hanging]

    def _far_side(self) -> str:
        """The side whose limbs are drawn darker: the one that is farther away, unless one looks from ahead."""
        away = self._toward(self.body.turn["pelvis"][:, 1])
        return "" if abs(away) < FROM_AHEAD else "L" if away > 0 else "R"

    def _room(self) -> Box:
        edges = np.vstack([piece.spheres for piece in self.order])
        low, high = edges[:, :2] - edges[:, 3:], edges[:, :2] + edges[:, 3:]
        return Box(*(float(value) for value in (*low.min(axis=0), *high.max(axis=0))))

    def _piece(self, piece: Piece, painted: Sequence[Piece]) -> None:
        match piece:
            case BoxPiece():
                scenery.box(self.pen, piece)
            case SolidPiece():
                scenery.solid(self.pen, piece)
            case PartPiece(name="head"):
                self._head(piece)
            case PartPiece():
                for region in self._regions(piece):
                    self.pen.region(self._path(region.hulls), self._colour(region.paint, piece), self.palette.line)
                self._seams(piece, painted)

    def _colour(self, paint: str, piece: Piece) -> str:
        far = bool(self.far) and piece.name.endswith(f"_{self.far}")
        return str(getattr(self.palette, f"{paint}_far" if far else paint))

    def _path(self, rows: Sequence[Sequence[int]]) -> str:
        return "".join(hull(self.seen[list(each)][:, (0, 1, 3)].tolist()) for each in rows)

    def _regions(self, piece: PartPiece) -> Sequence[Region]:
        """Skin first and the cloth over it, unless the limb points at the viewer: then skin comes out of the cloth."""
        down = -self.body.turn[piece.part.bone][:, 2]
        regions = piece.part.regions
        return regions if len(regions) < 2 or self._toward(down) < POINTS_AT_VIEWER else regions[::-1]

    def _seams(self, piece: PartPiece, painted: Sequence[Piece]) -> None:
        """Paint over the line between two parts of one limb, now that both are there."""
        names = [each.name for each in painted]
        for (one, two), (rows, paint) in self.flesh.seams.items():
            other = {one: two, two: one}.get(piece.name)
            if other not in names or (one == "pelvis" and two.endswith(self.far or "-")):
                continue
            x, y = self.seen[list(rows), :2].mean(axis=0)
            if not any(each.covers(x, y) for each in painted[names.index(other) + 1 :]):
                limb = piece if piece.name == two else painted[names.index(other)]
                self.pen.fill(self._path([rows]), self._colour(paint, limb))

    def _head(self, piece: PartPiece) -> None:
        skull, hair, face, ears = piece.part.regions
        skin, line = self.palette.skin, self.palette.line
        turn = self.body.turn["head"]
        self.pen.region(self._path(skull.hulls), skin, line)
        self.pen.region(self._path(hair.hulls), self.palette.hair, line)
        if self._toward(turn[:, 0]) < TURNED_AWAY:
            self.pen.fill(self._path(face.hulls), skin)
            self._features(turn)
        for ear, side in zip(ears.hulls, SIDES, strict=True):
            if self._toward(SIGN[side] * turn[:, 1]) < -0.15:
                self.pen.region(self._path([ear]), skin, line, 6)

    def _features(self, turn: Array) -> None:
        """Eyes, brows and a calm mouth, where they look at the viewer."""
        cap = ' stroke-linecap="round"'
        line, hair = self.palette.line, self.palette.hair
        for y in SIGN.values():
            if self._toward(turn @ unit(vector((1.0, y * 0.95, 0.0)))) > 0.1:
                continue
            brow = [(5.1, y * 1.0, 4.3), (4.85, y * 1.9, 4.75), (4.1, y * 2.75, 4.35)]
            across, up, _ = self.axes @ self.body.point("head", vector((4.9, y * 1.85, 2.75)))
            self.pen.fill(hull([(float(across), float(up), EYE)]), line)
            self.pen.stroke(self._curve(brow), hair, 5, cap)
        aside = self._toward(turn[:, 1])
        mouth = [(4.75, -1.35, -0.75), (5.15, 0, -1.0), (4.75, 1.35, -0.75)]
        if abs(aside) > 0.6:
            near = -np.sign(aside)
            mouth = [(5.15, near * 0.25, -0.95), (4.9, near * 0.9, -0.95), (4.5, near * 1.5, -0.7)]
        if self._toward(turn[:, 0]) < 0.15:
            self.pen.stroke(self._curve(mouth), line, 4.5, cap)

    def _curve(self, points: Sequence[tuple[float, float, float]]) -> str:
        """A bow on the face through three points."""
        seen = [self.axes @ self.body.point("head", vector(point)) for point in points]
        (ax, ay), (bx, by), (cx, cy) = ((round(float(x) * SCALE), round(-float(y) * SCALE)) for x, y, _ in seen)
        return f"M{ax} {ay}Q{2 * bx - (ax + cx) // 2} {2 * by - (ay + cy) // 2} {cx} {cy}"

    def _muscles(self) -> Iterator[tuple[set[str], Highlight, str]]:
        """Each muscle to show, with the parts that must be painted first."""
        for highlight in self.pose.highlights:
            for side in highlight.sides:
                parts = {_part_of(bone, side) for bone, *_ in MUSCLES[highlight.muscle].chain}
                if "pelvis" in parts:  # at the hip, thigh and shirt hem lie over each other
                    parts |= {f"thigh_{side}", "torso"}
                yield parts, highlight, side

    def _muscle(self, highlight: Highlight, side: str) -> None:
        muscle = MUSCLES[highlight.muscle]
        x, y, z = muscle.outward
        outward = self.body.turn[_bone(muscle.bone, side)] @ unit(vector((x, SIGN[side] * y, z)))
        if self._toward(outward) > SEEN_FROM:
            return
        circles = []
        for bone, cx, cy, cz, radius in muscle.chain:
            at = self.axes @ self.body.point(_bone(bone, side), vector((cx, SIGN[side] * cy, cz)))
            circles.append((float(at[0]), float(at[1]), radius))
        marks.draw(self.pen, circles, highlight.tone)
        self.shown.add((highlight.muscle, side))


def _solids(pose: Pose, body: Body, frame: str) -> list[props.Solid]:
    try:
        return props.solids(pose.props, body, frame)
    except (ArithmeticError, LookupError, TypeError, ValueError) as reason:
        raise BadPose(f"{pose.name}, {frame}: a prop can't be drawn as it is set: {reason}") from reason


def _bone(bone: str, side: str) -> str:
    in_the_middle = bone in {"pelvis", "head"} or bone.startswith(("lumbar", "chest", "neck"))
    return bone if in_the_middle else f"{bone}_{side}"


def _part_of(bone: str, side: str) -> str:
    if bone.startswith(("lumbar", "chest")):
        return "torso"
    return "neck" if bone.startswith("neck") else _bone(bone, side)
