"""What patients note at home: ticks and scores that come once, twice, late, or wrong."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinics.models import AuditEntry
from programs import at_home_log
from programs.at_home import PainScore, Tick
from programs.at_home_log import BadNote
from tests.programs.home import make_home_issue

pytestmark = pytest.mark.django_db

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


@pytest.fixture
def issue(db):
    return make_home_issue()


@pytest.fixture
def older(issue):
    """A handout of five days ago: a note of before its handout counts as noted with it."""
    issue.issued_at -= 5 * DAY
    issue.save(update_fields=["issued_at"])
    return issue


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def today():
    return timezone.localdate()


def ticked(issue):
    return at_home_log.notes_of(issue, since=issue.issued_at.date())[0].get(timezone.localdate().isoformat(), [])


def test_notes_an_exercise_once_however_often_it_comes(issue, today, now):
    for _ in range(3):
        at_home_log.tick(issue, day=today, number=2, at=now)

    assert ticked(issue) == [2]
    assert AuditEntry.objects.filter(action="tick exercise").count() == 1


def test_takes_a_tick_back(issue, today, now):
    at_home_log.tick(issue, day=today, number=2, at=now - HOUR)

    at_home_log.untick(issue, day=today, number=2, at=now)
    at_home_log.untick(issue, day=today, number=2, at=now)

    assert ticked(issue) == []
    assert AuditEntry.objects.filter(action="untick exercise").count() == 1


def test_keeps_a_tick_that_is_newer_than_its_taking_back(issue, today, now):
    at_home_log.tick(issue, day=today, number=2, at=now)

    at_home_log.untick(issue, day=today, number=2, at=now - HOUR)

    assert ticked(issue) == [2]


@pytest.mark.parametrize("came_first", [True, False], ids=["ticked before", "taken back before"])
def test_does_not_let_a_late_tick_undo_its_taking_back(older, today, now, came_first):
    if came_first:
        at_home_log.tick(older, day=today, number=2, at=now - 2 * HOUR)
    at_home_log.untick(older, day=today, number=2, at=now - HOUR)

    at_home_log.tick(older, day=today, number=2, at=now - 2 * HOUR)

    assert ticked(older) == []
    assert at_home_log.summaries([older])[older.pk].is_empty


def test_remembers_the_later_of_two_ticks(older, today, now):
    for hours in (3, 1):
        at_home_log.tick(older, day=today, number=2, at=now - hours * HOUR)

    at_home_log.untick(older, day=today, number=2, at=now - 2 * HOUR)

    assert ticked(older) == [2]


def test_takes_the_last_word_of_a_clock_that_is_behind_the_handout(issue, today, now):
    at_home_log.tick(issue, day=today, number=2, at=now - 9 * DAY)
    at_home_log.untick(issue, day=today, number=2, at=now - 9 * DAY + HOUR)

    assert ticked(issue) == []


def test_keeps_the_score_that_was_noted_last(issue, today, now):
    at_home_log.score(issue, day=today, score=3, at=now - HOUR)
    at_home_log.score(issue, day=today, score=6, at=now)
    at_home_log.score(issue, day=today, score=1, at=now - 2 * HOUR)

    assert issue.pain_scores.get().score == 6


def test_does_not_let_a_clock_that_is_ahead_win_for_ever(issue, today, now):
    at_home_log.score(issue, day=today, score=3, at=now + 300 * DAY)

    at_home_log.score(issue, day=today, score=4, at=timezone.now() + HOUR)

    assert issue.pain_scores.get().score == 4


@pytest.mark.parametrize("number", [0, 5, -1, 40_000])
def test_refuses_an_exercise_that_is_not_in_the_program(issue, today, now, number):
    for act in (at_home_log.tick, at_home_log.untick):
        with pytest.raises(BadNote):
            act(issue, day=today, number=number, at=now)


@pytest.mark.parametrize("score", [-1, 11, 100])
def test_refuses_a_score_beyond_0_to_10(issue, today, now, score):
    with pytest.raises(BadNote):
        at_home_log.score(issue, day=today, score=score, at=now)


@pytest.mark.parametrize(("days", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_takes_days_from_the_handout_to_tomorrow(issue, today, now, days, fits):
    """A day more at each end: the patient's day may not be the site's."""
    day = today + days * DAY

    if fits:
        at_home_log.tick(issue, day=day, number=1, at=now)
        at_home_log.score(issue, day=day, score=1, at=now)
    else:
        for note in ({"number": 1}, {"score": 1}):
            act = at_home_log.tick if "number" in note else at_home_log.score
            with pytest.raises(BadNote):
                act(issue, day=day, **note, at=now)

    assert issue.ticks.count() == issue.pain_scores.count() == int(fits)


def test_sums_up_what_was_noted(older, today, now):
    for days_ago, numbers in ((4, (1, 2)), (2, (1,)), (1, (1, 2, 3))):
        for number in numbers:
            at_home_log.tick(older, day=today - days_ago * DAY, number=number, at=now)
    at_home_log.score(older, day=today - 4 * DAY, score=5, at=now)
    at_home_log.score(older, day=today - 1 * DAY, score=3, at=now)

    found = at_home_log.summaries([older])[older.pk]

    assert (found.days_since, found.days_ticked, found.last_day) == (6, 3, today - DAY)
    assert found.ticked == ((today - 4 * DAY, 2), (today - 2 * DAY, 1), (today - DAY, 3))
    assert found.scores == ((today - 4 * DAY, 5), (today - DAY, 3))
    assert not found.is_empty


def test_sums_up_nothing(issue):
    assert at_home_log.summaries([issue])[issue.pk].is_empty


def test_sums_up_any_number_of_issues_in_two_queries(issue, django_assert_num_queries):
    others = [make_home_issue(), make_home_issue()]

    with django_assert_num_queries(2):
        found = at_home_log.summaries([issue, *others])

    assert set(found) == {issue.pk, *(other.pk for other in others)}


def test_logs_without_a_name_whose_hand_it_was_and_what_it_was_about(issue, today, now):
    at_home_log.tick(issue, day=today, number=2, at=now)
    at_home_log.score(issue, day=today, score=7, at=now)

    noted, ticked_off = AuditEntry.objects.all()[:2]
    assert (noted.action, noted.by, noted.detail) == ("note pain", None, {"day": today.isoformat()})
    assert ticked_off.detail == {"day": today.isoformat(), "number": 2}
    assert ticked_off.patient_id == issue.program.patient_id


def test_the_database_takes_a_tick_and_a_score_once_a_day(issue, today):
    Tick.objects.create(issue=issue, day=today, number=1)
    PainScore.objects.create(issue=issue, day=today, score=1)

    for again in (
        lambda: Tick.objects.create(issue=issue, day=today, number=1),
        lambda: PainScore.objects.create(issue=issue, day=today, score=2),
        lambda: PainScore.objects.create(issue=issue, day=today + DAY, score=11),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            again()
