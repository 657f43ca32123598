"""What findings say about drivers: reasons side by side, in the catalog's order, and nothing added up."""

import pytest

from patients.weighing import KnownFinding, Measured, Voice, unheard, weigh

DRIVERS = ("disc", "stenosis", "piriformis")
FIGURE = {"words": "LR+ 3", "citation": "suri2010", "certainty": "high", "checked": "Record read"}


def voice(driver, speaks="for"):
    return Voice(driver, speaks, f"It speaks {speaks} {driver}.")


def measured(driver, result="both"):
    return Measured(driver, result, **FIGURE)


SITTING = KnownFinding("sitting", "Worse with sitting", present=(voice("disc"), voice("stenosis", "against")))
CLAUDICATION = KnownFinding(
    "claudication",
    "Claudication",
    present=(voice("stenosis"),),
    absent=(voice("stenosis", "against"),),
    measured=(measured("stenosis"),),
)
THOMAS = KnownFinding("thomas", "Thomas test", present=(voice("disc"),), measured=(measured("disc"),))
AGE = KnownFinding("age", "Age over 70", present=(voice("stenosis"),), measured=(measured("stenosis", "present"),))
LEVELS = KnownFinding("levels", "Uneven levels", measured=(measured("disc"),))
FINDINGS = (SITTING, CLAUDICATION, THOMAS, AGE, LEVELS)


def said(answers):
    """Return what is said: driver → its findings for, against and neither way."""
    return {
        weight.driver: tuple(
            [reason.finding for reason in reasons] for reasons in (weight.supports, weight.opposes, weight.neither)
        )
        for weight in weigh(answers, FINDINGS, drivers=DRIVERS)
        if weight.supports or weight.opposes or weight.neither
    }


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param({}, {}, id="nothing asked says nothing"),
        pytest.param(
            {"sitting": True},
            {"disc": (["sitting"], [], []), "stenosis": ([], ["sitting"], [])},
            id="one finding speaks for one driver and against another",
        ),
        pytest.param({"sitting": False}, {}, id="absence says nothing unless the catalog says so"),
        pytest.param(
            {"claudication": False}, {"stenosis": ([], ["claudication"], [])}, id="absence speaks where it has a voice"
        ),
        pytest.param({"thomas": False}, {"disc": ([], [], ["thomas"])}, id="numbers without a voice speak neither way"),
        pytest.param({"levels": True}, {"disc": ([], [], ["levels"])}, id="a finding that is only recorded is shown"),
        pytest.param({"age": False}, {}, id="a number about presence isn't shown for absence"),
        pytest.param(
            {"age": True, "claudication": True, "sitting": True},
            {"disc": (["sitting"], [], []), "stenosis": (["claudication", "age"], ["sitting"], [])},
            id="reasons come in the order of the findings",
        ),
        pytest.param({"no_such": True}, {}, id="an unknown finding says nothing"),
    ],
)
def test_puts_reasons_side_by_side(answers, expected):
    assert said(answers) == expected


@pytest.mark.parametrize("answers", [{}, {"claudication": True, "age": True}, {"sitting": True}])
def test_never_ranks(answers):
    assert tuple(weight.driver for weight in weigh(answers, FINDINGS, drivers=DRIVERS)) == DRIVERS


@pytest.mark.parametrize(
    ("result", "present", "shown"),
    [
        ("present", True, True),
        ("present", False, False),
        ("absent", True, False),
        ("absent", False, True),
        ("both", True, True),
        ("both", False, True),
    ],
)
def test_shows_numbers_with_the_answer_they_are_about(result, present, shown):
    row = measured("disc", result)
    finding = KnownFinding("slump", "Slump", (voice("disc"),), (voice("disc", "against"),), (row, measured("stenosis")))

    disc = weigh({"slump": present}, [finding], drivers=["disc"])[0]

    (reason,) = disc.supports + disc.opposes
    assert reason.measured == ((row,) if shown else ())
    assert (reason.present, bool(disc.supports)) == (present, present)


def test_gives_the_reason_in_the_catalogs_words():
    (disc, *_) = weigh({"sitting": True}, FINDINGS, drivers=DRIVERS)

    (reason,) = disc.supports
    assert (reason.name, reason.present, reason.why) == ("Worse with sitting", True, "It speaks for disc.")


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ({}, []),
        ({"sitting": True}, []),
        ({"sitting": False, "age": False, "thomas": False}, ["Worse with sitting", "Age over 70"]),
    ],
)
def test_names_what_concerns_no_driver(answers, names):
    assert [finding.name for finding in unheard(answers, FINDINGS, drivers=DRIVERS)] == names
