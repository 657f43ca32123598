"""How long a dose takes, and what it is called, with and without a tempo and rest between sets."""

import re

import pytest
from django.utils import timezone

from exercises import wording
from exercises.facts import Dose
from programs import dose, drafting, handout, issuing
from programs.dose import DOSE, GIVEN
from programs.models import Item
from tests.conftest import make_assessment, make_exercise, make_patient, make_user
from tests.programs.clinical import make_ready
from tests.programs.samples import act, items_of, make_program


@pytest.mark.parametrize(
    ("given", "side", "seconds"),
    [
        ({"reps": 10}, "", 40),
        ({"sets": 3, "reps": 10}, "", 120),
        ({"reps": 3, "hold_s": 30}, "", 90),
        ({"reps": 3, "hold_s": 30}, "each", 180),
        ({"reps": 3, "hold_s": 30}, "left", 90),
        ({"reps": 3, "hold_s": 30, "times_per_day": 2}, "each", 360),
        ({"reps": 10, "tempo_s": 3}, "", 60),
        ({"reps": 10, "tempo_s": 1}, "", 20),
        ({"reps": 10, "tempo_s": 3, "hold_s": 5}, "", 110),
        ({"sets": 3, "reps": 10, "rest_s": 60}, "", 240),
        ({"sets": 1, "reps": 10, "rest_s": 60}, "", 40),
        ({"sets": 2, "reps": 5, "tempo_s": 2, "hold_s": 1, "rest_s": 30, "times_per_day": 2}, "each", 320),
        ({"reps": None, "minutes": 10}, "", 600),
        ({"reps": None, "minutes": 10, "times_per_day": 3}, "", 1800),
        ({"reps": None, "minutes": 2}, "each", 120),
        ({"reps": None, "minutes": 10, "sets": 2, "tempo_s": 5, "rest_s": 60}, "", 600),
        ({"reps": None}, "", 4),
        ({"reps": 10, "days_per_week": 3}, "", 40),
    ],
    ids=[
        "four seconds a time",
        "sets",
        "a hold takes the place of the four seconds",
        "each side",
        "one side",
        "twice a day",
        "a tempo, there and back",
        "a quick tempo",
        "a tempo besides the hold",
        "rest between sets, not after the last",
        "no rest where there is one set",
        "everything",
        "minutes",
        "minutes, three times a day",
        "minutes are for both sides together",
        "minutes know no sets, tempo or rest",
        "once, when nothing is said",
        "days of the week don't count",
    ],
)
def test_counts_the_seconds_of_a_day(given, side, seconds):
    assert dose.seconds_a_day(Dose(**given), side) == seconds


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (1, 1), (29, 1), (89, 1), (91, 2), (600, 10), (629, 10), (631, 11)]
)
def test_rounds_to_whole_minutes(seconds, minutes):
    assert dose.minutes(seconds) == minutes


PLAIN = {"sets": 1, "reps": 10, "hold_s": None, "minutes": None, "times_per_day": 1, "days_per_week": 7}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ["10 times", "once a day"]),
        ({"tempo_s": 3}, ["10 times", "3 seconds each way", "once a day"]),
        ({"tempo_s": 1}, ["10 times", "1 second each way", "once a day"]),
        ({"sets": 3, "rest_s": 45}, ["10 times", "3 sets", "rest 45 seconds between sets", "once a day"]),
        ({"sets": 3, "rest_s": 1}, ["10 times", "3 sets", "rest 1 second between sets", "once a day"]),
        ({"sets": 3, "rest_s": 120}, ["10 times", "3 sets", "rest 2 minutes between sets", "once a day"]),
        ({"sets": 3, "rest_s": 60}, ["10 times", "3 sets", "rest 60 seconds between sets", "once a day"]),
        ({"sets": 1, "rest_s": 45}, ["10 times", "once a day"]),
        (
            {"hold_s": 5, "tempo_s": 2, "sets": 2, "rest_s": 30, "side": "each", "times_per_day": 2,
             "days_per_week": 3},
            ["Hold 5 seconds", "10 times", "2 seconds each way", "2 sets", "rest 30 seconds between sets",
             "each side", "2 times a day", "3 days a week"],
        ),
        ({"minutes": 10, "reps": None}, ["10 minutes", "once a day"]),
    ],
    ids=["nothing special", "a tempo", "a tempo of one second", "rest", "a second of rest", "minutes of rest",
         "a minute of rest", "no rest where there is one set", "everything", "minutes"],
)  # fmt: skip
def test_says_a_dose_in_words(given, words):
    assert wording.dose_words(**PLAIN | given) == words


def test_says_all_that_a_dose_says_and_the_side():
    given = Dose(reps=10, sets=3, tempo_s=2, rest_s=45, days_per_week=3)

    assert dose.words_of(given, "left") == [
        "10 times", "2 seconds each way", "3 sets", "rest 45 seconds between sets", "left side", "once a day",
        "3 days a week",
    ]  # fmt: skip
    assert dose.words_of(Dose(reps=10), "") == ["10 times", "once a day"]


def test_an_item_is_given_what_the_catalog_says_and_two_things_more():
    assert set(GIVEN) - set(DOSE) == {"tempo_s", "rest_s"}
    assert {field.name for field in Item._meta.get_fields()} >= set(GIVEN)


@pytest.mark.django_db
def test_a_new_item_has_no_tempo_and_no_rest():
    item = items_of(make_program("Bridge"))[0]

    assert (item.tempo_s, item.rest_s) == (None, None)


@pytest.mark.django_db
def test_tempo_and_rest_are_on_the_handout_and_in_its_minutes():
    by = make_user()
    program = make_ready("Bridge", by=by)
    key = items_of(program)[0].pk
    before = draft(program, by)
    act(program, "dose", by=by, **{f"sets-{key}": 3, f"tempo_s-{key}": 4, f"rest_s-{key}": 90})

    after = draft(program, by)

    chips = ("10 times", "4 seconds each way", "3 sets", "rest 90 seconds between sets", "once a day")
    assert item_of(before).dose_chips == ("10 times", "once a day")
    assert item_of(after).dose_chips == chips
    assert (before.phases[0].minutes, after.phases[0].minutes) == (1, 7)
    assert after.content_hash != before.content_hash
    printed = " ".join(re.sub(r"<[^>]*>", " ", handout.render_html(after)).split())
    for words in chips:
        assert words in printed


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["reset", "swap"])
def test_tempo_and_rest_go_with_the_usual_dose(kind):
    by = make_user()
    program = make_program("Bridge", by=by)
    key = items_of(program)[0].pk
    make_exercise("Clam", reps=12)
    act(program, "dose", by=by, **{f"sets-{key}": 3, f"tempo_s-{key}": 4, f"rest_s-{key}": 90})

    act(program, f"reset:{key}" if kind == "reset" else f"swap:{key}:clam", by=by)

    item = items_of(program)[0]
    assert (item.sets, item.tempo_s, item.rest_s) == (1, None, None)


@pytest.mark.django_db
def test_a_duplicate_has_the_same_tempo_and_rest():
    by = make_user()
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by)
    program = make_program("Bridge", by=by, patient=patient)
    key = items_of(program)[0].pk
    act(
        program, "dose", by=by, **{f"sets-{key}": 3, f"tempo_s-{key}": 4, f"rest_s-{key}": 90, f"note-{key}": "Slowly."}
    )

    act(program, f"duplicate:{key}", by=by)

    first, second = items_of(program)
    assert {name: getattr(second, name) for name in (*GIVEN, "side", "note")} == {
        name: getattr(first, name) for name in (*GIVEN, "side", "note")
    }


def draft(program, by):
    items = drafting.active_items(program)
    return drafting.draft(program, items, issuing.current_assessment(program), by=by, on=timezone.localdate())


def item_of(sheet):
    return sheet.phases[0].items[0]
