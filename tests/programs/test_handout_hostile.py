"""Whatever is typed or uploaded, a handout is a sane page or a clear refusal, in every layout."""

import hashlib
import io
import re
from dataclasses import replace
from typing import get_args

import pypdf
import pytest
from PIL import Image

from clinics.pdf import CannotDraw
from programs.handout import Handout, HandoutClinic, Layout, Style, render_html, render_pdf
from tests.conftest import DEEP
from tests.programs.handout_samples import EIGHT, FIGURES, make_handout, make_item, make_phases

LAYOUTS = get_args(Layout)
MARKUP = "<script>alert(1)</script> & <img src=x onerror=y> <b>\"'</b> {{ handout }} {% now %} &#0; ]]> <!-- "
LONG = "x" * 10_000
EMOJI = "👩🏽‍⚕️ 🏳️‍🌈 1️⃣ ✅ 💪"
FROM_THE_RIGHT = "שלום עולם مرحبا بالعالم \u202eevil\u202c \u2067x\u2069"
ODD = "\x0b\x0c \ufeff \ufffd \u2028 \u0301\u0301\u0301 \ud7ff 𝔘𝔫𝔦 ﷽"

# In a plain run the usual one, and the one without pictures, are drawn.
each_layout = pytest.mark.parametrize("layout", LAYOUTS if DEEP else ["standard", "checklist"])


def typed_everywhere(text: str, layout: str) -> Handout:
    """Return a handout with that text wherever people type."""
    words = {"name": text, "steps": (text, text, text), "feel": text, "stop_if": (text,), "mistakes": (text,)}
    item = replace(make_item("Glute bridge"), **words, note=text, note_by=text, modify=(text,))
    return make_handout(
        clinic=HandoutClinic(text, text, text, text, text),
        patient_name=text,
        clinician_name=text,
        clinician_credentials=text,
        for_line=text,
        about=text,
        why_order=text,
        next_visit=text,
        phases=make_phases(item),
        layout=layout,
    )


def read(handout: Handout) -> tuple[int, str]:
    """Return how many pages the PDF has, and its text."""
    drawn = render_pdf(handout, FIGURES)
    reader = pypdf.PdfReader(io.BytesIO(drawn.content))
    assert len(reader.pages) == drawn.pages
    return drawn.pages, " ".join(page.extract_text() for page in reader.pages)


@pytest.mark.asvs("V1.3.1", "V1.3.5")
@each_layout
def test_markup_is_printed_as_typed(layout):
    pages, text = read(typed_everywhere(MARKUP, layout))

    assert "<script>alert(1)</script>&<imgsrc=xonerror=y>" in re.sub(r"\s+", "", text)
    assert pages <= 6


@pytest.mark.asvs("V1.3.1", "V1.3.5")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_markup_is_never_markup(layout):
    html = render_html(typed_everywhere(MARKUP, layout))

    assert "<script" not in html
    assert "<img src=x" not in html


@each_layout
def test_a_word_without_end_is_broken_over_lines(layout):
    word = LONG if DEEP or layout == "standard" else LONG[:2_000]
    note = replace(make_item("Glute bridge"), note=word, note_by="Dana")
    handout = make_handout(phases=make_phases(note), layout=layout, patient_name=f"Maria {'y' * 120}")

    pages, text = read(handout)

    assert pages <= 20
    assert text.count("y") >= 120


@each_layout
@pytest.mark.parametrize("typed", [EMOJI, FROM_THE_RIGHT, ODD] if DEEP else [f"{EMOJI} {ODD} {FROM_THE_RIGHT}"])
def test_signs_that_no_font_has_leave_a_sane_page(layout, typed):
    pages, text = read(typed_everywhere(f"Keep {typed} calm", layout))

    assert pages <= 4
    assert "Keep" in text
    assert "calm" in text
    assert not set(text) & set("\u202e\u2067\x0b\ufffd")


@each_layout
def test_forty_exercises_all_come_in_order(layout):
    handout = make_handout(*(EIGHT * 5), layout=layout)

    pages, text = read(handout)

    assert len(handout.items) == 40
    flat = re.sub(r"\s+", "", text)
    places = [flat.find(f"{item.number}.{item.name.replace(' ', '')}") for item in handout.items]
    assert -1 not in places
    assert places == sorted(places)
    assert pages <= 40


@each_layout
def test_no_exercise_at_all_is_a_page(layout):
    pages, text = read(make_handout(phases=(), layout=layout))

    assert pages == 1
    assert "Maria Rivera" in text


@each_layout
def test_a_missing_logo_is_told(layout):
    clinic = HandoutClinic("Lakeside", logo_key="0" * 64)

    with pytest.raises(CannotDraw, match="asked for asset:0000"):
        render_pdf(make_handout("Glute bridge", clinic=clinic, layout=layout), FIGURES)


@pytest.mark.parametrize(
    "logo",
    [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"<svg xmlns='http://www.w3.org/2000/svg'><g>"],
    ids=["empty", "text", "a broken PNG", "a broken drawing"],
)
def test_a_broken_logo_is_told(logo):
    clinic = HandoutClinic("Lakeside", logo_key="logo")

    with pytest.raises(CannotDraw):
        render_pdf(make_handout("Glute bridge", clinic=clinic), {**FIGURES, "logo": logo})


@each_layout
def test_a_broken_figure_is_told(layout):
    if layout == "checklist":
        pytest.skip("it prints no pictures")

    with pytest.raises(CannotDraw):
        render_pdf(make_handout("Glute bridge", layout=layout), dict.fromkeys(FIGURES, b"<svg"))


@each_layout
def test_a_code_that_is_missing_is_told(layout):
    with pytest.raises(CannotDraw):
        render_pdf(make_handout("Glute bridge", layout=layout, has_code=True), FIGURES)


@each_layout
def test_prints_logo_colour_and_code(layout):
    picture = io.BytesIO()
    Image.new("RGB", (60, 24), "#0b5f66").save(picture, "PNG")
    key = hashlib.sha256(picture.getvalue()).hexdigest()
    clinic = HandoutClinic("Lakeside", logo_key=key, colour="#0b5f66", website="lakeside.invalid")
    handout = make_handout("Glute bridge", clinic=clinic, layout=layout, has_code=True)

    drawn = render_pdf(handout, {**FIGURES, key: picture.getvalue()}, code=next(iter(FIGURES.values())))

    assert "lakeside.invalid" in pypdf.PdfReader(io.BytesIO(drawn.content)).pages[0].extract_text()


@pytest.mark.parametrize(
    "colour", ["red;}<b>", "red;}*{display:none", "</style><script>", "url(//x)", "#zzzzzz", "#0b5f6", "0b5f667"]
)
def test_a_colour_that_is_none_changes_nothing(colour):
    html = render_html(make_handout("Glute bridge", clinic=HandoutClinic("Lakeside", colour=colour)))

    assert "<script" not in html
    assert "<style" not in html
    assert "red;" not in html
    assert "display:none" not in html
    assert "url(" not in html


def test_a_colour_is_the_accent_as_it_was_frozen():
    html = render_html(make_handout("Glute bridge", clinic=HandoutClinic("Lakeside", colour="#0B5F66")))

    assert "--accent: #0B5F66;" in html


def test_every_layout_has_its_style():
    from programs.handout import STYLES

    assert set(STYLES) == set(LAYOUTS)
    assert all(isinstance(style, Style) and style.densities for style in STYLES.values())
