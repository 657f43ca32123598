"""What leans on WeasyPrint's inside: pictures recorded once and replayed, a quicker reader, how full a page is, and in
which language a part of a page is.

Each function answers None when it doesn't know: with another version than the one it was written for, and after
anything unexpected. The caller then takes the public way, which draws the same pixels, costs more time, and tags the
whole document with one language.
WeasyPrint is imported where it's needed, as it must not be before fontconfig's settings are written.
"""

import logging
import math
import re
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar
from xml.etree import ElementTree

WRITTEN_FOR = "70.0"
LANGUAGE = re.compile(r'\slang="([^"]*)"')
KEPT = 400  # recordings of about 6 kB: the usual exercises of a clinic, on both sides

Size = tuple[float | None, float | None, float | None]
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class _Unknown(Exception):
    """The public way has to do it."""


def or_none(function: Callable[Asked, Answer]) -> Callable[Asked, Answer | None]:
    """Make a function answer None where it doesn't know its way."""

    @wraps(function)
    def careful(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer | None:
        import weasyprint

        if weasyprint.__version__ != WRITTEN_FOR:
            return None
        try:
            return function(*args, **kwargs)
        except Exception as reason:
            log.debug("%s leaves it to the public way: %r", function.__name__, reason)
            return None

    return careful


@dataclass(frozen=True, slots=True)
class Recording:
    """A drawing as PDF operators. It stands where WeasyPrint expects an image of its own."""

    id: str
    size: Size
    width: float
    height: float
    operators: bytes
    states: dict[str, dict[str, float]]

    def get_intrinsic_size(self, resolution: float, font_size: float) -> Size:
        return self.size

    def draw(self, stream: Any, width: float, height: float, style: object) -> None:
        """Draw it as SVG asks: as large as fits, in the middle."""
        scale = min(width / self.width, height / self.height)
        left, top = (width - self.width * scale) / 2, (height - self.height * scale) / 2
        with stream.stacked():
            stream.transform(scale, 0, 0, scale, left, top)
            stream.draw_x_object(stream.add_image(self, False, 1))

    def get_x_object(self, interpolate: bool, ratio: float) -> Any:
        """Return a new PDF object each time, because a document numbers what it is given."""
        import pydyf  # type: ignore[import-untyped]  # it comes without types

        states = {name: pydyf.Dictionary(state) for name, state in self.states.items()}
        extra = {
            "Type": "/XObject",
            "Subtype": "/Form",
            # Larger than the drawing, because a picture shows what lies beyond its view box, too.
            "BBox": pydyf.Array((-self.width, -self.height, 2 * self.width, 2 * self.height)),
            "Resources": pydyf.Dictionary({"ExtGState": pydyf.Dictionary(states)}),
            "Filter": "/FlateDecode",
        }
        return pydyf.Stream([self.operators], extra)


_recordings: dict[bytes, Recording | None] = {}


def recording(drawing: bytes) -> Recording | None:
    """Return an SVG drawing, recorded now or before; None for what isn't made of plain shapes."""
    key = sha256(drawing).digest()
    found = _recordings.pop(key) if key in _recordings else _record(drawing)
    if len(_recordings) >= KEPT:
        del _recordings[next(iter(_recordings))]
    _recordings[key] = found  # as the last one: the one that was asked for longest ago goes first
    return found


SHAPES = {"svg", "g", "defs", "path", "circle", "ellipse", "rect", "line", "polyline", "polygon", "use", "clipPath"}
WORDS = {"title", "desc"}
REACHING = {"style", "filter", "mask", "preserveAspectRatio", "{http://www.w3.org/XML/1998/namespace}base"}


@or_none
def _record(drawing: bytes) -> Recording:
    import pydyf
    from weasyprint.images import SVGImage
    from weasyprint.pdf.stream import Stream

    tree = ElementTree.fromstring(drawing)  # noqa: S314  # expat stops entities that blow up
    tags = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in tree.iter()}
    if not tags <= SHAPES | WORDS or any(REACHING.intersection(element.keys()) for element in tree.iter()):
        raise _Unknown("it isn't made of plain shapes")
    image = SVGImage(tree, "", None, None)
    size = image.get_intrinsic_size(1, 16)
    _, _, width, height = image._svg.get_viewbox()
    if size != image.get_intrinsic_size(1, 32) or not (width > 0 and height > 0):
        raise _Unknown("its size depends on where it stands")
    fonts: dict[str, Any] = {}
    pictures: dict[str, Any] = {}
    resources = {kind: pydyf.Dictionary() for kind in ("ExtGState", "XObject", "Pattern", "Shading", "ColorSpace")}
    stream = Stream(fonts, (0, 0, width, height), resources, pictures, None, {}, None)
    image._svg.draw(stream, width, height, "", None)
    states = resources.pop("ExtGState")
    if fonts or pictures or any(resources.values()):
        raise _Unknown("it needs more than shapes")
    return Recording(
        id=sha256(drawing).hexdigest()[:32],
        size=size,
        width=width,
        height=height,
        operators=zlib.compress(_rounded(_operators(stream), max(width, height)), 9),
        states={name: {key: float(value) for key, value in state.items()} for name, state in states.items()},
    )


def _operators(stream: Any) -> bytes:
    _, _, body = stream.data.partition(b"\nstream\n")
    return bytes(body.removesuffix(b"\nendstream"))


def _rounded(operators: bytes, extent: float) -> bytes:
    """Return path operators with coordinates to a ten-thousandth of the drawing, which saves a third of the bytes."""
    digits = max(1, 4 - int(math.log10(max(extent, 1))))

    def shorter(number: re.Match[bytes]) -> bytes:
        return f"{float(number[0]):.{digits}f}".rstrip("0").rstrip(".").encode()

    def line(text: bytes) -> bytes:
        return re.sub(rb"-?\d+\.\d+", shorter, text) if text[-2:] in PATH_OPERATORS else text

    return b"\n".join(map(line, operators.split(b"\n")))


PATH_OPERATORS = {b" m", b" l", b" c", b" v", b" y", b"re"}

INLINE = {"a", "b", "i", "em", "strong", "small", "span", "img", "br", "sub", "sup", "code", "abbr", "wbr", "time"}
LINES = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = {"article", "section", "header", "footer", "main", "nav", "aside", "div", "figure", "figcaption", "blockquote"}
FLOW = INLINE | LINES | BLOCKS | {"ul", "ol", "table", "hr"}
# What may stand in what, so that HTML's reader and XML's find the same tree. Anything else is left to HTML's.
MAY_HOLD = {
    "head": {"title", "meta", "style"},
    "body": FLOW,
    **dict.fromkeys(BLOCKS | {"li", "td", "th", "caption"}, FLOW),
    **dict.fromkeys(INLINE | LINES, INLINE),
    "ul": {"li"},
    "ol": {"li"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot"},
    "colgroup": {"col"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "tr": {"td", "th"},
}
NO_LOOSE_TEXT = {"html", "head", "table", "colgroup", "thead", "tbody", "tfoot", "tr"}
EMPTY_TAG = re.compile(r"""<((?:meta|col|hr|img|br|wbr)\b(?:[^<>"']|"[^"]*"|'[^']*')*?)\s*/?>""")
CLOSED_TAG = re.compile(r"<(?!(?:meta|col|hr|img|br|wbr)\b)[^<>]*/>")
DOCTYPE = re.compile(r"\s*<!doctype html>", re.IGNORECASE)


@or_none
def source(html: str, fetch: Any, unseen: Collection[str] = ()) -> Any:
    """Return a whole page of HTML as WeasyPrint's source, read by the XML reader; None if it isn't XML enough.

    Elements of the classes `unseen` are left out: those that the style sheets don't show.
    """
    import cssselect2  # type: ignore[import-untyped]  # it comes without types
    import weasyprint

    text = DOCTYPE.sub("", html, count=1)
    if "<!" in text or "<?" in text or CLOSED_TAG.search(text):
        raise _Unknown("HTML's reader knows better")
    root = ElementTree.fromstring(EMPTY_TAG.sub(r"<\1/>", text))  # noqa: S314  # there are no entities of its own
    _check(root)
    if unseen:
        _take_out(root, unseen)
    made = weasyprint.HTML.__new__(weasyprint.HTML)
    made.base_url = None
    made.url_fetcher = fetch
    made.media_type = "print"
    made.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
    made.etree_element = made.wrapper_element.etree_element
    return made


def _take_out(root: ElementTree.Element, classes: Collection[str]) -> None:
    for parent in root.iter():
        for child in list(parent):
            if not set(classes).isdisjoint(child.get("class", "").split()):
                parent.remove(child)


def _check(root: ElementTree.Element) -> None:
    """Raise _Unknown unless HTML's reader would find the same tree."""
    if root.tag != "html" or [child.tag for child in root] != ["head", "body"]:
        raise _Unknown("it isn't a whole page")
    for element in root.iter():
        held = MAY_HOLD.get(element.tag, set()) if element is not root else {"head", "body"}
        texts = [element.text, *(child.tail for child in element)] if element.tag in NO_LOOSE_TEXT else []
        if (
            not all(child.tag in held for child in element)
            or any(text and text.strip() for text in texts)
            or not all(name.islower() for name in element.keys())  # noqa: SIM118  # an element isn't a mapping
            # HTML's reader takes a style as it stands, so it mayn't hold what XML's reader unfolds.
            or (element.tag == "style" and set("<>&").intersection(element.text or ""))
        ):
            raise _Unknown(f"what <{element.tag}> holds")
    if any(link.find(".//a") is not None for link in root.iter("a")):
        raise _Unknown("a link in a link")


@or_none
def filled(page: Any) -> float:
    """Return how much of a page's height is used, from 0 to 1."""
    box = page._page_box
    content = [child for child in box.children if child.element_tag == "html"]
    used = max(map(_bottom, content), default=0.0) - box.content_box_y()
    return min(max(used / box.height, 0.0), 1.0)


def _bottom(box: Any) -> float:
    """Return where the lowest box without boxes in it ends: the ones around it may reach to the foot of the page."""
    box = getattr(box, "_box", box)
    inner = getattr(box, "children", ())
    if inner:
        return max(map(_bottom, inner))
    return float(box.position_y) + float(box.margin_height() if hasattr(box, "margin_height") else 0)


@contextmanager
def languages(html: str) -> Iterator[None]:
    """Meanwhile tag each part of this document with its own language, where that isn't the one around it."""
    found = _tree_builder() if len(set(LANGUAGE.findall(html))) > 1 else None  # looking at each box takes its time
    if found is None:
        yield
        return
    import pydyf

    tags, public = found
    around: list[str] = []

    def in_languages(box: Any, parent: Any, pdf: Any, *rest: Any) -> Iterator[Any]:
        outer = around[-1] if around else pdf.catalog["Lang"].string
        language = outer if box.element is None else box.element.get("lang", outer)
        around.append(language)
        for element in public(box, parent, pdf, *rest):
            if language != outer:
                element["Lang"] = pydyf.String(language)
            yield element
        around.pop()

    tags._build_box_tree = in_languages
    try:
        yield
    finally:
        tags._build_box_tree = public


@cache
@or_none
def _tree_builder() -> tuple[Any, Callable[..., Iterator[Any]]]:
    """Return WeasyPrint's module for tags, and its function for a box and all that is in it."""
    from weasyprint.pdf import tags

    return tags, tags._build_box_tree
