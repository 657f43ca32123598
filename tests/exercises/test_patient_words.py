"""What a patient reads promises nothing, in either language."""

import re

import pytest

from tests.conftest import catalog_as_shipped

PROMISES = {
    "en": r"\b(cure|heals?|fix(es)? (your|the) (back|pain|nerve)|realign|proven|guarantee|switch(es)? o(n|ff)"
    r"|releases? the nerve|back to neutral)\b",
    "es": r"\b(cura(r|rá)?|sana(rá)?|arregla|realinea|comprobado|garantiza|libera el nervio|desactiva)\b",
}


@pytest.fixture(scope="module")
def catalog():
    return catalog_as_shipped()


@pytest.mark.parametrize("language", PROMISES)
def test_promises_nothing(catalog, language):
    said = [
        (exercise.slug, part)
        for exercise in catalog.exercises
        for part in (*exercise.text[language].parts, *catalog.poses[exercise.slug].words[language].values())
    ]
    for driver in catalog.drivers:
        words = driver if language == "en" else driver.es
        said += [(driver.slug, part) for part in (words.patient_words, words.why_this_order)]

    assert [line for line in said if re.search(PROMISES[language], line[1], re.IGNORECASE)] == []


def test_finds_a_promise():
    assert re.search(PROMISES["en"], "This heals your back.")
    assert re.search(PROMISES["es"], "Esto cura la espalda.")
