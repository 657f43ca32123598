"""A patient's past as one list, newest first: screened, flagged, assessed, planned, signed off, issued, sent, noted.

`entries_of` reads in 4 queries, whatever the length of the past; `merge` sorts, cuts and groups by day, and is pure.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from patients.models import Assessment, Patient, RaisedFlag, Screening
from programs.at_home_log import WORST, Summary
from programs.models import Delivery, Issue, Program, SignOff

MOST = 50
FEW_DAYS = 2
# What comes first of two things of the same moment.
KINDS = ("screening", "flag", "flag closed", "assessment", "program", "sign-off", "issue", "delivery", "at home")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `link` says what the address leads to; both are empty where nothing is to be seen.

    What belongs to a day and to no time of it is put at the day's end.
    """

    at: datetime.datetime
    kind: str
    title: str
    by: str = ""
    details: tuple[str, ...] = ()
    address: str = ""
    link: str = ""

    @property
    def is_of_the_day(self) -> bool:
        return self.kind == "at home"


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day, the latest first."""

    date: datetime.date
    entries: tuple[Entry, ...]

    @property
    def is_at_home(self) -> bool:
        """Whether nothing happened but that the patient noted something."""
        return all(entry.is_of_the_day for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row; several on which the patient alone noted something are folded, so that visits stay in sight."""

    days: tuple[Day, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The days that are shown, and how many entries there are in all."""

    days: tuple[Day, ...]
    shown: int
    total: int

    @property
    def more(self) -> int:
        return self.total - self.shown

    @property
    def runs(self) -> Iterator[Run]:
        for at_home, group in groupby(self.days, key=lambda day: day.is_at_home):
            days = tuple(group)
            yield Run(days, folded=at_home and len(days) > FEW_DAYS)


@dataclass(frozen=True, slots=True)
class Found:
    """What an assessment says, in words, as far as the timeline compares it."""

    driver: str
    side: str
    irritability: str
    direction: str
    precautions: tuple[str, ...] = ()


def merge(entries: Iterable[Entry], *, most: int | None = MOST) -> Timeline:
    """Return the newest entries by local day, `most` and what was noted at home meanwhile; all when it is None."""
    newest = sorted(entries, key=lambda entry: (entry.at, KINDS.index(entry.kind)), reverse=True)
    shown = _cut(newest, most)
    days = groupby(shown, key=lambda entry: timezone.localdate(entry.at))
    return Timeline(tuple(Day(date, tuple(group)) for date, group in days), len(shown), len(newest))


def _cut(newest: list[Entry], most: int | None) -> list[Entry]:
    """Return the newest; what a patient notes each day would fill the list, so that it doesn't count."""
    counted = [place for place, entry in enumerate(newest) if not entry.is_of_the_day]
    return newest if most is None or len(counted) <= most else newest[: counted[most]]


def changes(before: Found, now: Found) -> tuple[str, ...]:
    """Return what is different from the assessment before, one phrase each."""
    pairs = (
        ("Suspected driver", before.driver, now.driver),
        ("Side", before.side, now.side),
        ("Irritability", before.irritability, now.irritability),
        ("Direction", before.direction, now.direction),
    )
    said = [f"{name}: {new}, before {old}" for name, old, new in pairs if new != old]
    added = [name for name in now.precautions if name not in before.precautions]
    removed = [name for name in before.precautions if name not in now.precautions]
    said += [f"Precautions added: {', '.join(added)}"] if added else []
    said += [f"Precautions removed: {', '.join(removed)}"] if removed else []
    return tuple(said)


def entries_of(
    patient: Patient,
    *,
    flags: Iterable[RaisedFlag],
    programs: Iterable[Program],
    issues: Iterable[Issue],
    noted: Iterable[Summary],
) -> list[Entry]:
    """Return all that happened, in no order: 4 queries.

    `flags` need who raised and closed them, `programs` their maker and protocol, `issues` their deliveries; `noted`
    is what the patient noted of each issue.
    """
    raised = list(flags)
    return [
        *_screenings(patient, {flag.screening_id for flag in raised}),
        *_flags(raised),
        *_assessments(patient),
        *map(_program, programs),
        *_sign_offs(patient),
        *_issues(issues),
        *_at_home(noted),
    ]


def _screenings(patient: Patient, flagged: set[int]) -> Iterator[Entry]:
    rows = Screening.objects.filter(patient=patient).select_related("started_by", "completed_by")
    for row in rows.annotate(yes=Count("answers", filter=Q(answers__yes=True))):
        if row.completed_at is None:
            yield Entry(row.started_at, "screening", "Screening begun, still open", str(row.started_by))
        else:
            title = f"Screening finished: {_answers(row.yes, flagged=row.pk in flagged)}"
            yield Entry(row.completed_at, "screening", title, str(row.completed_by))


def _answers(yes: int, *, flagged: bool) -> str:
    if yes:
        return f"{yes} answered yes"
    return "a yes was taken back, the flag stays" if flagged else "none found"


def _flags(flags: Iterable[RaisedFlag]) -> Iterator[Entry]:
    for flag in flags:
        name = flag.red_flag.suspects
        urgency = flag.red_flag.get_urgency_display()
        yield Entry(flag.raised_at, "flag", f"Red flag raised: {name}", str(flag.raised_by), (urgency,))
        if flag.closed_at:
            yield Entry(flag.closed_at, "flag closed", f"Red flag closed: {name}", str(flag.closed_by), _outcome(flag))


def _outcome(flag: RaisedFlag) -> tuple[str, ...]:
    if not flag.assessed_by:
        return (flag.outcome,)
    day = f" on {flag.assessed_on.day} {flag.assessed_on:%B %Y}" if flag.assessed_on else ""
    return flag.outcome, f"Medically assessed by {flag.assessed_by}{day}"


def _assessments(patient: Patient) -> Iterator[Entry]:
    """Yield the assessments, each with what it says otherwise than the one before: 2 queries."""
    rows = Assessment.objects.filter(patient=patient).select_related("driver", "by").prefetch_related("precautions")
    oldest_first = [(row, _found(row)) for row in rows.order_by("at", "id")]
    for row, found in oldest_first[:1]:
        yield _assessed("First assessment", row, found, _first(found))
    for (_, before), (row, found) in pairwise(oldest_first):
        same = "Driver, side, irritability, direction and precautions are the same"
        yield _assessed("Assessment", row, found, changes(before, found) or (same,))


def _assessed(title: str, row: Assessment, found: Found, details: tuple[str, ...]) -> Entry:
    said = f"{title}: {found.driver} suspected, {found.side}, irritability {found.irritability}"
    return Entry(row.at, "assessment", said, str(row.by), details)


def _first(found: Found) -> tuple[str, ...]:
    careful = f"Precautions: {', '.join(found.precautions)}"
    return (f"Direction: {found.direction}", *([careful] if found.precautions else []))


def _found(row: Assessment) -> Found:
    return Found(
        driver=row.driver.short_name,
        side=row.get_affected_side_display().lower(),
        irritability=_short(row.get_irritability_display()),
        direction=_short(row.get_directional_preference_display()),
        precautions=tuple(precaution.name for precaution in row.precautions.all()),
    )


def _short(label: str) -> str:
    """Return a label without what explains it: “Low: settles within minutes” is “low”."""
    return label.split(":", maxsplit=1)[0].split(" (", maxsplit=1)[0].lower()


def _program(program: Program) -> Entry:
    if program.clinic_protocol_id:
        start = "From one of the clinic's own protocols"
    else:
        start = f"From “{program.protocol.title}”" if program.protocol else "Started empty"
    made, address = str(program.created_by), program.get_absolute_url()
    return Entry(program.created_at, "program", "Program started", made, (start,), address, "Open the program")


def _sign_offs(patient: Patient) -> Iterator[Entry]:
    rows = SignOff.objects.filter(program__patient=patient).select_related("asked_by", "decided_by")
    for row in rows:
        asked = (*row.reasons, *([f"“{row.question}”"] if row.question else []))
        yield Entry(row.asked_at, "sign-off", "Sign-off asked for", str(row.asked_by), asked)
        if row.decided_at:
            title = "Program signed off" if row.approved else "Sign-off refused"
            answer = (f"“{row.answer}”",) if row.answer else ()
            yield Entry(row.decided_at, "sign-off", title, str(row.decided_by), answer)


def _issues(issues: Iterable[Issue]) -> Iterator[Entry]:
    for issue in issues:
        title = f"Handout {issue.number} issued, {issue.get_stage_slug_display().lower()}"
        address, link = reverse("handout_pdf", args=[issue.pk]), f"Handout {issue.number} as PDF"
        yield Entry(issue.issued_at, "issue", title, str(issue.issued_by), _overrides(issue), address, link)
        yield from (_delivery(mail, issue) for mail in issue.deliveries.all())


def _overrides(issue: Issue) -> tuple[str, ...]:
    count = len(issue.overrides)
    return (f"{count} warning{'s' if count != 1 else ''} accepted with a reason",) if count else ()


def _delivery(mail: Delivery, issue: Issue) -> Entry:
    title = f"Handout {issue.number}, mail to {mail.to}: {mail.get_status_display().lower()}"
    came_back = f"It came back: {mail.bounce_note}" if mail.bounced_at else ""
    trouble = tuple(said for said in (mail.trouble, came_back) if said)
    address = reverse("delivery", args=[mail.pk])
    return Entry(mail.sent_at or mail.queued_at, "delivery", title, "", trouble, address, "Open the mail")


def _at_home(noted: Iterable[Summary]) -> Iterator[Entry]:
    """Yield a line for each day on which something was noted, of whichever handout: the worst pain is the day's."""
    ticks: Counter[datetime.date] = Counter()
    worst: dict[datetime.date, int] = {}
    for summary in noted:
        ticks.update(dict(summary.ticked))
        for day, score in summary.scores:
            worst[day] = max(score, worst.get(day, 0))
    for day in ticks.keys() | worst.keys():
        yield Entry(_end_of(day), "at home", f"Noted at home: {_said(ticks[day], worst.get(day))}")


def _said(ticks: int, worst: int | None) -> str:
    ticked = f"{ticks} exercise{'s' if ticks != 1 else ''} ticked"
    pain = [] if worst is None else [f"worst pain {worst} of {WORST}"]
    return ", ".join([*([ticked] if ticks else []), *pain])


def _end_of(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.max))
