"""The catalog in memory: read once per edition."""

import pytest

from exercises import known
from exercises.models import Exercise
from tests.conftest import make_driver, make_exercise, make_muscle

pytestmark = pytest.mark.django_db


def test_says_what_rules_ask_of_an_exercise():
    make_muscle("gluteus_maximus")
    easier = make_exercise("Squeeze")
    made = make_exercise(
        "Bridge",
        strengthens=["gluteus_maximus"],
        regression=easier,
        attributes=["floor"],
        equipment=[["mat", "bed"]],
        reps_max=15,
        driver_overrides={"disc": {"level": "caution", "reason": "No arch."}},
    )
    made.suits_primary.add(make_driver("disc"))

    facts = known.catalog().exercises["bridge"]

    assert (facts.strengthens, facts.attributes, facts.regression) == ({"gluteus_maximus"}, {"floor"}, "squeeze")
    assert facts.equipment == (frozenset({"mat", "bed"}),)
    assert (facts.dose.reps, facts.dose.reps_max, facts.primary_for) == (10, 15, {"disc"})
    assert facts.driver_overrides["disc"].citations == ("practice",)


def test_keeps_retired_exercises_apart():
    make_exercise("Old", status="retired")

    catalog = known.catalog()

    assert "old" not in catalog.exercises
    assert catalog.exercise("old").name == "Old"


def test_is_read_once_until_something_is_edited(django_assert_num_queries):
    make_exercise("Bridge")
    known.edited()
    known.catalog()

    with django_assert_num_queries(1):
        known.catalog()
    Exercise.objects.update(name="Hip bridge")
    known.edited()

    assert known.catalog().exercises["bridge"].name == "Hip bridge"
