"""The catalog in memory: read once per edition."""

import pytest

from exercises import known
from exercises.evidence import Citation
from exercises.models import Exercise
from tests.conftest import make_driver, make_exercise, make_muscle, make_precaution

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


def test_reads_facts_and_index_in_one_go_whatever_their_number(django_assert_num_queries):
    for name in ("Bridge", "Clam", "Squat"):
        make_exercise(name, releases=["hamstrings"]).suits_primary.add(make_driver("disc"))
    make_driver("disc").muscle_states.create(muscle=make_muscle("hamstrings"), state="tight")

    with django_assert_num_queries(16):
        known.catalog()
    with django_assert_num_queries(1):
        assert [card.slug for card in known.index().cards] == ["bridge", "clam", "squat"]


def test_believes_a_caller_who_read_the_edition(django_assert_num_queries):
    make_exercise("Bridge")
    known.edited()
    edition = known.current_edition()
    known.catalog(edition)

    with django_assert_num_queries(0):
        assert known.catalog(edition).exercises["bridge"].name == "Bridge"
        assert known.index(edition).card("bridge").name == "Bridge"


def test_makes_the_index_anew_when_something_was_edited():
    make_exercise("Bridge")
    known.edited()
    known.index()

    Exercise.objects.update(name="Hip bridge")
    known.edited()

    assert known.index().card("bridge").name == "Hip bridge"


def test_knows_primary_keys_references_and_who_needs_a_sign_off():
    old, new = make_exercise("Old", status="retired"), make_exercise("New")
    Citation.objects.create(slug="behm2020", text="Behm 2020.", status="looked_up")
    make_precaution("pregnancy", sign_off=True)

    catalog = known.catalog()

    assert catalog.pks == {"old": old.pk, "new": new.pk}
    assert catalog.citation_texts == {"behm2020": "Behm 2020."}
    assert catalog.precautions["pregnancy"].sign_off
