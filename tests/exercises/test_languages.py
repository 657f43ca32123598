"""The languages of the handout: complete as shipped, easy to read, and added to by files."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from exercises import languages
from exercises.languages import BadLanguages, of
from exercises.readability import grade, spanish_ease

POLISH = """
code: pl
name: Polski
plurals:
  one: {exactly: [1]}
  few: {ends: [2, 3, 4], but_not: [12, 13, 14]}
words:
  title: Program ćwiczeń
  stop_if: Przerwij, jeśli
  dose:
    times: {one: "{n} raz", few: "{n} razy", other: "{n} razy"}
    times_a_day: {one: raz dziennie, other: "{n} razy dziennie"}
    seconds: {one: "{n} sekunda", few: "{n} sekundy", other: "{n} sekund"}
    sides: {left: lewa strona}
  emergency: [a, b, c, d, e, f, g]
"""


@pytest.fixture
def folder(own_languages) -> Path:
    """A clinic's folder with Polish in it."""
    (own_languages / "pl.yaml").write_text(POLISH, encoding="utf-8")
    return own_languages


def leaves(words: Any) -> Iterator[str]:
    """Yield each phrase; of one with a number all its forms."""
    if isinstance(words, str):
        yield words
    else:
        for part in words.values() if isinstance(words, dict) else words:
            yield from leaves(part)


def phrases(code: str) -> list[str]:
    found = [words for words in leaves(of(code).words.model_dump()) if words and "{" not in words]
    return [words for words in found if " " in words]  # a label of one word is no sentence


def test_ships_english_and_spanish_with_every_word():
    assert [(row.code, row.name, row.missing) for row in languages.read(languages.SHIPPED).values()] == [
        ("en", "English", ()),
        ("es", "Español", ()),
    ]


def test_reads_at_grade_six_and_at_ease_seventy():
    assert grade(phrases("en")) <= 6
    assert spanish_ease(phrases("es")) >= 70


@pytest.mark.parametrize("part", ["emergency", "stops"])
def test_what_matters_most_reads_as_easily_by_itself(part):
    english, spanish = (getattr(of(code).words, part) for code in ("en", "es"))

    assert grade([f"Get help if {sign}." for sign in english]) <= 6
    assert spanish_ease([f"Busque ayuda si {sign}." for sign in spanish]) >= 70


@pytest.mark.parametrize(
    ("code", "signs"),
    [
        (
            "en",
            [
                "cannot pass urine",
                "bladder or bowel",
                "numb between your legs",
                "gets weaker",
                "lift your foot",
                "both legs",
                "fever",
                "calf is swollen",
                "chest pain",
            ],
        ),
        (
            "es",
            [
                "no puede orinar",
                "la orina o el intestino",
                "entre las piernas",
                "pierden fuerza",
                "levantar el pie",
                "las dos piernas",
                "fiebre",
                "pantorrilla está hinchada",
                "el pecho",
            ],
        ),
    ],
)
def test_names_every_emergency_sign(code, signs):
    said = " ".join(of(code).words.emergency)

    assert [sign for sign in signs if sign not in said] == []


def test_speaks_to_spanish_patients_with_usted():
    said = " ".join(leaves(of("es").words.model_dump()))

    assert re.findall(r"\b(tú|tu|tus|te|ti|contigo|haz|para de|llama|llámanos|sientes|tienes|puedes)\b", said) == []


@pytest.mark.parametrize(
    ("code", "said"), [("en", "5 November 2026"), ("es", "5 de noviembre de 2026"), ("tlh", "5 November 2026")]
)
def test_writes_a_date(code, said):
    assert of(code).date(datetime.date(2026, 11, 5)) == said


def test_leaves_braces_in_what_is_filled_in_as_they_are():
    assert languages.fill("{a} and {b}", a="{b}", b="<b>") == "{b} and <b>"
    assert languages.fill("{unknown} stays", a="x") == "{unknown} stays"


def test_a_clinic_adds_a_language_by_a_file(folder):
    languages.look_in(folder)

    polish = of("pl")
    times, seconds = polish.words.dose.times, polish.words.dose.seconds
    assert list(languages.known()) == ["en", "es", "pl"]
    assert (polish.words.title, polish.words.stop_if) == ("Program ćwiczeń", "Przerwij, jeśli")
    assert [polish.counted(times, number) for number in (1, 3, 5)] == ["1 raz", "3 razy", "5 razy"]
    assert [polish.counted(seconds, number) for number in (1, 2, 5, 13, 22, 30)] == [
        *("1 sekunda", "2 sekundy", "5 sekund", "13 sekund", "22 sekundy", "30 sekund")
    ]


def test_says_in_english_what_the_added_language_lacks_and_names_it(folder):
    languages.look_in(folder)

    polish = of("pl")
    assert polish.words.next_visit == "Next visit"
    assert polish.words.dose.sides == {"left": "lewa strona", "right": "right side", "each": "each side"}
    assert {"next_visit", "dose.hold", "dose.sides.right", "months"} <= set(polish.missing)
    assert not {"title", "dose.times", "dose.sides.left", "emergency"} & set(polish.missing)


def test_a_clinic_says_a_few_words_of_a_shipped_language_in_its_own_way(tmp_path):
    shipped = languages.read(languages.SHIPPED)["es"]
    said = "code: es\nwords:\n  next_visit: Próxima cita\n  dose: {times: {one: una vez, other: '{n} veces'}}\n"
    (tmp_path / "es.yaml").write_text(said, encoding="utf-8")

    ours = languages.read(languages.SHIPPED, tmp_path)["es"]

    changed = {"next_visit": "Próxima cita", "dose": {"times": {"one": "una vez", "other": "{n} veces"}}}
    dose = shipped.words.dose.model_dump() | changed["dose"]
    assert ours.words.model_dump() == shipped.words.model_dump() | changed | {"dose": dose}
    assert (ours.name, ours.plurals, ours.missing) == (shipped.name, shipped.plurals, ())


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("title: Program ćwiczeń", "titel: Program", 8, "titel: there is no such word"),
        ("sides: {left:", "sides: {lewa:", 14, "dose.sides.lewa: there is no such word"),
        ("title: Program ćwiczeń", "title: ''", 8, "words.title: String should have at least 1 character"),
        ("title: Program ćwiczeń", "title: [a]", 8, "words.title: Input should be a valid string"),
        ("title: Program ćwiczeń", "for_line: Na rwę kulszową {where}.", 8, "it must have {driver} {where} to fill in"),
        ("raz dziennie, other:", "raz dziennie, few:", 12, "the form “other” is missing"),
        ('few: "{n} razy"', 'fwe: "{n} razy"', 11, "no form is called so: there are few, one, other"),
        ('"{n} sekund"', '"{time} sekund"', 13, "{time} can't be filled in here"),
        ("[a, b, c, d, e, f, g]", "[a]", 15, "words.emergency"),
        ("code: pl", "code: polish", 2, "must be the file's name"),
        ("name: Polski", "name: Polski\nname: Polnisch", 4, "'name' is given twice"),
        ("plurals:\n", "plurals:\n  other: {exactly: [0]}\n", 4, "plurals"),
        ("code: pl", "code: [", 4, "isn't YAML"),
    ],
)  # fmt: skip
def test_names_file_line_and_reason_of_what_is_wrong(folder, old, new, line, reason):
    assert old in POLISH
    (folder / "pl.yaml").write_text(POLISH.replace(old, new, 1), encoding="utf-8")
    languages.read.cache_clear()

    with pytest.raises(BadLanguages) as bad:
        languages.look_in(folder)

    found = [(mistake.file, mistake.line) for mistake in bad.value.mistakes if reason in mistake.reason]
    assert ("pl.yaml", line) in found, [str(mistake) for mistake in bad.value.mistakes]


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(BadLanguages, match="there is no such folder"):
        languages.read(languages.SHIPPED, tmp_path / "nowhere")


def test_the_site_does_not_start_with_a_language_that_is_wrong(folder, settings):
    from django.apps import apps

    (folder / "pl.yaml").write_text("code: pl\nname: Polski\nwords: {titel: x}\n", encoding="utf-8")
    settings.LANGUAGES_DIR = folder

    with pytest.raises(ImproperlyConfigured, match=r"pl\.yaml:3: titel"):
        apps.get_app_config("exercises").ready()
