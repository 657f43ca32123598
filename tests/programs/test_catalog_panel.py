"""The catalog beside a program: what is found, what suits, what is hidden and why, and in which order."""

import datetime
import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exercises import known
from exercises.models import Driver, Equipment, Exercise, Precaution
from exercises.vocabulary import Phase
from programs import bench, catalog_panel, favourites
from programs.catalog_panel import Found, Panel
from programs.checks.suitability import fits
from programs.models import ExerciseUse, Favourite
from tests.conftest import (
    make_assessment,
    make_driver,
    make_exercise,
    make_patient,
    make_precaution,
    make_user,
    signed_in,
)
from tests.programs.samples import act, items_of, make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def patient(by):
    return make_patient(clinic=by.memberships.get().clinic)


def panel(program, by, at=None, **asked) -> Panel:
    sent = QueryDict(mutable=True)
    sent.update(asked)
    return catalog_panel.read(bench.read(program.pk, by=by), sent, at=at or timezone.now())


def names(found):
    return [one.card.name for one in found.found]


def hidden(found):
    return {card.name: word for card, word in found.hidden}


# What suits.


@pytest.fixture
def careful(by, patient):
    """A patient with a disc, brittle bones and nothing at home, and an exercise against each."""
    rule = {"level": "avoid", "reason": "Bending loads the disc.", "citations": ["practice"]}
    driver = make_driver("disc")
    driver.attribute_rules = {"spinal_flexion_end": rule}
    driver.save(update_fields=["attribute_rules"])
    rules = {"spinal_flexion_loaded": {**rule, "reason": "Bending under load may break bones."},
             "prone": {**rule, "level": "caution", "reason": "Lying on the front may be hard."}}  # fmt: skip
    precaution = make_precaution("osteoporosis", rules=rules)
    Equipment.objects.create(slug="band", name="Elastic band")
    made = make_assessment(patient, by=by, driver=driver, irritability="high")
    made.precautions.add(precaution)
    make_exercise("Bridge")
    make_exercise("Toe touch", attributes=["spinal_flexion_end"])
    make_exercise("Sit-up", attributes=["spinal_flexion_loaded"])
    make_exercise("Cobra", "restore", attributes=["prone"])
    make_exercise("Band walk", equipment=[["band"]])
    make_exercise("Hard squat", level=3)
    make_exercise("Clam", level=2)
    return make_program("Bridge", by=by, patient=patient)


def test_shows_what_suits_and_hides_the_rest_with_its_reason(careful, by):
    found = panel(careful, by)

    assert set(names(found)) == {"Bridge", "Cobra", "Clam"}
    assert (found.suiting, found.count, found.more) == (True, 3, 0)
    said = {name: (word.level, word.sentence) for name, word in hidden(found).items()}
    assert set(said) == {"Toe touch", "Sit-up", "Band walk", "Hard squat"}
    assert "Bending loads the disc." in said["Toe touch"][1]
    assert "Bending under load may break bones." in said["Sit-up"][1]
    assert "elastic band" in said["Band walk"][1].lower()
    assert {level for level, _ in said.values()} <= {"stop", "warn"}
    assert (found.hidden_count, found.more_hidden) == (4, 0)


def test_shows_everything_when_asked_to_with_what_speaks_against_it(careful, by):
    found = panel(careful, by, suits="no")

    assert (found.suiting, found.count, found.hidden, found.hidden_count) == (False, 7, (), 0)
    words = {one.card.name: one.word and one.word.level for one in found.found}
    assert words == {
        "Bridge": None,
        "Cobra": "note",
        "Clam": "note",
        "Toe touch": "stop",
        "Sit-up": "stop",
        "Band walk": words["Band walk"],
        "Hard squat": "warn",
    }
    assert words["Band walk"] in {"stop", "warn"}


@pytest.mark.parametrize("said", ["yes", "", "NO", "0", "x" * 500])
def test_shows_what_suits_unless_told_otherwise(careful, by, said):
    assert panel(careful, by, suits=said).suiting


def test_says_a_caution_on_the_card_without_the_exercise_s_name(careful, by):
    card = next(one for one in panel(careful, by).found if one.card.name == "Cobra")

    assert card.word.level == "note"
    assert "Lying on the front may be hard." in card.word.sentence
    assert "Cobra" not in card.word.title
    assert card.word.title[:1].isupper()
    assert card.word.title in card.html


def test_says_all_that_speaks_against_one_the_worst_first(careful, by):
    make_exercise("Everything", level=2, attributes=["prone", "spinal_flexion_end"], equipment=[["band"]])
    suits = catalog_panel.suitability(bench.read(careful.pk, by=by), timezone.localdate())

    words = suits.words(known.index().card("everything"))

    order = [{"stop": 0, "warn": 1, "note": 2}[word.level] for word in words]
    assert order == sorted(order)
    assert len(words) == 4
    assert suits.word(known.index().card("everything")) == words[0]


def test_suits_another_stage_otherwise(careful, by):
    rule = {"level": "avoid_early", "reason": "Too early.", "citations": ["practice"]}
    Precaution.objects.filter(slug="osteoporosis").update(rules={"prone": rule})
    careful.patient.assessments.update(irritability="low")
    known.forget()
    assert "Cobra" in hidden(panel(careful, by))

    act(careful, "stage:w4_8", by=by)

    assert "Cobra" in names(panel(careful, by))


def test_suits_a_pregnancy_by_the_day(by, patient):
    rule = {"level": "avoid", "reason": "The belly grows.", "citations": ["practice"], "from_week": 14}
    made = make_assessment(patient, by=by, due_date=timezone.localdate() + datetime.timedelta(weeks=40 - 10))
    made.precautions.add(make_precaution("pregnancy", rules={"prone": rule}))
    make_exercise("Cobra", attributes=["prone"])
    program = make_program(by=by, patient=patient)

    early, begins, late = (
        panel(program, by, at=timezone.now() + datetime.timedelta(weeks=weeks)) for weeks in (0, 3, 5)
    )

    assert [one.word for one in early.found] == [None]
    assert [one.word.level for one in begins.found] == ["note"]
    assert (names(late), list(hidden(late))) == ([], ["Cobra"])


# In the shipped catalog, whoever the patient is.

DRIVERS = ("disc", "stenosis", "piriformis", "pelvic", "spondylolisthesis", "ddd")
AT_HOME = ((), ("mat", "chair"), ("mat", "band", "ball", "foam_roller", "chair"))


def people():
    """Yield driver, precautions, things at home and irritability of people between whom every precaution occurs."""
    every = list(Precaution.objects.all())
    for number in range(0, len(every) + 4, 4):
        driver = DRIVERS[number // 4 % len(DRIVERS)]
        yield driver, every[number : number + 4], AT_HOME[number // 4 % 3], ("low", "high")[number // 4 % 2]


def test_counts_every_exercise_once_and_gives_a_reason_for_each_that_is_hidden(
    loaded_catalog, by, patient, monkeypatch
):
    monkeypatch.setattr(catalog_panel, "SHOWN", 1000)
    published = set(Exercise.objects.filter(status="published").values_list("name", flat=True))
    for driver, precautions, things, irritability in people():
        leading = Driver.objects.get(slug=driver)
        made = make_assessment(patient, by=by, driver=leading, irritability=irritability)
        made.precautions.set(precautions)
        made.equipment.set(Equipment.objects.filter(slug__in=things))
        program = make_program(by=by, patient=patient)

        found, every = panel(program, by), panel(program, by, suits="no")

        assert set(names(every)) == published
        assert set(names(found)) | set(hidden(found)) == published
        assert len(names(found)) + len(hidden(found)) == found.count + found.hidden_count == len(published)
        for name, word in hidden(found).items():
            assert word.level in {"stop", "warn"}, name
            assert word.title
            assert word.sentence.endswith((".", ")")), (name, word.sentence)
        assert all(one.word is None or one.word.level == "note" for one in found.found)


def test_hides_what_the_rule_of_one_exercise_says(loaded_catalog, by, patient):
    made = make_assessment(patient, by=by, driver=Driver.objects.get(slug="stenosis"), irritability="high")
    made.precautions.set(Precaution.objects.all())
    program = make_program(by=by, patient=patient)
    suits = catalog_panel.suitability(bench.read(program.pk, by=by), timezone.localdate())

    index = known.index()

    empty = suits._empty
    fitting = {card.slug for card in index.cards if fits(empty.catalog.exercises[card.slug], empty)}
    assert {card.slug for card in index.cards_of(suits.mask)} == fitting
    assert 0 < len(fitting) < len(index.cards)


# Order.


def test_puts_what_fits_the_driver_first_then_what_is_used_then_what_is_liked(by, patient):
    driver = make_driver("disc")
    make_assessment(patient, by=by, driver=driver)
    made = {name: make_exercise(name) for name in ("Ant", "Bee", "Cat", "Dog", "Elk", "Fox", "Gnu")}
    driver_first, driver_too = made["Gnu"], made["Fox"]
    driver_first.suits_primary.add(driver)
    driver_too.suits_secondary.add(driver)
    for name, times in (("Elk", 9), ("Dog", 2)):
        ExerciseUse.objects.create(clinic=patient.clinic, exercise=made[name], times=times)
    for name in ("Cat", "Dog"):
        favourites.star(by, made[name].pk, on=True)
    known.forget()
    program = make_program(by=by, patient=patient)

    assert names(panel(program, by)) == ["Gnu", "Fox", "Elk", "Dog", "Cat", "Ant", "Bee"]


def test_ranks_by_the_leading_driver_alone(by, patient):
    lead, other = make_driver("disc"), make_driver("stenosis")
    made = make_assessment(patient, by=by, driver=lead)
    made.other_drivers.add(other)
    make_exercise("Ant").suits_primary.add(other)
    make_exercise("Bee").suits_primary.add(lead)
    known.forget()

    assert names(panel(make_program(by=by, patient=patient), by)) == ["Bee", "Ant"]


def test_counts_the_use_of_the_patient_s_clinic_and_the_stars_of_oneself(by, patient):
    ant, bee, cat = (make_exercise(name) for name in ("Ant", "Bee", "Cat"))
    stranger = make_user()
    ExerciseUse.objects.create(clinic=stranger.memberships.get().clinic, exercise=cat, times=99)
    Favourite.objects.create(user=stranger, exercise=cat)
    colleague = make_user(clinic=patient.clinic)
    Favourite.objects.create(user=colleague, exercise=bee)
    program = make_program(by=by, patient=patient)

    assert names(panel(program, by)) == ["Ant", "Bee", "Cat"]
    assert not any(one.liked for one in panel(program, by).found)
    assert names(panel(program, colleague)) == ["Bee", "Ant", "Cat"]
    assert [one.liked for one in panel(program, colleague).found] == [True, False, False]
    assert ant.pk


def test_starring_twice_is_starring_once(by):
    exercise = make_exercise("Ant")

    for _ in range(2):
        favourites.star(by, exercise.pk, on=True)
    assert favourites.likes(by, exercise.pk)
    assert Favourite.objects.count() == 1
    for _ in range(2):
        favourites.star(by, exercise.pk, on=False)

    assert not favourites.likes(by, exercise.pk)


def test_the_star_of_the_page_is_no_edit_of_the_program(by):
    program = make_program("Bridge", by=by)
    version = program.version

    assert act(program, "star:bridge", by=by).said == "Bridge is now a favourite."
    assert [one.liked for one in panel(program, by).found] == [True]
    assert act(program, "unstar:bridge", by=by).said == "Bridge is no longer a favourite."

    assert program.version == version
    assert [one.liked for one in panel(program, by).found] == [False]


def test_marks_what_is_in_the_stage_that_is_shown(by):
    program = make_program("Bridge", by=by)
    make_exercise("Clam")

    assert {one.card.name: one.in_program for one in panel(program, by).found} == {"Bridge": True, "Clam": False}
    act(program, "stage:w2_4", by=by)
    assert not any(one.in_program for one in panel(program, by).found)


def test_shows_so_many_and_says_how_many_more_there_are(by):
    program = make_program(by=by)
    Equipment.objects.create(slug="band", name="Elastic band")
    for number in range(45):
        make_exercise(f"Lift {number}")
        make_exercise(f"Pull {number}", equipment=[["band"]])

    found = panel(program, by)

    assert (len(found.found), found.count, found.more) == (40, 45, 5)
    assert (len(found.hidden), found.hidden_count, found.more_hidden) == (40, 45, 5)


# Filters.


def options(found, facet):
    return {option.value: option.count for name, _, all_of in found.filters if name == facet for option in all_of}


@pytest.fixture
def mixed(by):
    program = make_program(by=by)
    Equipment.objects.create(slug="band", name="Elastic band")
    make_exercise("Rest", "calm", position="supine")
    make_exercise("Ball roll", "release", position="sitting", releases=["piriformis"])
    make_exercise("Clam", strengthens=["gluteus_medius"], position="side_lying")
    make_exercise("Band walk", strengthens=["gluteus_medius"], position="standing", equipment=[["band"]])
    return program


def test_counts_what_each_option_would_leave(mixed, by):
    found = panel(mixed, by, suits="no")

    assert [(option.value, option.count) for option in found.phases] == [
        ("", 4), ("calm", 1), ("release", 1), ("restore", 0), ("strengthen", 2), ("integrate", 0)
    ]  # fmt: skip
    assert options(found, "position") == {"": 0, "supine": 1, "side_lying": 1, "sitting": 1, "standing": 1}
    assert options(found, "equipment") == {"": 0, "none": 3, "band": 1}
    assert options(found, "muscle") == {"": 0, "gluteus_medius": 2, "piriformis": 1}


def test_counts_those_that_are_hidden_too(mixed, by):
    found = panel(mixed, by, phase="strengthen")

    assert next(option.count for option in found.phases if option.value == "strengthen") == 2
    assert (found.count, found.hidden_count) == (1, 1)


@pytest.mark.parametrize("facet", ["phase", "position", "equipment", "muscle"])
def test_each_option_leaves_as_many_as_it_says(mixed, by, facet):
    whole = panel(mixed, by, suits="no")
    counts = {option.value: option.count for option in whole.phases} if facet == "phase" else options(whole, facet)

    for value, count in counts.items():
        if value:
            found = panel(mixed, by, suits="no", **{facet: value})
            assert found.count == count
            assert found.filtered is (facet != "phase")


def test_counts_a_filter_s_options_by_the_others_alone(mixed, by):
    found = panel(mixed, by, suits="no", phase="strengthen", position="standing")

    assert names(found) == ["Band walk"]
    assert options(found, "position") == {"": 0, "side_lying": 1, "standing": 1}
    assert {option.value: option.count for option in found.phases}["strengthen"] == 1
    assert [option.chosen for option in found.phases] == [False, False, False, False, True, False]


def test_names_options_as_people_do(mixed, by):
    labels = {name: {option.label for option in all_of} for name, _, all_of in panel(mixed, by).filters}

    assert "Nothing needed" in labels["equipment"]
    assert "Elastic band" in labels["equipment"]
    assert "Lying on the side" in labels["position"]
    assert [option.label for option in panel(mixed, by).phases] == ["All", *(phase.label for phase in Phase)]


@pytest.mark.parametrize("facet", ["phase", "position", "equipment", "muscle"])
@pytest.mark.parametrize(
    "value", ["nonsense", "\0", "x" * 500, "' OR 1=1", "Strengthen", "٣"], ids=lambda v: repr(v)[:12]
)
def test_an_option_that_there_is_not_finds_nothing_or_is_no_filter(mixed, by, facet, value):
    found = panel(mixed, by, **{facet: value})

    assert found.count == (3 if value == "\0" else 0)
    assert len(getattr(found.query, facet)) <= 40
    assert isinstance(found.found, tuple)


# Text.


def test_finds_by_text_within_what_suits(careful, by):
    found = panel(careful, by, q="bridge")

    assert names(found) == ["Bridge"]
    assert not found.mistyped


def test_says_that_what_was_found_was_not_what_was_typed(careful, by):
    found = panel(careful, by, q="brigde")

    assert names(found) == ["Bridge"]
    assert found.mistyped


def test_hides_with_a_reason_also_what_was_looked_for(careful, by):
    found = panel(careful, by, q="toe touch")

    assert (found.count, list(hidden(found))) == (0, ["Toe touch"])


@pytest.mark.parametrize(
    "text",
    ["bridge " + "x" * 500, "x" * 500, "\0", " ", "%_", "'; --", "😀", "ß" * 500, "-" * 500, "a " * 250],
    ids=lambda text: repr(text)[:12],
)
def test_takes_any_text(careful, by, text):
    found = panel(careful, by, q=text)

    assert len(found.query.text) <= 80
    assert "\0" not in found.query.text
    assert found.count + found.hidden_count <= 7


# Quickly.


def test_takes_two_queries(careful, by):
    there = bench.read(careful.pk, by=by)
    known.catalog(there.edition)

    with CaptureQueriesContext(connection) as queries:
        catalog_panel.read(there, QueryDict("q=bridge"), at=timezone.now())

    assert len(queries) == 2


@pytest.fixture
def worked_out(monkeypatch):
    """Return a list that grows each time it is worked out what suits somebody."""
    catalog_panel._worked_out.cache_clear()
    made = []
    real = catalog_panel.Suitability

    def counted(index, empty):
        made.append(empty.patient)
        return real(index, empty)

    monkeypatch.setattr(catalog_panel, "Suitability", counted)
    yield made
    catalog_panel._worked_out.cache_clear()


def test_works_out_once_what_suits_a_patient(careful, by, worked_out):
    for asked in ({}, {"q": "bridge"}, {"phase": "calm"}, {"suits": "no"}):
        panel(careful, by, **asked)
    act(careful, "add:clam", by=by)
    panel(careful, by)

    assert len(worked_out) == 1


def test_works_it_out_anew_for_other_findings_another_stage_day_or_catalog(careful, by, worked_out):
    panel(careful, by)
    panel(careful, by, at=timezone.now() + datetime.timedelta(days=2))
    act(careful, "stage:w2_4", by=by)
    panel(careful, by)
    careful.patient.assessments.update(irritability="low")
    panel(careful, by)
    known.edited()
    panel(careful, by)

    assert len(worked_out) == 5


def test_an_edited_catalog_counts_at_once(careful, by):
    panel(careful, by)
    Exercise.objects.filter(name="Bridge").update(name="Hip raise", attributes=["spinal_flexion_end"])
    known.edited()

    found = panel(careful, by)

    assert "Hip raise" in hidden(found)
    assert "Bridge" not in [*names(found), *hidden(found)]


def test_a_retired_exercise_is_not_offered(careful, by):
    Exercise.objects.filter(name="Bridge").update(status="retired")
    known.edited()

    found = panel(careful, by, suits="no")

    assert "Bridge" not in names(found)
    assert items_of(careful)[0].exercise.name == "Bridge"


def test_draws_a_card_anew_when_anything_on_it_changed(careful, by):
    one = next(found for found in panel(careful, by).found if found.card.name == "Clam")

    liked = Found(one.card, one.program, one.word, liked=True, in_program=one.in_program)

    assert one.html == Found(one.card, one.program, one.word, one.liked, one.in_program).html
    assert liked.html != one.html


@pytest.mark.parametrize(
    ("sent", "suiting"),
    [("", True), ("q=bridge", True), ("suits=no&suits=yes", True), ("suits=no", False), ("suits=odd", True)],
)
def test_hides_what_does_not_suit_unless_the_tick_is_taken_out(sent, suiting):
    assert catalog_panel.asked_in(QueryDict(sent))[1] is suiting


def test_says_no_before_the_tick_that_says_yes(by, patient):
    page = signed_in(by).get(make_program(by=by, patient=patient).get_absolute_url()).content.decode()

    names = re.findall(r'name="suits" value="(yes|no)"', page)

    assert names == ["no", "yes"]
