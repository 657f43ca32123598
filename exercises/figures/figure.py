"""Whole pictures: the frames of an exercise in one common room, with arrows and a close-up, as SVG files."""

from dataclasses import dataclass
from itertools import pairwise

from exercises.figures import arrows, drawing, posing
from exercises.figures.camera import Camera
from exercises.figures.drawing import Look
from exercises.figures.motion import Movement
from exercises.figures.palette import LINE
from exercises.figures.pen import SCALE, Box, Pen
from exercises.figures.places import PLACES
from exercises.figures.poses import Pose

WIDTH, HEIGHT = 320, 240
ASPECT = WIDTH / HEIGHT
MARGIN = 2.5
ZOOM = 1.8


@dataclass(frozen=True, slots=True)
class Lens:
    """A round close-up: what it looks at, how much of it, and where on the page it is put."""

    x: float
    y: float
    size: float
    at_x: float
    at_y: float

    @property
    def radius(self) -> float:
        return self.size * ZOOM


class Figure:
    """An exercise, posed: draws its frames in one common room."""

    def __init__(self, pose: Pose, look: Look | None = None) -> None:
        self.pose = pose
        self.look = look or Look()
        self.axes = Camera(*pose.view).axes
        self.posed = {frame.name: posing.pose(frame, self.look.build) for frame in pose.frames}
        names = list(self.posed)
        self.movements = {
            after: Movement(self.posed[before], self.posed[after], self.look.build, pose.floor)
            for before, after in pairwise(names)
        }
        self.drawings = {
            name: drawing.draw(pose, posed.body, posed.frame.grips, name, self.look, Pen("abcdef"[number]))
            for number, (name, posed) in enumerate(self.posed.items())
        }
        self.room = self._common_room()
        self.arrows = {name: self._arrows(name) for name in names}
        self.lens = self._lens()
        self.page = fitted(self.room)

    def svg(self, frame: str, *, mirrored: bool = False) -> str:
        """Return one frame as a whole SVG file; mirrored, it shows the other side of the body."""
        drawn = self.drawings[frame]
        inside = drawn.elements + self.arrows[frame]
        if self.lens:
            inside = f'<g id="whole">{inside}</g>{self._close_up(self.lens)}'
        return file(self.page, inside, mirrored=mirrored)

    def _common_room(self) -> Box:
        room, *others = (each.room for each in self.drawings.values())
        for other in others:
            room = room.with_(other)
        return room

    def _arrows(self, frame: str) -> str:
        """The arrows of a frame: how it was come to, and what is pressed or drawn in it."""
        last = list(self.posed)[-1]
        found = []
        for arrow in self.pose.arrows:
            wanted = arrow.frames or ((last,) if arrow.along is not None else tuple(self.movements))
            if frame not in wanted:
                continue
            points = arrows.path_of(arrow, self.movements.get(frame), self.posed[frame], self.axes)
            if points is not None:
                found.append(arrows.drawn(points, two_way=arrow.two_way))
                self.room = self.room.with_(arrows.room_of(points))
        return "".join(found)

    def _lens(self) -> Lens | None:
        if self.pose.close_up is None:
            return None
        place, size = self.pose.close_up
        first = next(iter(self.posed.values()))
        x, y, _ = (float(v) for v in self.axes @ PLACES[place].point(first.body))
        radius = size * ZOOM
        room = self.room
        right_free = room.right - x > x - room.left
        if room.right - room.left < ASPECT * (room.high - room.low):  # a tall figure has room beside it
            at_x = room.right + radius + 2 if right_free else room.left - radius - 2
            at_y = max(y, room.low + radius)
        else:
            at_x = room.right - radius if right_free else room.left + radius
            at_y = room.high + radius + 1
        self.room = room.with_(Box(at_x - radius, at_y - radius, at_x + radius, at_y + radius))
        self.room = self.room.with_(Box(x - size, y - size, x + size, y + size))
        return Lens(x, y, size, at_x, at_y)

    def _close_up(self, lens: Lens) -> str:
        cx, cy, r = round(lens.at_x * SCALE), round(-lens.at_y * SCALE), round(lens.radius * SCALE)
        x, y = round(lens.x * SCALE), round(-lens.y * SCALE)
        small = round(lens.size * SCALE)
        move = f"matrix({ZOOM} 0 0 {ZOOM} {cx - ZOOM * x:g} {cy - ZOOM * y:g})"
        return (
            f'<circle cx="{x}" cy="{y}" r="{small}" fill="none" stroke="{LINE}"'
            ' stroke-width="6" stroke-dasharray="16 12"/>'
            f'<clipPath id="lens"><circle cx="{cx}" cy="{cy}" r="{r}"/></clipPath>'
            f'<circle cx="{cx}" cy="{cy}" r="{r}" fill="#fff"/>'
            f'<g clip-path="url(#lens)"><use href="#whole" transform="{move}"/></g>'
            f'<circle cx="{cx}" cy="{cy}" r="{r}" fill="none" stroke="{LINE}" stroke-width="9"/>'
        )


def file(page: tuple[int, int, int, int], inside: str, *, mirrored: bool = False) -> str:
    """Return SVG elements as a file of the usual size; `page` is left, top, width and height."""
    x, y, w, h = page
    if mirrored:
        inside = f'<g transform="matrix(-1 0 0 1 {2 * x + w} 0)">{inside}</g>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {w} {h}" width="{WIDTH}" height="{HEIGHT}">'
        f'<g stroke-linejoin="round">{inside}</g></svg>'
    )


def fitted(room: Box) -> tuple[int, int, int, int]:
    """The room with a margin, in the shape of a picture; what is spare goes above the figure, not under it."""
    left, low, right, high = room.left - MARGIN, room.low - MARGIN, room.right + MARGIN, room.high + MARGIN
    wide, tall = right - left, high - low
    if wide < tall * ASPECT:
        more = (tall * ASPECT - wide) / 2
        left, right = left - more, right + more
    else:
        more = wide / ASPECT - tall
        low, high = low - more * 0.4, high + more * 0.6
    return round(left * SCALE), round(-high * SCALE), round((right - left) * SCALE), round((high - low) * SCALE)
