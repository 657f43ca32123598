"""An exercise in motion: one SVG file whose frames are stepped by its own style sheet, there and back.

The frames lie side by side on a strip behind a window; the strip moves by whole frames. Paths that stay as they
are from frame to frame are written once. Readers who ask for less motion see the first frame.
"""

from math import cos, pi

from exercises.figures import drawing
from exercises.figures.figure import HEIGHT, WIDTH, Figure, fitted
from exercises.figures.pen import Box, Drawing, Pen

STEPS = 14
MOST_FRAMES = 22
SECONDS_A_FRAME = 0.11
PAUSE = 0.9


def animated(figure: Figure, *, mirrored: bool = False) -> str:
    """Return an exercise of two or more frames in motion, as SVG."""
    drawings = _drawings(figure)
    room = drawings[0].room
    for each in drawings[1:]:
        room = room.with_(each.room)
    return _file(drawings, room, mirrored=mirrored)


def _drawings(figure: Figure) -> list[Drawing]:
    """The frames of the whole way, with ends drawn once; slow at each end of a movement, as people move."""
    movements = list(figure.movements.items())
    steps = max(6, min(STEPS, MOST_FRAMES // len(movements)))
    known: dict[str, str] = {}
    names = list(figure.posed)
    found = []
    for before, (after, movement) in zip(names, movements, strict=False):
        first = 0 if before == names[0] else 1
        for step in range(first, steps + 1):
            share = (1 - cos(pi * step / steps)) / 2
            grips = figure.posed[before if share < 0.5 else after].frame.grips
            frame = before if share < 0.5 else after
            found.append(drawing.draw(figure.pose, movement.at(share), grips, frame, figure.look, Pen("a", known)))
    return found


def _file(drawings: list[Drawing], room: Box, *, mirrored: bool) -> str:
    x, y, w, h = fitted(room)
    frames = "".join(
        f'<g transform="translate({number * w} 0)">{each.elements}</g>' if number else f"<g>{each.elements}</g>"
        for number, each in enumerate(drawings)
    )
    last = len(drawings) - 1
    moving = last * SECONDS_A_FRAME
    whole = moving + 2 * PAUSE
    rest = 100 * PAUSE / whole
    style = (
        f"@keyframes m{{0%,{rest:.2f}%{{transform:none;animation-timing-function:steps({last})}}"
        f"{100 - rest:.2f}%,to{{transform:translate({-last * w}px)}}}}"
        f".m{{animation:m {whole:.2f}s infinite alternate}}"
        "@media(prefers-reduced-motion:reduce){.m{animation:none}}"
    )
    strip = f'<g class="m" stroke-linejoin="round">{frames}</g>'
    if mirrored:
        strip = f'<g transform="matrix(-1 0 0 1 {2 * x + w} 0)">{strip}</g>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {w} {h}" width="{WIDTH}" height="{HEIGHT}">'
        f"<style>{style}</style>{strip}</svg>"
    )
