"""Which density a document is printed at: the roomiest that wastes no paper, without trying all of them."""

import pytest

from clinics import pdf
from tests.conftest import DEEP

SHEETS = {
    "base.css": """
        @page { size: 100mm 101mm; margin: 5mm }
        body { margin: 0 }
        p { margin: 0; height: 10mm; font-size: 3mm; break-inside: avoid }
    """,
    "roomy.css": "p { height: 15mm }",
    "close.css": "p { height: 10mm }",
    "tight.css": "p { height: 7mm }",
}
DENSITIES = [(name, [f"{name}.css"]) for name in ("roomy", "close", "tight")]


@pytest.fixture
def laid_out(monkeypatch):
    """The densities that were laid out, in order; the style sheets are those above."""
    engine = pdf._engine()
    found = []

    def style(path):
        if path != "base.css":
            found.append(path.removesuffix(".css"))
        return engine.weasyprint.CSS(string=SHEETS[path], font_config=engine.fonts)

    monkeypatch.setattr(pdf, "_style", style)
    return found


def draw(lines: int, densities=DENSITIES, step: float = 1.15) -> pdf.Pdf:
    html = f'<!doctype html><html lang="en"><head><title>x</title></head><body>{"<p>x</p>" * lines}</body></html>'
    return pdf.render_html_to_pdf(html, styles=["base.css"], densities=densities, step=step)


# Six lines fill a page at the roomiest, 9 at the middle one, 12 at the tightest.
CASES = [
    (1, "roomy", 1),
    (6, "roomy", 1),
    (7, "close", 1),
    (9, "close", 1),
    (10, "tight", 1),
    (12, "tight", 1),
    (14, "close", 2),
    (18, "close", 2),
    (19, "tight", 2),
    (24, "tight", 2),
    (36, "tight", 3),
]


@pytest.mark.parametrize(("lines", "density", "pages"), CASES)
def test_it_takes_the_roomiest_that_has_the_fewest_pages(laid_out, lines, density, pages):
    made = draw(lines)

    assert (made.density, made.pages) == (density, pages)


@pytest.mark.parametrize("lines", range(1, 40, 1 if DEEP else 3))
def test_it_wastes_no_page(laid_out, lines):
    fewest = min(draw(lines, densities=[density]).pages for density in DENSITIES)

    assert draw(lines).pages == fewest


@pytest.mark.parametrize("lines", [12, 24, 36, 120])
def test_it_lays_a_full_document_out_once(laid_out, lines):
    draw(lines)

    assert laid_out == ["tight"]


def test_it_tries_what_would_only_just_fit_when_told_that_steps_are_small(laid_out):
    draw(12, step=1)

    assert laid_out[:2] == ["tight", "close"]


def test_it_goes_up_at_once_as_far_as_there_is_room(laid_out):
    draw(1)

    assert laid_out == ["tight", "roomy"]


def test_it_has_nothing_to_say_without_a_choice(laid_out):
    assert draw(30, densities=()).density == ""


def test_it_chooses_alike_when_it_cannot_look_into_the_layout(laid_out, monkeypatch):
    monkeypatch.setattr(pdf._engine().recorded, "WRITTEN_FOR", "another version")

    assert [draw(lines).density for lines, _, _ in CASES] == [density for _, density, _ in CASES]
