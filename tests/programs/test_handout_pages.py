"""The handout's five layouts on paper: tagged for screen readers, in the program's order, on few pages."""

import io
import re
import subprocess
from dataclasses import replace
from functools import cache
from itertools import chain, cycle, pairwise, product

import page
import pypdf
import pytest
from django.conf import settings

from clinics import pdf
from programs.handout import STYLES, Handout, HandoutClinic, render_html, render_pdf
from tests.conftest import DEEP
from tests.programs.handout_samples import EIGHT, FIGURES, FOUR, START_KEY, make_handout, make_item, make_phases
from tests.programs.tagged import Element, elements, reading

SIX = EIGHT[:6]
LOGO = FIGURES[START_KEY]
CODE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h3v3h-3zM5 5h2v2h-2z"/></svg>'
BRANDED = HandoutClinic(
    "Lakeside Physical Therapy",
    "(555) 010-4477",
    "12 Shore Road, Lakeside",
    "hello@lakeside.invalid",
    "lakeside.invalid",
    logo_key="logo",
    colour="#0f5c63",
)
SETTINGS = [(layout, density) for layout, style in STYLES.items() for density, _ in style.densities]
PAPERS_AND_LANGUAGES = list(product(("A4", "Letter"), ("en", "es")))
# Every layout as roomy and as tight as it gets, each on one paper in one language; a thorough run takes all of them.
ENDS = [(layout, style.densities[end][0]) for layout, style in STYLES.items() for end in (0, -1)]
SHEETS = (
    [(*setting, *other) for setting, other in product(SETTINGS, PAPERS_AND_LANGUAGES)]
    if DEEP
    else [(*setting, *other) for setting, other in zip(ENDS, cycle(PAPERS_AND_LANGUAGES))]
)
each_sheet = pytest.mark.parametrize(("layout", "density", "paper", "language"), SHEETS, ids=map(" ".join, SHEETS))
each_layout = pytest.mark.parametrize("layout", list(STYLES))


def make_sheet(*names: str, layout: str = "standard", **changes) -> Handout:
    """Return a handout with all that can stand on one: logo, colour, code and four weeks of log."""
    return make_handout(*names, **{"clinic": BRANDED, "has_code": True, "weeks": 4, "layout": layout, **changes})


@cache
def draw_at(handout: Handout, density: str) -> bytes:
    """Return the PDF at one density, whichever would be taken; several tests look at the same one."""
    style = STYLES[handout.layout]
    assets = {**FIGURES, "logo": LOGO, "code": CODE}
    styles = [*style.sheets, *dict(style.densities)[density]]
    return pdf.render_html_to_pdf(render_html(handout), styles=styles, assets=assets).content


@cache
def sheet(layout: str, density: str, paper: str, language: str) -> tuple[Handout, bytes]:
    """Return a handout of some pages and its PDF, which all the tests of a setting read."""
    note = {"note": "Go slowly. " * 8, "note_by": "Dana"}
    handout = make_sheet(*SIX, layout=layout, paper=paper, language=language, each=note)
    return handout, draw_at(handout, density)


@cache
def tagged(*which: str) -> list[Element]:
    return elements(sheet(*which)[1])


@cache
def texts_of(*which: str) -> list[str]:
    return page_texts(sheet(*which)[1])


def draw(handout: Handout) -> pdf.Pdf:
    return render_pdf(handout, {**FIGURES, "logo": LOGO}, code=CODE)


def page_texts(document: bytes) -> list[str]:
    """Return the text of each page as a copying hand would get it, spaces folded."""
    found = subprocess.run(["pdftotext", "-layout", "-", "-"], input=document, capture_output=True, check=True)
    return [" ".join(text.split()) for text in found.stdout.decode().split("\f")[:-1]]


def drawings(document: bytes) -> int:
    """Return how often a picture is drawn on the pages."""
    return sum(page.get_contents().get_data().count(b" Do") for page in pypdf.PdfReader(io.BytesIO(document)).pages)


def in_order(parts: list[str], text: str) -> bool:
    return re.search(".*?".join(map(re.escape, parts)), text) is not None


@each_sheet
def test_it_is_pdf_ua_1(layout, density, paper, language):
    _, document = sheet(layout, density, paper, language)

    report = page.validate_pdf_bytes(document, profile="ua1")

    assert [str(failure) for failure in report.failures] == []


@each_sheet
def test_every_picture_has_its_text_and_is_drawn_once(layout, density, paper, language):
    handout, document = sheet(layout, density, paper, language)

    said = [figure.alt for figure in tagged(layout, density, paper, language) if figure.kind == "Figure"]

    assert all(said)
    assert said[:2] == ["Lakeside Physical Therapy", handout.words.code_alt]
    pictures = {"compact": 1, "checklist": 0}.get(layout, 2)
    assert len(said) == drawings(document) == 2 + pictures * len(SIX)


@each_sheet
def test_headings_nest_and_come_in_the_order_of_the_program(layout, density, paper, language):
    handout, _ = sheet(layout, density, paper, language)

    headings = [found for found in tagged(layout, density, paper, language) if re.fullmatch(r"H\d", found.kind)]

    levels = [int(heading.kind[1]) for heading in headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(lower <= upper + 1 for upper, lower in pairwise(levels))
    names = [" ".join(heading.text.split()) for heading in headings if heading.kind == "H3"]
    assert names == [f"{item.number}. {item.name}" for item in handout.items]


@each_sheet
def test_it_is_read_out_in_the_order_of_the_program(layout, density, paper, language):
    handout, document = sheet(layout, density, paper, language)

    text = reading(document)

    exercises = [
        [f"{item.number}. {item.name}", *item.dose_chips, *_steps(item, layout, density)] for item in handout.items
    ]
    assert in_order([handout.patient_name, handout.words.emergency_heading, *chain.from_iterable(exercises)], text)


@each_sheet
def test_it_is_copied_in_the_order_of_the_program(layout, density, paper, language):
    if layout == "cards" and density != "roomy":
        pytest.skip("cards stand in two columns, which copying by lines mixes; they are read out in order")
    handout, _ = sheet(layout, density, paper, language)

    text = " ".join(texts_of(layout, density, paper, language))

    parts = [part for item in handout.items for part in (f"{item.number}. {item.name}", item.dose_chips[0])]
    assert in_order(parts, text)


@each_sheet
def test_every_cell_of_the_log_has_its_day_and_its_exercise_as_headers(layout, density, paper, language):
    found = tagged(layout, density, paper, language)

    cells = [cell.attributes.get("/Headers", []) for cell in found if cell.kind == "TD"]
    rows = 0 if layout == "compact" else len(SIX) + 1
    assert [len(headers) for headers in cells] == [2] * 28 * rows


@each_sheet
def test_bookmarks_lead_to_phases_and_exercises(layout, density, paper, language):
    handout, document = sheet(layout, density, paper, language)

    outline = pypdf.PdfReader(io.BytesIO(document)).outline

    [title, below] = outline
    assert title.title == handout.words.title
    phases = [mark.title for mark in below if not isinstance(mark, list)]
    assert [f"{phase.number} {phase.name}" for phase in handout.phases] == [
        name for name in phases if name[0].isdigit()
    ]
    exercises = [mark.title for inner in below if isinstance(inner, list) for mark in inner]
    assert exercises == [f"{item.number}. {item.name}" for item in handout.items]


@each_sheet
def test_no_exercise_is_split_and_no_heading_stands_alone_at_a_foot(layout, density, paper, language):
    handout, _ = sheet(layout, density, paper, language)

    texts = texts_of(layout, density, paper, language)

    for phase in handout.phases:
        first = phase.items[0]
        assert any(in_order([f"{phase.number} {phase.name}", f"{first.number}. {first.name}"], text) for text in texts)
    for item in handout.items:
        with_title = [text for text in texts if f"{item.number}. {item.name}" in text]
        assert any(item.note.strip()[-10:] in text for text in with_title)


def test_no_picture_floats_by_itself():
    """One that did and met the foot of a page was drawn there and again at the head of the next."""
    for sheet in (settings.BASE_DIR / "static" / "css").glob("handout*.css"):
        if sheet.name != "handout-screen.css":
            assert not re.search(r"\.figure\b[^{}]*{[^}]*float: (left|right)", sheet.read_text("utf-8")), sheet.name


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_eight_exercises_take_two_pages_with_their_log(paper):
    drawn = draw(make_sheet(*EIGHT, weeks=2, paper=paper))

    texts = page_texts(drawn.content)
    assert len(texts) == drawn.pages == 2
    assert "8. Walking 10 minutes" in texts[1]
    assert "Worst pain, 0 to 10" in texts[1]


@pytest.mark.parametrize(("paper", "language"), PAPERS_AND_LANGUAGES if DEEP else [("A4", "en"), ("Letter", "es")])
def test_compact_takes_one_page_for_eight(language, paper):
    assert draw(make_sheet(*EIGHT, layout="compact", language=language, paper=paper)).pages == 1


FEW_AND_MANY = [(layout, 1) for layout in STYLES] + [(layout, 12) for layout in (STYLES if DEEP else ["standard"])]


@pytest.mark.parametrize(("layout", "size"), FEW_AND_MANY)
def test_it_holds_few_and_many_exercises(layout, size):
    names = (EIGHT * 2)[:size]

    drawn = draw(make_sheet(*names, layout=layout))

    text = " ".join(page_texts(drawn.content))
    assert all(f"{number}. {name}" in text for number, name in enumerate(names, start=1))
    assert page.validate_pdf_bytes(drawn.content, profile="ua1").is_compliant


@each_layout
def test_it_does_without_pictures_log_and_branding(layout):
    bare = make_handout(*FOUR, layout=layout, weeks=0, next_visit="", about="", why_order="", each={"figures": ()})

    drawn = render_pdf(bare, {})

    assert page.validate_pdf_bytes(drawn.content, profile="ua1").is_compliant
    assert "Tick off" not in " ".join(page_texts(drawn.content))


@pytest.mark.parametrize(
    ("layout", "density"), SETTINGS if DEEP else [(a, s.densities[-1][0]) for a, s in STYLES.items()]
)
def test_long_words_stay_on_the_page(layout, density):
    item = replace(make_item("Glute bridge"), name="Bridge" * 20, note="x" * 400, note_by="Dana")
    handout = make_sheet(layout=layout, phases=make_phases(item), patient_name="Anna" * 30, next_visit="y" * 200)

    document = draw_at(handout, density)

    text = "".join(page_texts(document))  # what lies beyond the edge isn't in there
    assert text.count("x") >= 400
    assert text.count("B") >= 20
    assert len(re.findall("[An]", text)) >= 4 * 30


def test_leaves_out_what_a_setting_does_not_show_without_a_trace(monkeypatch):
    handout, style = make_handout(*EIGHT), STYLES["standard"]
    tightest = style.densities[-1:]
    monkeypatch.setitem(STYLES, "standard", style._replace(densities=tightest, unseen={}))
    hidden_by_its_style_alone = render_pdf(handout, FIGURES)

    monkeypatch.setitem(STYLES, "standard", style._replace(densities=tightest))

    assert style.unseen[tightest[0][0]]
    assert render_pdf(handout, FIGURES) == hidden_by_its_style_alone


def test_a_long_name_keeps_one_tag_over_its_lines():
    name = "A bridge with both heels on a chair, a belt around the knees and a towel between"
    for layout in ("standard", "large", "cards"):
        phases = make_phases(replace(make_item("Glute bridge"), name=name))

        document = draw_at(make_sheet(layout=layout, phases=phases), STYLES[layout].densities[-1][0])

        headings = [" ".join(tag.text.split()) for tag in elements(document) if tag.kind == "H3"]
        assert headings == [f"1. {name}"]


def _steps(item, layout, density):
    """The steps that a setting prints: the checklist none, the one-page layout at its closest the most needed."""
    if layout == "checklist":
        return []
    if layout == "compact" and density in {"tight", "tightest"} and len(item.steps) > 3:
        return item.steps[1:4] if density == "tight" else item.steps[1:3]
    return item.steps
