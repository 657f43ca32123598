"""How hard a text is, against values worked out by hand from the formulas."""

import pytest

from exercises import readability
from exercises.readability import grade, hardest, level, spanish_ease, spanish_syllables, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("hip", 1), ("knee", 1), ("muscle", 2), ("muscles", 2), ("breathe", 1), ("lifted", 2), ("exercise", 3),
        ("places", 2), ("table", 2), ("10", 1), ("the", 1),
    ],
)  # fmt: skip
def test_counts_syllables_as_spoken(word, count):
    assert syllables(word) == count


def test_gives_the_grade_of_the_formula():
    # 5 words, 1 sentence, 5 syllables: 0.39 × 5 + 11.8 × 1 − 15.59
    assert grade(["Lift your knee up slow"]) == round(0.39 * 5 + 11.8 - 15.59, 1)


def test_long_words_and_sentences_read_harder():
    easy = grade(["Lie on your back.", "Lift your hips."])
    hard = grade(["Subsequently, progressively reactivate your gluteal musculature while maintaining alignment."])

    assert easy < 2 < 12 < hard


def test_nothing_has_no_grade():
    assert grade([]) == 0.0


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("pie", 1), ("rodilla", 3), ("pierna", 2), ("acuéstese", 4), ("día", 2), ("aire", 2), ("izquierda", 3),
        ("cuádriceps", 3), ("muy", 1), ("ayuda", 3), ("caer", 2), ("reír", 2), ("que", 1), ("guía", 2), ("aún", 2),
        ("hueso", 2), ("construir", 2), ("muévase", 3), ("y", 1), ("oído", 3), ("10", 1),
    ],
)  # fmt: skip
def test_counts_spanish_syllables_as_spoken(word, count):
    assert spanish_syllables(word) == count


def test_gives_the_ease_of_the_spanish_formula():
    # 4 words, 1 sentence, 8 syllables: 206.84 − 60 × 8/4 − 1.02 × 4
    assert spanish_ease(["Baje la pierna despacio"]) == pytest.approx(206.84 - 60 * 8 / 4 - 1.02 * 4, abs=0.05)


def test_long_spanish_words_and_sentences_read_harder():
    easy = spanish_ease(["Baje el pie.", "Respire."])
    hard = spanish_ease(["Posteriormente, reactive progresivamente la musculatura glútea manteniendo la alineación."])

    assert hard < 30 < 70 < easy


def test_nothing_is_easy_in_spanish():
    assert spanish_ease([]) == 100.0


def test_says_the_level_and_its_limit_and_never_that_a_hard_text_reached_it(monkeypatch):
    monkeypatch.setattr(readability, "spanish_ease", lambda lines: 69.6)
    monkeypatch.setattr(readability, "grade", lambda lines: 6.1)

    english, spanish = (level(language, ["Any."]) for language in readability.MEASURED)

    assert (str(english), english.hard) == ("grade 6.1, 6 is the most", True)
    assert spanish.verdict == "Too hard: ease 69, 70 is the least."


def test_says_that_an_easy_text_is_easy_and_which_sentence_is_hardest():
    short, long = "Sit.", "Straighten your leg until you notice a stretch behind your knee."

    assert level("en", [short]).verdict == "Easy to read: grade 0.0."
    assert hardest("en", [short, long]) == long
