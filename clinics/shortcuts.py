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
    return [one for group in (_styles, _own_sheet, _lengths) for one in group() or ()]


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
def _measured() -> list[StandIn]:
    """Measure once in a document how high a style's lines are, and how narrow a text can be.

    Beside a picture the engine asks both again for each line. Its answer to the second is the first word's width where
    the text may part after that word, so the rest of the text isn't looked at.
    """
    from weasyprint.layout import inline, preferred

    public_strut, public_split = inline.strut, preferred.split_first_line
    heights: dict[int, Any] = {}
    widths: dict[Any, Any] = {}

    def strut(style: Any) -> Any:
        if id(style) not in heights:
            heights[id(style)] = public_strut(style), style  # a style that lives keeps its id
        return heights[id(style)][0]

    def split(text: str, style: Any, context: Any, most: Any, spacing: Any, **options: Any) -> Any:
        def measured(text: str) -> Any:
            key = text, id(style), most, spacing, *options.items()
            if key not in widths:
                widths[key] = public_split(text, style, context, most, spacing, **options), style
            return widths[key][0]

        word, blank, rest = text.partition(" ")
        plain = all(style[key] == value for key, value in PLAIN.items())
        if plain and most == 0 and rest and word[:1].isalnum() and "\xad" not in text:
            found = measured(word + blank + rest[0])  # a letter of the next word shows whether the two may part
            if found[RESUME] is not None:
                return found
        return measured(text)

    return [StandIn(inline, "strut", strut), StandIn(preferred, "split_first_line", split)]


# Where words part at blanks alone.
PLAIN = {"white_space": "normal", "hyphens": "manual", "word_break": "normal", "overflow_wrap": "break-word"}
RESUME = 2
