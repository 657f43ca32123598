"""Who objects to an exercise."""

import pytest

from exercises import cautions
from exercises.facts import DriverFacts, ExerciseFacts, PrecautionFacts, Rule
from exercises.vocabulary import Phase

PRONE = Rule("caution", "Mind the front.")
BEND = Rule("avoid", "Deep bending.", ("sinaki1984",))
EARLY = Rule("avoid_early", "Too soon.")


def exercise(attributes: list[str], overrides: dict[str, Rule] | None = None) -> ExerciseFacts:
    return ExerciseFacts(
        "bridge",
        "Bridge",
        Phase.STRENGTHEN,
        attributes=frozenset(attributes),
        driver_overrides=overrides or {},
        precaution_overrides=overrides or {},
    )


@pytest.mark.parametrize(
    ("rules", "attributes", "override", "expected"),
    [
        pytest.param({"prone": PRONE}, ["prone"], None, ("caution", ("Mind the front.",)), id="an attribute's rule"),
        pytest.param(
            {"prone": PRONE, "bend": BEND},
            ["prone", "bend"],
            None,
            ("avoid", ("Mind the front.", "Deep bending.")),
            id="the strongest level with every reason",
        ),
        pytest.param({"bend": BEND}, ["bend"], EARLY, ("avoid_early", ("Too soon.",)), id="its own word overrules"),
        pytest.param({}, [], EARLY, ("avoid_early", ("Too soon.",)), id="its own word without a rule"),
        pytest.param({"bend": BEND}, ["prone"], None, None, id="no rule for what it asks"),
    ],
)
def test_weighs_rules_and_overrides(
    rules: dict[str, Rule],
    attributes: list[str],
    override: Rule | None,
    expected: tuple[str, tuple[str, ...]] | None,
) -> None:
    subject = exercise(attributes, {"x": override} if override else {})

    by_driver = cautions.from_drivers(subject, [DriverFacts("x", "X", rules=rules)])
    by_precaution = cautions.from_precautions(subject, [PrecautionFacts("x", "X", rules)])

    for found in (by_driver, by_precaution):
        assert [(caution.level, caution.reasons) for caution in found] == ([expected] if expected else [])


def test_puts_the_strongest_first() -> None:
    mild = DriverFacts("a", "A", rules={"prone": PRONE})
    strong = DriverFacts("b", "B", rules={"prone": BEND})

    found = cautions.from_drivers(exercise(["prone"]), [mild, strong])

    assert [caution.whose for caution in found] == ["B", "A"]


def test_names_each_source_once() -> None:
    subject = exercise(["prone", "bend"])

    (found,) = cautions.from_drivers(subject, [DriverFacts("x", "X", rules={"prone": PRONE, "bend": BEND})])

    assert found.citations == ("practice", "sinaki1984")
