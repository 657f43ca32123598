"""What a patient notes at home: exercises done and the day's worst pain. Only this module writes ticks and scores.

A note may come twice or late, from a phone that was offline: what was noted last, by the phone's clock, stands.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from clinics import audit
from programs.at_home import PainScore, Tick
from programs.models import Issue

WORST = 10
SHOWN_SCORES = 14
A_DAY = datetime.timedelta(days=1)


class BadNote(Exception):
    """The note can't be kept; the text says why."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the clinician sees of an issue: how many exercises were ticked each day, and the pain noted, oldest first.

    `days_since` counts from the day it was handed out, that day included.
    """

    days_since: int
    ticked: tuple[tuple[datetime.date, int], ...] = ()
    scores: tuple[tuple[datetime.date, int], ...] = ()

    @property
    def days_ticked(self) -> int:
        return len(self.ticked)

    @property
    def last_day(self) -> datetime.date | None:
        return self.ticked[-1][0] if self.ticked else None

    @property
    def last_score_day(self) -> datetime.date | None:
        return self.scores[-1][0] if self.scores else None

    @property
    def latest_scores(self) -> tuple[tuple[datetime.date, int], ...]:
        return self.scores[-SHOWN_SCORES:]

    @property
    def is_empty(self) -> bool:
        return not self.ticked and not self.scores


def tick(issue: Issue, *, day: datetime.date, number: int, at: datetime.datetime) -> None:
    """Note that the exercise was done on that day, unless a later note is there. Raises BadNote."""
    _tick(issue, day, number, at, done=True)


def untick(issue: Issue, *, day: datetime.date, number: int, at: datetime.datetime) -> None:
    """Take a tick back, unless a later note is there. Raises BadNote."""
    _tick(issue, day, number, at, done=False)


def score(issue: Issue, *, day: datetime.date, score: int, at: datetime.datetime) -> None:
    """Note the day's worst pain, 0 to 10, unless a later note is there. Raises BadNote."""
    check_day(issue, day)
    if not 0 <= score <= WORST:
        raise BadNote(f"The score must be 0 to {WORST}.")
    at = _possible(issue, at)
    with transaction.atomic():
        row, new = PainScore.objects.get_or_create(issue=issue, day=day, defaults={"score": score, "at": at})
        later = not new and PainScore.objects.filter(pk=row.pk, at__lt=at).update(score=score, at=at)
        if new or later:
            _log(issue, "note pain", day)


def check_day(issue: Issue, day: datetime.date) -> None:
    """Raise BadNote unless the day lies between the handout and tomorrow: phones may be ahead of the site's zone."""
    first, last = timezone.localdate(issue.issued_at) - A_DAY, timezone.localdate() + A_DAY
    if not first <= day <= last:
        raise BadNote("That day isn't one of this program.")


def notes_of(issue: Issue, *, since: datetime.date) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Return the ticked numbers and the score per ISO day, from that day on: 2 queries."""
    ticked: defaultdict[str, list[int]] = defaultdict(list)
    for day, number in issue.ticks.filter(done=True, day__gte=since).values_list("day", "number"):
        ticked[day.isoformat()].append(number)
    scores = issue.pain_scores.filter(day__gte=since).values_list("day", "score")
    return dict(ticked), {day.isoformat(): value for day, value in scores}


def summaries(issues: Iterable[Issue]) -> Mapping[int, Summary]:
    """Return what the patients noted, by the issue's key: 2 queries, however many issues there are."""
    rows, today = list(issues), timezone.localdate()
    ticks = Tick.objects.filter(issue__in=rows, done=True).values("issue", "day").annotate(count=Count("id"))
    scores = PainScore.objects.filter(issue__in=rows).order_by("day")
    ticked = _by_issue(ticks.order_by("day").values_list("issue", "day", "count"))
    scored = _by_issue(scores.values_list("issue", "day", "score"))
    return {
        row.pk: Summary((today - timezone.localdate(row.issued_at)).days + 1, ticked[row.pk], scored[row.pk])
        for row in rows
    }


def _tick(issue: Issue, day: datetime.date, number: int, at: datetime.datetime, *, done: bool) -> None:
    """Note whether it was done; of two notes of the same moment the one that came last stands."""
    check_day(issue, day)
    _check_number(issue, number)
    at = _possible(issue, at)
    with transaction.atomic():
        row, new = Tick.objects.get_or_create(issue=issue, day=day, number=number, defaults={"done": done, "at": at})
        known = Tick.objects.filter(pk=row.pk, at__lte=at)
        changed = done if new else known.exclude(done=done).update(done=done, at=at)
        if changed:
            _log(issue, "tick exercise" if done else "untick exercise", day, number=number)
        elif not new:
            known.update(at=at)


def _by_issue(
    rows: Iterable[tuple[int, datetime.date, int]],
) -> defaultdict[int, tuple[tuple[datetime.date, int], ...]]:
    found: defaultdict[int, tuple[tuple[datetime.date, int], ...]] = defaultdict(tuple)
    for key, day, number in rows:
        found[key] += ((day, number),)
    return found


def _check_number(issue: Issue, number: int) -> None:
    phases = issue.snapshot.get("phases", [])
    if number not in {item.get("number") for phase in phases for item in phase.get("items", [])}:
        raise BadNote("That exercise isn't in this program.")


def _possible(issue: Issue, at: datetime.datetime) -> datetime.datetime:
    """Return when it can have been noted: a phone whose clock is ahead mustn't win for ever."""
    return max(issue.issued_at, min(at, timezone.now()))


def _log(issue: Issue, action: str, day: datetime.date, **detail: int) -> None:
    audit.about(issue.program.patient, action, by=None, subject=issue, day=day.isoformat(), **detail)
