"""An exercise without words in the sheet's language: its own are marked as English, the sheet's are not."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import get_args

import pytest

from clinics import recorded
from programs.handout import Handout, Layout, render_html, render_pdf
from tests.programs.handout_samples import FIGURES, make_handout, make_item, make_phases
from tests.programs.tagged import elements

OPEN_TAGS = {"img", "meta", "br", "link"}
OWN = ("Glute bridge", "Squeeze your buttocks", "Both buttocks, not", "it pulls", "Low back arches", "start position")
OF_THE_SHEET = ("12 veces", "Dónde lo siente", "Pare si", "Tenga cuidado", "Despacio", "inicio", "Fortalecer")


class Said(HTMLParser):
    """Keeps each text of a page, alternatives too, with the language that it is marked as."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.around, self.texts = [""], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        language = given.get("lang", self.around[-1])
        self.texts += [(given["alt"], language)] if "alt" in given else []
        if tag not in OPEN_TAGS:
            self.around.append(language)

    def handle_endtag(self, tag):
        self.around.pop()

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in OPEN_TAGS:
            self.around.pop()

    def handle_data(self, data):
        self.texts.append((data, self.around[-1]))

    def languages_of(self, words: str) -> set[str]:
        return {language for text, language in self.texts if words in text}


def mixed(layout: Layout = "standard") -> Handout:
    """Return a Spanish sheet of one exercise in English."""
    figures = make_item("Glute bridge").figures
    item = make_item(
        "Glute bridge",
        dose_chips=("12 veces",),
        stop_if=("it pulls",),
        care=("Despacio.",),
        figures=(replace(figures[0], caption="inicio"), replace(figures[1], caption="final")),
        language="en",
    )
    (phase,) = make_phases(item)
    return make_handout(layout=layout, language="es", phases=(replace(phase, name="Fortalecer"),))


@pytest.mark.parametrize("layout", get_args(Layout))
def test_it_marks_the_words_of_the_exercise_and_no_others(layout):
    said = Said(render_html(mixed(layout)))

    assert said.languages_of("Glute bridge") == {"en"}
    assert all(said.languages_of(words) <= {"en"} for words in OWN)
    assert all(said.languages_of(words) <= {"es"} for words in OF_THE_SHEET)
    assert {words for words in OF_THE_SHEET if said.languages_of(words)} >= {"12 veces", "Despacio", "Fortalecer"}


def test_a_screen_reader_is_told_so_in_the_pdf():
    found = elements(render_pdf(mixed(), FIGURES).content)

    english = [element for element in found if element.language]
    assert {element.language for element in english} == {"en"}
    assert {"H3", "Figure", "L", "Span", "TH"} <= {element.kind for element in english}
    said = " ".join(element.text + element.alt for element in english)
    assert all(words in said for words in OWN)
    assert not any(words in said for words in OF_THE_SHEET)


def test_the_document_has_one_language_where_the_engine_is_not_the_one_known(monkeypatch):
    monkeypatch.setattr(recorded, "WRITTEN_FOR", "0")
    recorded._tree_builder.cache_clear()

    found = elements(render_pdf(mixed("checklist"), FIGURES).content)

    recorded._tree_builder.cache_clear()
    assert not any(element.language for element in found)
    assert any("Glute bridge" in element.text for element in found)
