"""The grade of a text, against values worked out by hand from the formula."""

import pytest

from exercises.readability import grade, syllables


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
