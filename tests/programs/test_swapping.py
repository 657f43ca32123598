"""What could take an item's place: easier, harder and what works on the same, each with what speaks against it."""

import datetime
import html

import pytest
from django.urls import reverse
from django.utils import timezone

from exercises import known
from exercises.models import Exercise
from programs import bench, catalog_panel, swapping
from tests.conftest import (
    make_assessment,
    make_driver,
    make_exercise,
    make_patient,
    make_precaution,
    make_user,
    signed_in,
)
from tests.programs.samples import act, items_of, make_program, names_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def patient(by):
    return make_patient(clinic=by.memberships.get().clinic)


def offered(program, by, number=0, at=None):
    key = items_of(program)[number].pk
    return swapping.offered(bench.read(program.pk, by=by), key, at=at or timezone.now())


def told(found):
    return [(choice.card.name, choice.why) for choice in found.choices]


def make_family(**fields):
    """Make a clam with an easier and a harder version, and two others for the same muscle."""
    muscle = {"strengthens": ["gluteus_medius"]}
    easy = make_exercise("Easy clam", **muscle)
    hard = make_exercise("Hard clam", level=2, **muscle | fields)
    make_exercise("Clam", regression=easy, progression=hard, **muscle)
    make_exercise("Side lift", **muscle)
    make_exercise("Band walk", level=2, **muscle)
    make_exercise("Curl", strengthens=["rectus_abdominis"])


def test_offers_easier_harder_and_what_works_on_the_same(by):
    make_family()

    found = offered(make_program("Clam", by=by), by)

    assert found.name == "Clam"
    assert told(found) == [
        ("Easy clam", "Easier"),
        ("Hard clam", "Harder"),
        ("Side lift", "Works on the same"),
        ("Band walk", "Works on the same"),
    ]


def test_offers_nothing_that_is_in_the_stage_already(by):
    make_family()

    found = offered(make_program("Clam", "Side lift", "Hard clam", by=by), by)

    assert [name for name, _ in told(found)] == ["Easy clam", "Band walk"]


def test_offers_what_stands_in_another_stage(by):
    make_family()
    program = make_program("Side lift", by=by)
    act(program, "stage:w2_4", by=by)
    act(program, "add:clam", by=by)

    assert ("Side lift", "Works on the same") in told(offered(program, by))


def test_offers_each_once(by):
    make_family()
    Exercise.objects.filter(name="Clam").update(progression=Exercise.objects.get(name="Easy clam"))
    known.forget()

    names = [name for name, _ in told(offered(make_program("Clam", by=by), by))]

    assert len(names) == len(set(names))
    assert names[0] == "Easy clam"


def test_offers_nothing_retired(by):
    make_family()
    program = make_program("Clam", by=by)
    Exercise.objects.filter(name__in=["Easy clam", "Side lift"]).update(status="retired")
    known.edited()

    assert [name for name, _ in told(offered(program, by))] == ["Hard clam", "Band walk"]


def test_offers_something_for_what_was_retired(by):
    make_family()
    program = make_program("Clam", by=by)
    Exercise.objects.filter(name="Clam").update(status="retired")
    known.edited()

    assert "Side lift" in [name for name, _ in told(offered(program, by))]


def test_offers_no_more_than_one_can_look_over(by):
    make_family()
    for number in range(30):
        make_exercise(f"Lift {number}", strengthens=["gluteus_medius"])

    found = offered(make_program("Clam", by=by), by)

    assert sum(why == "Works on the same" for _, why in told(found)) <= swapping.MOST
    assert len(found.choices) <= swapping.MOST + 2


def test_offers_nothing_when_there_is_nothing(by):
    found = offered(make_program("Bridge", by=by), by)

    assert (found.name, found.choices) == ("Bridge", ())


def test_says_what_speaks_against_the_harder_version_and_offers_no_other_that_does_not_suit(by, patient):
    driver = make_driver("disc")
    driver.attribute_rules = {
        "spinal_flexion_end": {"level": "avoid", "reason": "Bending loads the disc.", "citations": ["practice"]}
    }
    driver.save(update_fields=["attribute_rules"])
    make_assessment(patient, by=by, driver=driver)
    make_family(attributes=["spinal_flexion_end"])
    make_exercise("Bent lift", strengthens=["gluteus_medius"], attributes=["spinal_flexion_end"])

    found = offered(make_program("Clam", by=by, patient=patient), by)

    words = {choice.card.name: choice.word for choice in found.choices}
    assert words["Hard clam"].level == "stop"
    assert "Bending loads the disc." in words["Hard clam"].sentence
    assert words["Easy clam"] is None
    assert "Bent lift" not in words


def test_says_the_same_of_an_exercise_as_the_catalog_does_also_around_midnight(by, patient):
    rule = {"level": "avoid", "reason": "The belly grows.", "citations": ["practice"], "from_week": 14}
    at = datetime.datetime(2026, 3, 1, 13, tzinfo=datetime.UTC)
    with timezone.override("Pacific/Auckland"):
        today = timezone.localdate(at)
        made = make_assessment(patient, by=by, due_date=today + datetime.timedelta(weeks=40 - 14))
        made.precautions.add(make_precaution("pregnancy", rules={"prone": rule}))
        make_family(attributes=["prone"])
        program = make_program("Clam", by=by, patient=patient)
        there = bench.read(program.pk, by=by)

        choice = next(one for one in offered(program, by, at=at).choices if one.card.name == "Hard clam")

        assert today.day == 2
        assert choice.word == catalog_panel.suitability(there, today).word(choice.card)
        assert choice.word.level == "stop"


@pytest.mark.parametrize("which", ["unknown", "another stage", "another program", "another clinic"])
def test_offers_nothing_for_an_item_that_is_not_in_the_stage(by, patient, which):
    program = make_program("Bridge", by=by)
    key = 987_654_321
    if which == "another stage":
        key = items_of(program)[0].pk
        act(program, "stage:w2_4", by=by)
    elif which == "another program":
        key = items_of(make_program("Bridge", by=by, patient=patient))[0].pk
    elif which == "another clinic":
        key = items_of(make_program("Bridge", by=make_user()))[0].pk

    assert swapping.offered(bench.read(program.pk, by=by), key, at=timezone.now()) is None
    assert signed_in(by).get(reverse("program_swaps", args=[program.pk, key])).status_code == 404


def test_each_that_is_offered_takes_the_item_s_place(by):
    make_family()
    program = make_program("Bridge", "Clam", "Plank", by=by)

    for choice in offered(program, by, 1).choices:
        act(program, f"swap:{items_of(program)[1].pk}:{choice.card.slug}", by=by)
        assert names_of(program) == ["Bridge", choice.card.name, "Plank"]
        act(program, "undo", by=by)
    assert names_of(program) == ["Bridge", "Clam", "Plank"]


def test_easier_and_harder_are_what_is_offered_as_such(by):
    make_family()
    program = make_program("Clam", by=by)
    key = items_of(program)[0].pk

    act(program, f"harder:{key}", by=by)
    assert names_of(program) == ["Hard clam"]
    act(program, "undo", by=by)
    act(program, f"easier:{key}", by=by)

    assert names_of(program) == ["Easy clam"]
    assert items_of(program)[0].pk == key


def test_the_page_shows_each_with_a_button(by):
    make_family()
    program = make_program("Clam", by=by)
    key = items_of(program)[0].pk

    page = html.unescape(signed_in(by).get(reverse("program_swaps", args=[program.pk, key])).content.decode())

    assert "In place of Clam" in page
    for slug in ("easy-clam", "hard-clam", "side-lift", "band-walk"):
        assert f'value="swap:{key}:{slug}"' in page


def test_the_page_says_so_when_nothing_is_left(by):
    program = make_program("Bridge", by=by)

    page = signed_in(by).get(reverse("program_swaps", args=[program.pk, items_of(program)[0].pk])).content.decode()

    assert "nothing else for these muscles" in page
