"""The contact sheet: many pictures on one page, as SVG or PNG."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from exercises.figures.figure import HEIGHT, WIDTH

LABEL = 18


class NoPicture(Exception):
    """A file that can't be written; the message says why."""


def svg(pictures: Sequence[tuple[str, str]], *, columns: int = 6) -> str:
    """Return labelled pictures in rows as one SVG."""
    cells = []
    for number, (label, picture) in enumerate(pictures):
        x, y = number % columns * WIDTH, number // columns * (HEIGHT + LABEL)
        # ids are the same in every picture and must not meet on one page
        own = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>n{number}", picture)
        own = own.replace("<svg ", f'<svg x="0" y="{LABEL}" ', 1)
        text = f'<text x="6" y="13" font-family="sans-serif" font-size="11">{escape(label)}</text>'
        cells.append(f'<g transform="translate({x} {y})">{text}{own}</g>')
    rows = -(-len(pictures) // columns)
    size = f'width="{columns * WIDTH}" height="{rows * (HEIGHT + LABEL)}"'
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{ground}{"".join(cells)}</svg>'


def write(out: Path, pictures: Sequence[tuple[str, str]], *, columns: int = 6, width: int = WIDTH) -> None:
    """Write the sheet. Raises NoPicture when the file's ending isn't known or PNG can't be made here."""
    page = svg(pictures, columns=columns)
    if out.suffix == ".svg":
        out.write_text(page, "utf-8")
    elif out.suffix == ".png":
        out.write_bytes(png(page, columns * width))
    else:
        raise NoPicture(f"{out.name}: the sheet can be .svg or .png.")


def png(picture: str, width: int) -> bytes:
    """Return an SVG as PNG, `width` pixels wide. Raises NoPicture when the library for it isn't installed."""
    try:
        import resvg_py  # a tool of the workshop, not of the running site
    except ImportError as reason:
        raise NoPicture("PNG needs the package resvg-py, which script/setup installs for tests.") from reason
    return bytes(resvg_py.svg_to_bytes(svg_string=picture, width=width))
