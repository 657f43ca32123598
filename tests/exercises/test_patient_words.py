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
    owners = [(row.slug, row.rules) for row in catalog.precautions]
    owners += [(exercise.slug, exercise.precaution_overrides) for exercise in catalog.exercises]
    said += [(slug, rule.care[language]) for slug, rules in owners for rule in rules.values() if rule.care]

    assert [line for line in said if re.search(PROMISES[language], line[1], re.IGNORECASE)] == []


def test_finds_a_promise():
    assert re.search(PROMISES["en"], "This heals your back.")
    assert re.search(PROMISES["es"], "Esto cura la espalda.")


def test_speaks_of_precautions_with_usted(catalog):
    said = [rule.care["es"] for row in catalog.precautions for rule in row.rules.values() if rule.care]
    said += [sign for row in catalog.precautions for sign in (*(row.es.emergency or ()), *(row.es.stops or ()))]

    assert len(said) > 40
    assert [line for line in said if re.search(r"\b(tú|tu|tus|te|ti|haz|sientes|tienes|puedes)\b", line)] == []


def test_knows_the_signs_that_come_with_a_pregnancy(catalog):
    pregnancy = next(row for row in catalog.precautions if row.slug == "pregnancy")

    said = " ".join(pregnancy.emergency)

    assert [sign for sign in ("bleed", "leak fluid", "belly pain on one side", "tight again") if sign not in said] == []
