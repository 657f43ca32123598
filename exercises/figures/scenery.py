"""Draws what an exercise is done on and with: floor, boxes, bars, soft things, water."""

from collections.abc import Set as AbstractSet

from exercises.figures.camera import Camera
from exercises.figures.palette import FLOOR, THINGS
from exercises.figures.pen import SCALE, Box, Pen, hull, polygon
from exercises.figures.pieces import BOX_TONES, BoxPiece, SolidPiece, box_normals
from exercises.figures.props import RING

ROUND_ENDS = {"roller", "towel", "wheel", "plate"}


def floor(pen: Pen, room: Box, kinds: AbstractSet[str], camera: Camera) -> None:
    """Draw the floor as a line, where it is seen as one; widens the room."""
    if not camera.level or kinds & {"bed", "pool"} or ("mat" in kinds and camera.azimuth):
        return
    y = -1.4 if "mat" in kinds else -0.5
    left, right = round((room.left - 5) * SCALE), round((room.right + 5) * SCALE)
    pen.stroke(f"M{left} {round(-y * SCALE)}H{right}", FLOOR, 8)
    room.left, room.right, room.low = room.left - 5, room.right + 5, min(room.low, y - 0.6)


def solid(pen: Pen, piece: SolidPiece) -> None:
    """Draw hulls of spheres as one thing; a cylinder shows its near end."""
    side, top, line = THINGS[piece.solid.paint]
    at = 0
    outlines = []
    for each in piece.solid.hulls:
        rows = piece.spheres[at : at + len(each), (0, 1, 3)]
        at += len(each)
        outlines.append(hull(rows.tolist()))
    pen.region("".join(outlines), side, line, 7)
    if piece.solid.name in ROUND_ENDS:
        ends = piece.spheres[:RING], piece.spheres[RING : 2 * RING]
        near = min(ends, key=lambda end: float(end[:, 2].mean()))
        pen.region(hull(near[:, (0, 1, 3)].tolist()), top, line, 5)


def box(pen: Pen, piece: BoxPiece) -> None:
    """Draw a box: its outline, then the faces that are seen; the top is lighter."""
    side, top, line = THINGS[piece.solid.paint]
    pen.region(hull(piece.spheres[:, (0, 1, 3)].tolist()), side, line, 7)
    for face, normal, tone in zip(piece.faces, box_normals(piece.faces), BOX_TONES, strict=True):
        if normal[2] < -0.02 and tone in {"top", "x"}:
            shade = top if tone == "top" else side
            pen.fill(polygon(face[:, :2].tolist()), shade, f' stroke="{line}" stroke-width="4"')


def water(pen: Pen, room: Box, level: float, camera: Camera) -> None:
    """Draw water up to a height, over all that stands in it; widens the room."""
    side, _, line = THINGS["water"]
    room.left, room.right, room.low = room.left - 8, room.right + 8, room.low - 2
    surface = float(camera.axes[1, 2]) * level
    left, right = round(room.left * SCALE), round(room.right * SCALE)
    crest = f"M{left} {round(-surface * SCALE)}{'q20-14 40 0t40 0' * ((right - left) // 80)}H{right}"
    pen.fill(f"{crest}V{round(-room.low * SCALE)}H{left}z", side, ' fill-opacity=".38"')
    pen.stroke(crest, line, 8)
