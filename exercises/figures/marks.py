"""The marks on a shown muscle: stripes where it is released, dots where it is moved, plain and dark where it works.

So the picture says it without colour too.
"""

from collections.abc import Sequence
from itertools import pairwise

from exercises.figures.hulls import Circle
from exercises.figures.palette import TONES
from exercises.figures.pen import SCALE, Pen, hull, spot

STRIPE_STEP, DOT_STEP, DOT = 1.5, 2.2, 0.38
HALO = 13


def draw(pen: Pen, circles: Sequence[Circle], tone: str) -> None:
    """Draw a muscle, given as a chain of circles on the page."""
    fill, line = TONES[tone]
    shape = "".join(hull(pair) for pair in pairwise(circles))
    pen.stroke(shape, "#fff", HALO)  # so that a dark muscle is seen on dark cloth
    pen.region(shape, fill, line, 5)
    if tone == "release":
        pen.stroke(_stripes(circles), line, 3.4)
    elif tone == "restore":
        pen.fill("".join(hull([(x, y, DOT)]) for x, y, *_ in _along(circles, DOT_STEP)), line)


def _stripes(circles: Sequence[Circle]) -> str:
    """Short slanting lines across the chain."""
    lines = []
    for x, y, radius, ahead_x, ahead_y in _along(circles, STRIPE_STEP):
        half = radius * 0.82
        dx, dy = (ahead_x * 0.5 - ahead_y) * half, (ahead_y * 0.5 + ahead_x) * half
        lines.append(f"M{spot(x - dx, y - dy)}l{round(2 * dx * SCALE)} {round(-2 * dy * SCALE)}")
    return "".join(lines)


def _along(circles: Sequence[Circle], step: float) -> list[tuple[float, float, float, float, float]]:
    """Points at equal steps along a chain: x, y, radius, and the direction there."""
    found = []
    at = step / 2
    for (ax, ay, ar), (bx, by, br) in pairwise(circles):
        apart = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        while at < apart:
            share = at / apart
            x, y, radius = ax + share * (bx - ax), ay + share * (by - ay), ar + share * (br - ar)
            found.append((x, y, radius, (bx - ax) / apart, (by - ay) / apart))
            at += step
        at -= apart
    return found
