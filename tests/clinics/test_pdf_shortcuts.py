"""The shortcuts through the PDF engine change no byte, and end with the document."""

import inspect
import re
from contextlib import suppress
from importlib import import_module

import pytest
from django.conf import settings

from clinics import pdf
from programs import handout
from tests.clinics.test_pdf_recorded import SQUARE, fails, make_page
from tests.conftest import DEEP
from tests.programs.handout_samples import EIGHT, FIGURES, FOUR, make_handout

LAYOUTS = ["standard", "large", "compact", "cards", "checklist"]
STYLES = ["css/handout.css"]


@pytest.fixture(autouse=True)
def shortcuts():
    found = pdf._engine().shortcuts
    found._lasting.cache_clear()
    yield found
    found._lasting.cache_clear()


@pytest.fixture
def without(shortcuts, monkeypatch):
    """Return a function's answer without any shortcut."""

    def answer(function, *args, **kwargs):
        with monkeypatch.context() as patch:
            patch.setattr(shortcuts, "_lasting", list)
            patch.setattr(shortcuts, "_measured", list)
            return function(*args, **kwargs)

    return answer


@pytest.mark.parametrize("layout", LAYOUTS if DEEP else LAYOUTS[:1])
def test_they_change_no_byte_of_a_handout(layout, without):
    drawn = make_handout(*(EIGHT if DEEP else FOUR), layout=layout)

    quick = handout.render_pdf(drawn, FIGURES)

    assert without(handout.render_pdf, drawn, FIGURES) == quick


UNUSUAL = {
    "logical sides": "p { margin-inline-start: 9mm; padding-block: 2mm; border-inline-end: 1mm solid; inset-block: 0 }",
    "sums and shares": "p { width: calc(50% - 3mm); padding-left: 5%; text-indent: calc(10% + 1mm); min-height: 3% }",
    "what is taken over or given back": "p { color: inherit; margin: initial; padding: inherit } b { all: unset }",
    "borders and lines": "p { outline: 1mm solid; border: 2mm dotted } b { text-decoration: underline red }",
    "lines on logical sides": "p { border-inline-start-style: solid; border-block-end-width: 9px }",
    "from right to left": "body { direction: rtl } img { float: right } p { margin-inline-end: 4em }",
    "variables": "body { --w: 3mm; --c: #a00 } p { padding: var(--w); color: var(--c); margin: var(--none, 2mm) }",
    "marks": "ul { list-style: square inside } ol { list-style: lower-roman } li::marker { color: red }",
    "first lines": "p::first-line { font-size: 20pt } p::first-letter { float: left; font-size: 30pt }",
    "spaced letters and words": "p { letter-spacing: 1mm; word-spacing: 2mm } b { letter-spacing: -0.2mm }",
    "letters of other shapes": "p { font-variant: small-caps } b { font-feature-settings: 'liga' 0 }",
    "words that part": "p { hyphens: auto; width: 12mm; hyphenate-limit-chars: 3 1 1 } b { word-break: break-all }",
    "blanks that stay": "p { white-space: pre-wrap; tab-size: 2 } b { white-space: nowrap }",
    "tables": "table { border-collapse: collapse; margin: 5% auto } td { border: 1px solid; padding: 2% }",
}
BODY = (
    '<h1>A sheet</h1><p><img style="float: left; width: 90mm; height: 30mm" src="asset:a" alt="x">One two three '
    "<span>four <b>five six</b> seven</span> <i>eight, nine</i> ten</p>"
    "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul><table><tbody><tr><td>x</td><td>y</td></tr></tbody></table>"
    "<p>The same words <b>the same words</b> the same words.</p>"
)


@pytest.mark.parametrize("style", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_they_change_no_byte_of_what_is_unusual(style, without, caplog):
    caplog.set_level("INFO", logger="weasyprint")
    html = make_page(BODY).replace("</head>", f"<style>{style}</style></head>")
    assets = {"a": SQUARE}

    quick = pdf.render_html_to_pdf(html, styles=STYLES, assets=assets)

    assert "The quick way failed" not in caplog.text
    assert without(pdf.render_html_to_pdf, html, styles=STYLES, assets=assets) == quick


def test_a_line_is_told_apart_by_all_that_the_engine_looks_at(shortcuts):
    from weasyprint.text import fonts, line_break

    fitting = (line_break.Layout, line_break.create_layout, line_break.split_first_line, line_break.line_size)
    code = "".join(map(inspect.getsource, (*fitting, line_break.first_line_metrics, fonts.get_font_description)))

    assert set(re.findall(r"style\['(\w+)'\]", code)) == {*shortcuts.LOOK, "font_family", "text_decoration_line"}


def test_it_keeps_no_more_lines_than_it_may(shortcuts, monkeypatch):
    monkeypatch.setattr(shortcuts, "KEPT", 5)
    monkeypatch.setattr(shortcuts, "_lines", {})

    pdf.render_html_to_pdf(make_page("".join(f"<p>{number} and more</p>" for number in range(9))), styles=STYLES)

    assert len(shortcuts._lines) == 5


def test_a_footnote_goes_the_public_way(without, caplog):
    caplog.set_level("INFO", logger="weasyprint")
    html = make_page("<p>One<span>two</span></p>").replace("</head>", "<style>span { float: footnote }</style></head>")

    quick = pdf.render_html_to_pdf(html, styles=STYLES)

    assert "The quick way failed" in caplog.text
    assert without(pdf.render_html_to_pdf, html, styles=STYLES) == quick


def test_no_printed_sheet_asks_for_footnotes_or_other_list_items():
    sheets = [*settings.BASE_DIR.glob("static/css/handout*.css"), settings.BASE_DIR / "static/css/referral.css"]

    assert len(sheets) > 10
    assert not [sheet.name for sheet in sheets if re.search(r"list-item|footnote|note\(", sheet.read_text())]


def places():
    """What the shortcuts stand in for, at the moment."""
    import pydyf
    from weasyprint import HTML
    from weasyprint.css import AnonymousStyle, ComputedStyle
    from weasyprint.formatting_structure.boxes import Box
    from weasyprint.layout import inline, percent, preferred

    return (
        ComputedStyle.__init__,
        ComputedStyle.__missing__,
        AnonymousStyle.__init__,
        HTML._ua_stylesheets,
        Box.is_in_normal_flow,
        pydyf._to_bytes,
        percent.resolve_one_percentage,
        inline.split_first_line,
        preferred.split_first_line,
        inline.strut,
    )


def test_they_end_with_the_document(shortcuts):
    public = places()

    with shortcuts.taken():
        during = places()
    with suppress(RuntimeError), shortcuts.taken():
        fails()

    assert not any(one == other for one, other in zip(during, public, strict=True))
    assert places() == public


def test_there_are_none_for_another_version(shortcuts, monkeypatch):
    monkeypatch.setattr(pdf._engine().recorded, "WRITTEN_FOR", "another version")
    public = places()

    with shortcuts.taken():
        during = places()

    assert during == public


@pytest.mark.parametrize(
    ("module", "gone"),
    [
        ("weasyprint.css.computed_values", "PHYSICAL_FUNCTIONS"),
        ("weasyprint.html", "UA_STYLESHEET"),
        ("weasyprint.layout.percent", "resolve_one_percentage"),
        ("weasyprint.formatting_structure.boxes", "Box"),
        ("pydyf", "_to_bytes"),
        ("weasyprint.layout.preferred", "split_first_line"),
    ],
)
def test_one_that_does_not_find_its_way_is_left_out(module, gone, shortcuts, monkeypatch):
    monkeypatch.delattr(import_module(module), gone)

    with shortcuts.taken():
        pass

    groups = (
        shortcuts._styles,
        shortcuts._own_sheet,
        shortcuts._lengths,
        shortcuts._places,
        shortcuts._numbers,
        shortcuts._measured,
    )
    assert [group() for group in groups].count(None) == 1
