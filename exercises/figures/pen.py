"""Writes SVG elements, and knows how much of the page they take. One unit of the body is ten of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from exercises.figures import hulls
from exercises.figures.hulls import Circle

SCALE = 10
EDGE = 9


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
    """The inside of a picture: SVG elements, the room they take, which muscles can be seen on which side."""

    elements: str
    room: Box
    shown: set[tuple[str, str]] = field(default_factory=set)


class Pen:
    """Writes paths; `prefix` keeps ids apart where pictures meet, `known` holds the paths that have an id."""

    def __init__(self, prefix: str, known: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.known = known if known is not None else {}
        self.out: list[str] = []

    def region(self, data: str, fill: str, line: str, width: int = EDGE) -> None:
        """Draw hulls as one shape: their outline around all of them, and no line where they meet.

        The path is painted twice, wide in the line's colour and then plain; the second time it is named by its id.
        """
        name = self.known.get(data)
        if name is None:
            name = self.known[data] = f"{self.prefix}{len(self.known) + 1}"
            shape = f'<path id="{name}" d="{data}"/>'
        else:
            shape = f'<use href="#{name}"/>'
        edge = f'<g stroke="{line}" stroke-width="{width}" fill="{line}">{shape}</g>'
        self.out.append(f'{edge}<use href="#{name}" fill="{fill}"/>')

    def fill(self, data: str, fill: str, more: str = "") -> None:
        """Fill a path."""
        self.out.append(f'<path d="{data}" fill="{fill}"{more}/>')

    def stroke(self, data: str, line: str, width: float, more: str = "") -> None:
        """Draw along a path."""
        self.out.append(f'<path d="{data}" fill="none" stroke="{line}" stroke-width="{width:g}"{more}/>')


def hull(circles: Sequence[Circle]) -> str:
    """Return the outline of the hull of circles as path data."""
    return hulls.path(circles, SCALE)


def spot(x: float, y: float) -> str:
    """Return a point of the page as it stands in path data."""
    return f"{round(x * SCALE)} {round(-y * SCALE)}"


def polygon(points: Sequence[tuple[float, float]]) -> str:
    """Return straight lines through the points, closed, as path data."""
    return f"M{'L'.join(spot(x, y) for x, y in points)}z"
