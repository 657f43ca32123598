"""The outline of a few circles: arcs and the lines that touch two of them, as SVG path data."""

from collections.abc import Sequence
from math import acos, atan2, cos, pi, sin, sqrt

TURN = 2 * pi
Circle = tuple[float, float, float]


def outline(circles: Sequence[Circle]) -> list[tuple[Circle, float, float]]:
    """Return the convex hull of circles (x, y, radius) as arcs: circle, first angle, last angle.

    Arcs run counter-clockwise (y up) and a straight line leads from each to the next. Circles inside others
    are left out. A single circle comes back as one arc of a whole turn.
    """
    first = max(range(len(circles)), key=lambda i: (circles[i][0] + circles[i][2], circles[i][2]))
    arcs: list[tuple[Circle, float, float]] = []
    now, at = first, 0.0
    while len(arcs) <= 4 * len(circles):
        x, y, radius = circles[now]
        nearest, follower = TURN, -1
        for other, (ox, oy, oradius) in enumerate(circles):
            if other == now:
                continue
            dx, dy = ox - x, oy - y
            apart = sqrt(dx * dx + dy * dy)
            if apart <= radius - oradius + 1e-9:
                continue  # it lies inside
            if apart <= oradius - radius:
                continue  # it holds this one, which then is no part of the hull
            meets = atan2(dy, dx) - acos((radius - oradius) / apart)
            wait = (meets - at) % TURN
            if wait > TURN - 1e-7:
                wait = 0.0
            if wait < nearest - 1e-12 or (
                abs(wait - nearest) < 1e-9 and follower >= 0 and _farther(circles, now, other, follower)
            ):
                nearest, follower = wait, other
        if follower < 0 or at + nearest >= TURN - 1e-9:
            arcs.append((circles[now], at, TURN))
            break
        if nearest > 1e-9:
            arcs.append((circles[now], at, at + nearest))
        at += nearest
        now = follower
    return _joined(arcs)


def _farther(circles: Sequence[Circle], now: int, one: int, other: int) -> bool:
    x, y, _ = circles[now]
    return (circles[one][0] - x) ** 2 + (circles[one][1] - y) ** 2 > (circles[other][0] - x) ** 2 + (
        circles[other][1] - y
    ) ** 2


def _joined(arcs: list[tuple[Circle, float, float]]) -> list[tuple[Circle, float, float]]:
    """The arc that was cut at angle 0 is one arc again."""
    if len(arcs) > 1 and arcs[0][0] == arcs[-1][0]:
        circle, start, _ = arcs[-1]
        return [(circle, start - TURN, arcs[0][2]), *arcs[1:-1]]
    return arcs


def path(circles: Sequence[Circle], scale: float = 10.0) -> str:
    """Return the hull's outline as path data with whole numbers, `scale` to one unit; y runs down the page."""
    arcs = outline(circles)
    if len(arcs) == 1:
        x, y, radius = arcs[0][0]
        r = round(radius * scale)
        left, top = round((x - radius) * scale), round(-y * scale)
        return f"M{left} {top}a{r} {r} 0 0 1 {2 * r} 0a{r} {r} 0 0 1-{2 * r} 0z"
    steps: list[str] = []
    px = py = 0
    for (x, y, radius), start, end in reversed(arcs):  # reversed: the page's y runs down, and arcs go clockwise
        sx, sy = round((x + radius * cos(end)) * scale), round(-(y + radius * sin(end)) * scale)
        ex, ey = round((x + radius * cos(start)) * scale), round(-(y + radius * sin(start)) * scale)
        steps.append(f"M{sx} {sy}" if not steps else _line(sx - px, sy - py))
        if (ex, ey) != (sx, sy):
            r = round(radius * scale)
            large = 1 if end - start > pi else 0
            steps.append(f"a{r} {r} 0 {large} 1 {ex - sx} {ey - sy}".replace(" -", "-"))
        px, py = ex, ey
    return "".join(steps) + "z"


def _line(dx: int, dy: int) -> str:
    return f"l{dx} {dy}".replace(" -", "-") if dx or dy else ""
