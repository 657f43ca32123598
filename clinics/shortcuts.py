"""Shorter ways through WeasyPrint's inside to the same bytes, taken while a document is drawn.

Each group is a list of what stands in for what, and leaves anything unusual to the public function that it stands
in for. There is none with another version than the one it was written for, or when the inside isn't as expected.
"""

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from clinics.recorded import or_none

KEPT = 8000  # lines of text, about 1 kB each: the usual exercises of a clinic
NOTES = {"footnote-call", "footnote-marker", "note-call", "note-marker", "note-callback"}
LINE_WIDTH = re.compile("(border_(top|right|bottom|left)|outline)_width")


class StandIn(NamedTuple):
    """What an attribute of a class or module is meanwhile."""

    owner: Any
    name: str
    value: Any


@contextmanager
def taken() -> Iterator[None]:
    """Meanwhile take every shortcut."""
    found = [*_lasting(), *(_measured() or ())]
    public = [StandIn(owner, name, getattr(owner, name)) for owner, name, _ in found]
    try:
        for one in found:
            setattr(*one)
        yield
    finally:
        for one in public:
            setattr(*one)


@cache
def _lasting() -> list[StandIn]:
    return [one for group in (_styles, _own_sheet, _lengths, _places, _numbers) for one in group() or ()]


@or_none
def _styles() -> list[StandIn]:
    """Know at once what a property is that no style sheet sets: most of what the engine asks."""
    from weasyprint.css import AnonymousStyle, ComputedStyle
    from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
    from weasyprint.css.functions import check_math
    from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

    affected: dict[str, set[str]] = {key: {key} for key in INITIAL_VALUES}
    for key, function in PHYSICAL_FUNCTIONS.items():  # margin_left and margin_right by margin_inline_start
        for direction in ("ltr", "rtl"):
            affected.setdefault(function(block="ttb", inline=direction), set()).add(key)
    for key in [key for key in affected if key.endswith("_style")]:  # a line without a style has no width
        affected[key] |= {name.replace("_style", "_width") for name in affected[key]}
    usual = {
        key
        for key in INITIAL_VALUES
        if key not in {"position", "float", "display", "page"} and not key.startswith(("text_decoration_", "__"))
    }
    initial = {
        key: INITIAL_VALUES[key]
        for key in usual - set(INHERITED) - set(INITIAL_NOT_COMPUTED)
        if not check_math(INITIAL_VALUES[key])
    }
    initial |= dict.fromkeys((key for key in INITIAL_VALUES if LINE_WIDTH.fullmatch(key)), 0)
    inherited = usual & set(INHERITED) - set(PHYSICAL_FUNCTIONS)
    public_init, public_missing = ComputedStyle.__init__, ComputedStyle.__missing__
    public_anonymous = AnonymousStyle.__init__

    def computed(style: Any, parent_style: Any, cascaded: Any, *rest: Any) -> None:
        style.update(initial)
        for key in cascaded:
            for name in affected.get(key, ()):
                style.pop(name, None)
        public_init(style, parent_style, cascaded, *rest)

    def anonymous(style: Any, parent_style: Any) -> None:
        style.update(initial)
        public_anonymous(style, parent_style)

    def missing(style: Any, key: str) -> Any:
        if key in inherited and key not in style.cascaded and style.parent_style is not None:
            value = style.parent_style[key]
            if isinstance(value, str | int | float) or not check_math(value):
                style[key] = value
                return value
        return public_missing(style, key)

    return [
        StandIn(ComputedStyle, "__init__", computed),
        StandIn(ComputedStyle, "__missing__", missing),
        StandIn(AnonymousStyle, "__init__", anonymous),
    ]


@or_none
def _own_sheet() -> list[StandIn]:
    """Give elements no styles for footnotes, which no sheet of ours asks for, and styles for marks to list items only.

    A document with a footnote fails without them, and goes the public way.
    """
    from weasyprint import HTML
    from weasyprint.html import UA_STYLESHEET

    sheet, matcher = copy.copy(UA_STYLESHEET), copy.copy(UA_STYLESHEET.matcher)
    anywhere = [selector for selector in matcher.other_selectors if selector[3] not in NOTES]
    marks = [selector for selector in anywhere if selector[3] == "marker"]
    items = matcher.lower_local_name_selectors
    matcher.other_selectors = [selector for selector in anywhere if selector not in marks]
    matcher.lower_local_name_selectors = items | {"li": [*items["li"], *marks]}
    sheet.matcher = matcher
    public = HTML._ua_stylesheets

    def sheets(html: Any, forms: bool = False) -> Any:
        return public(html, forms) if forms else [sheet]

    return [StandIn(HTML, "_ua_stylesheets", sheets)]


@or_none
def _lengths() -> list[StandIn]:
    """Take a length in pixels as it is: no share of anything."""
    from weasyprint.css.properties import Dimension
    from weasyprint.layout import percent

    public = percent.resolve_one_percentage

    def resolve(box: Any, name: str, refer_to: Any) -> None:
        value = box.style[name]
        if value.__class__ is Dimension and value.unit == "px":
            setattr(box, name, value.value)
        else:
            public(box, name, refer_to)

    return [StandIn(percent, "resolve_one_percentage", resolve)]


@or_none
def _places() -> list[StandIn]:
    """Know at once that a box is in the normal flow: the engine asks each some ten times."""
    from weasyprint.formatting_structure.boxes import Box

    public = Box.is_in_normal_flow

    def in_normal_flow(box: Any) -> bool:
        style = box.style
        return (style["position"] == "static" and style["float"] == "none") or bool(public(box))

    return [StandIn(Box, "is_in_normal_flow", in_normal_flow)]


@or_none
def _numbers() -> list[StandIn]:
    """Write numbers and names into the file by what they are, not by what they aren't."""
    import pydyf  # type: ignore[import-untyped]  # it comes without types

    public = pydyf._to_bytes

    def to_bytes(item: Any) -> bytes:
        kind = item.__class__
        if kind is bytes:
            return bytes(item)
        if kind is str:
            return bytes(item.encode("ascii"))
        if kind is int or (kind is float and item.is_integer()):
            return b"%d" % item
        return (b"%f" % item).rstrip(b"0") if kind is float else bytes(public(item))

    return [StandIn(pydyf, "_to_bytes", to_bytes)]


@or_none
def _measured() -> list[StandIn]:
    """Measure once how high a style's lines are, how much of a text a line takes, and how narrow a text can be.

    The engine asks all three again for each line, and a clinic's handouts share most of their sentences. Its answer to
    the last is the first word's width where the text may part after that word, so the rest of the text isn't looked at.
    """
    from weasyprint.layout import inline, preferred

    public_strut = inline.strut
    heights: dict[int, Any] = {}
    fitted = _fitted(preferred.split_first_line)

    def strut(style: Any) -> Any:
        if id(style) not in heights:
            heights[id(style)] = public_strut(style), style  # a style that lives keeps its id
        return heights[id(style)][0]

    def narrowest(text: str, style: Any, context: Any, most: Any, spacing: Any, **options: Any) -> Any:
        word, blank, rest = text.partition(" ")
        plain = all(style[key] == value for key, value in PLAIN.items())
        if plain and most == 0 and rest and word[:1].isalnum() and "\xad" not in text:
            # a letter of the next word shows whether the two may part
            found = fitted(word + blank + rest[0], style, context, most, spacing, **options)
            if found[RESUME] is not None:
                return found
        return fitted(text, style, context, most, spacing, **options)

    return [
        StandIn(inline, "strut", strut),
        StandIn(inline, "split_first_line", fitted),
        StandIn(preferred, "split_first_line", narrowest),
    ]


_lines: dict[Any, Any] = {}


def _fitted(public: Any) -> Any:
    """Return the function that says how much of a text a line takes, asked once for each text, look and width.

    Its answers are kept in memory from one document to the next, the last KEPT of them.
    """
    looks: dict[int, Any] = {}

    def look(style: Any) -> Any:
        if id(style) not in looks:
            several = *style["font_family"], frozenset(style["text_decoration_line"])
            asked = style.font_config, *several, *(style[key] for key in LOOK)
            looks[id(style)] = asked, style  # a style that lives keeps its id
        return looks[id(style)][0]

    def fitted(text: str, style: Any, context: Any, *widths: Any, **options: Any) -> Any:
        key = text, look(style), widths, *options.items()
        found = _lines.pop(key, None) or public(text, style, context, *widths, **options)
        if len(_lines) >= KEPT:
            del _lines[next(iter(_lines))]
        _lines[key] = found  # as the last one: the one that was asked for longest ago goes first
        line, *sizes = found
        return copy.copy(line), *sizes  # drawing changes it

    return fitted


# All that the engine looks at when it fits a text into a line, besides what has several values.
LOOK = [
    *("direction", "lang", "font_size", "font_style", "font_stretch", "font_weight", "font_kerning"),
    *("font_language_override", "font_feature_settings", "font_variation_settings"),
    *("font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric"),
    *("font_variant_alternates", "font_variant_east_asian"),
    *("letter_spacing", "word_spacing", "white_space", "tab_size", "overflow_wrap", "word_break"),
    *("hyphens", "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone"),
]
# Where words part at blanks alone.
PLAIN = {"white_space": "normal", "hyphens": "manual", "word_break": "normal", "overflow_wrap": "break-word"}
RESUME = 2
