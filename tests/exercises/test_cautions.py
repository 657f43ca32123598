"""Who objects to an exercise."""

import pytest

from exercises import cautions
from exercises.models import Driver, Exercise, Precaution

PRONE = {"level": "caution", "reason": "Mind the front."}
BEND = {"level": "avoid", "reason": "Deep bending."}
EARLY = {"level": "avoid_early", "reason": "Too soon."}


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
    rules: dict[str, dict[str, str]],
    attributes: list[str],
    override: dict[str, str] | None,
    expected: tuple[str, tuple[str, ...]] | None,
) -> None:
    overrides = {"x": override} if override else {}
    exercise = Exercise(attributes=attributes, driver_overrides=overrides, precaution_overrides=overrides)

    by_driver = cautions.from_drivers(exercise, [Driver(slug="x", name="X", attribute_rules=rules)])
    by_precaution = cautions.from_precautions(exercise, [Precaution(slug="x", name="X", rules=rules)])

    for found in (by_driver, by_precaution):
        assert [(caution.level, caution.reasons) for caution in found] == ([expected] if expected else [])


def test_puts_the_strongest_first() -> None:
    mild = Driver(slug="a", name="A", attribute_rules={"prone": PRONE})
    strong = Driver(slug="b", name="B", attribute_rules={"prone": BEND})

    found = cautions.from_drivers(Exercise(attributes=["prone"]), [mild, strong])

    assert [caution.whose for caution in found] == ["B", "A"]
