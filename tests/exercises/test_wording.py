"""The words of steps and doses."""

import pytest

from exercises.wording import dose_words, line_for, range_words, steps_for

THEN_THE_OTHER = "Then do the same on your other side."
STEPS = ["Rest your {side} ankle on your {other} knee.", "Breathe."]


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        pytest.param("left", ["Rest your left ankle on your right knee.", "Breathe."], id="left is left"),
        pytest.param("right", ["Rest your right ankle on your left knee.", "Breathe."], id="right is right"),
        pytest.param(
            "each",
            ["Rest your right ankle on your left knee.", "Breathe.", THEN_THE_OTHER],
            id="each starts right",
        ),
        pytest.param(
            "",
            ["Rest your right ankle on your left knee.", "Breathe.", THEN_THE_OTHER],
            id="no side means both",
        ),
    ],
)
def test_fills_the_side_into_steps(side: str, expected: list[str]) -> None:
    assert steps_for(STEPS, side) == expected


def test_adds_no_other_side_to_steps_that_name_none() -> None:
    assert steps_for(["Lie on your back."], "") == ["Lie on your back."]


def test_says_to_do_the_other_side_when_each_side_was_chosen() -> None:
    assert steps_for(["Lie on your side."], "each") == ["Lie on your side.", THEN_THE_OTHER]


@pytest.mark.parametrize(
    ("line", "side", "expected"),
    [
        ("Deep in your {side} buttock.", "left", "Deep in your left buttock."),
        ("Deep in your {side} buttock.", "each", "Deep in your right buttock."),
        ("Keep the {other} knee down.", "right", "Keep the left knee down."),
        ("Braces {like these} stay.", "left", "Braces {like these} stay."),
        ("", "left", ""),
    ],
)
def test_fills_the_side_into_one_line(line: str, side: str, expected: str) -> None:
    assert line_for(line, side) == expected


# sets, reps, hold in seconds, minutes, times a day, days a week, side
DOSES = [
    pytest.param(
        (2, 3, 30, None, 2, 5, "left"),
        ["Hold 30 seconds", "3 times", "2 sets", "left side", "2 times a day", "5 days a week"],
        id="a stretch on one side",
    ),
    pytest.param((1, 10, None, None, 1, 7, ""), ["10 times", "once a day"], id="one set and every day go unsaid"),
    pytest.param(
        (1, 1, 60, None, 1, 7, "each"),
        ["Hold 60 seconds", "1 time", "each side", "once a day"],
        id="singular",
    ),
    pytest.param((1, 1, 1, None, 1, 1, ""), ["Hold 1 second", "1 time", "once a day", "1 day a week"], id="all ones"),
    pytest.param(
        (1, 1, 180, None, 3, 7, ""),
        ["Hold 3 minutes", "1 time", "3 times a day"],
        id="a long hold in minutes",
    ),
    pytest.param(
        (1, 1, 90, None, 1, 7, ""), ["Hold 90 seconds", "1 time", "once a day"], id="no fractions of a minute"
    ),
    pytest.param((1, None, None, 10, 2, 7, ""), ["10 minutes", "2 times a day"], id="a duration"),
    pytest.param((1, None, None, 1, 1, 3, ""), ["1 minute", "once a day", "3 days a week"], id="one minute"),
    pytest.param((None, None, None, None, None, None, ""), [], id="nothing known"),
]


@pytest.mark.parametrize(("dose", "expected"), DOSES)
def test_says_a_dose_in_short_phrases(
    dose: tuple[int, int | None, int | None, int | None, int, int, str], expected: list[str]
) -> None:
    assert dose_words(*dose) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(8, 12, "8 to 12 times"), (8, None, ""), (8, 8, ""), (None, None, "")],
)
def test_says_a_range_only_when_there_is_one(low: int | None, high: int | None, expected: str) -> None:
    assert range_words(low, high, "time") == expected


@pytest.mark.parametrize(
    ("dose", "expected"),
    [
        (
            (2, 3, 30, None, 2, 5, "left", 3, 60),
            [
                "Sostenga 30 segundos",
                "3 veces",
                "3 segundos en cada sentido",
                "2 series",
                "descanse 60 segundos entre series",
                "lado izquierdo",
                "2 veces al día",
                "5 días a la semana",
            ],
        ),
        (
            (1, 1, 1, None, 1, 1, "each"),
            ["Sostenga 1 segundo", "1 vez", "cada lado", "una vez al día", "1 día a la semana"],
        ),
        ((1, None, None, 1, 1, 7, "right"), ["1 minuto", "lado derecho", "una vez al día"]),
    ],
)
def test_says_a_dose_in_spanish(dose: tuple, expected: list[str]) -> None:
    assert dose_words(*dose, language="es") == expected


def test_fills_the_spanish_side_in_by_gender() -> None:
    steps = ["Ponga el tobillo {side} sobre la rodilla {other_f}."]

    assert steps_for(steps, "left", "es") == ["Ponga el tobillo izquierdo sobre la rodilla derecha."]
    assert steps_for(steps, "each", "es")[-1] == "Luego haga lo mismo con el otro lado."


def test_says_it_in_english_where_the_language_is_not_known() -> None:
    assert dose_words(1, 3, None, None, 1, 7, language="tlh") == ["3 times", "once a day"]
