"""What a picture may be made of, and what is wrong with one."""

import re
from functools import cache
from xml.etree import ElementTree

from exercises.figures import library
from exercises.figures.figure import Figure

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"fill", "stroke", "stroke-width", "stroke-linejoin", "stroke-linecap", "stroke-dasharray", "fill-opacity"}
ALLOWED = {
    "svg": {"viewBox", "width", "height"},
    "g": {*DRAWN, "transform", "id", "clip-path", "class"},
    "path": {*DRAWN, "d", "id"},
    "use": {*DRAWN, "href", "transform"},
    "circle": {*DRAWN, "cx", "cy", "r"},
    "clipPath": {"id"},
    "style": set(),
}
NUMBERS = re.compile(r"[MmLlHhVvAaQqTtZz0-9 .,\-]*")


@cache
def figure_of(slug: str) -> Figure:
    """Return the shipped figure of an exercise, posed once for all tests that look at it."""
    return Figure(library.entry(slug).pose)


def wrong_with(picture: str, *, moving: bool = False) -> list[str]:
    """Return what no picture may have: unknown elements, script, foreign links, numbers that are none."""
    found = []
    root = ElementTree.fromstring(picture)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    if len(ids) != len(set(ids)):
        found.append("an id is given twice")
    for element in root.iter():
        name = element.tag.removeprefix(SVG)
        if name not in ALLOWED or (name == "style" and not moving):
            found.append(f"<{name}>")
            continue
        found += [f"<{name} {key}>" for key in element.attrib if key not in ALLOWED[name]]
        if name == "use" and element.get("href", "")[1:] not in ids:
            found.append(f"{element.get('href')} leads nowhere")
        if not NUMBERS.fullmatch(element.get("d", "")):
            found.append(f"path data {element.get('d')}")
    if re.search(r"nan|inf\b", picture):
        found.append("a number that is none")
    return found
