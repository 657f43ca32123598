"""What waits for a person today, in a fixed number of queries."""

import datetime
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.utils import timezone

from clinics.access import Can
from clinics.models import User
from patients.models import Patient, RaisedFlag
from programs.models import Delivery, Issue, Program, SignOff
from programs.vocabulary import STAGE_DAYS

MOST = 20
NEWEST = 6
FAILED_FOR = datetime.timedelta(days=30)

Row = TypeVar("Row")
Stored = TypeVar("Stored", bound=Model)


@dataclass(frozen=True, slots=True)
class Cut(Generic[Row]):
    """The first rows of a list, and how many there are in all."""

    rows: tuple[Row, ...] = ()
    total: int = 0

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Due:
    """A patient whose latest handout has run past its weeks, on the day `since` for the first time."""

    issue: Issue
    since: datetime.date

    @property
    def program(self) -> Program:
        return self.issue.program

    @property
    def patient(self) -> Patient:
        return self.program.patient


@dataclass(frozen=True, slots=True)
class TodayPage:
    """Lists for the Today page; each is empty for those whose role doesn't see it."""

    sign_offs: Cut[SignOff]
    asked: Cut[SignOff]
    flags: Cut[RaisedFlag]
    failed: Cut[Delivery]
    due: Cut[Due]
    drafts: Cut[Program]
    recent: Cut[Patient]

    @property
    def patients(self) -> list[Patient]:
        """The patients named on the page."""
        programs: list[Program] = [request.program for request in (*self.sign_offs.rows, *self.asked.rows)]
        programs += [mail.issue.program for mail in self.failed.rows]
        programs += [*self.drafts.rows, *(row.program for row in self.due.rows)]
        of_programs = [program.patient for program in programs]
        return [*of_programs, *(flag.patient for flag in self.flags.rows), *self.recent.rows]


def read(user: User, *, at: datetime.datetime) -> TodayPage:
    """Return what waits for this person, at most 20 of each: 7 queries."""
    waiting = SignOff.objects.waiting().select_related("program__patient", "asked_by").defer("program__edits")
    flags = RaisedFlag.objects.visible_to(user).open().blocking().select_related("patient", "red_flag")
    lost = Q(status="failed") | Q(bounced_at__isnull=False)
    failed = Delivery.objects.visible_to(user).filter(lost, again=None, queued_at__gte=at - FAILED_FOR)
    drafts = Program.objects.visible_to(user).drafts().select_related("patient").defer("edits")
    return TodayPage(
        sign_offs=_cut(waiting.visible_to(user, Can.SIGN_OFF)),
        asked=_cut(waiting.filter(asked_by=user).visible_to(user)),
        flags=_cut(flags),
        failed=_cut(failed.select_related("issue__program__patient").defer(*_long("issue__"))),
        due=_due(user, at),
        drafts=_cut(drafts),
        recent=_cut(Patient.objects.visible_to(user).active().order_by("-created_at", "-id"), NEWEST),
    )


def _cut(rows: "QuerySet[Stored]", most: int = MOST) -> Cut[Stored]:
    """Return the first rows with the number of all, which the database counts in the same query."""
    found: list[Any] = list(rows.annotate(in_all=Window(Count("*")))[:most])
    return Cut(tuple(found), found[0].in_all if found else 0)


def _long(issue: str = "") -> tuple[str, ...]:
    """Return the fields of an issue and its program that are too long to read for a list."""
    return tuple(f"{issue}{name}" for name in ("snapshot", "overrides", "program__edits"))


def _due(user: User, at: datetime.datetime) -> Cut[Due]:
    """Return the active patients whose latest handout of any program is as old as its stage lasts, the longest first.

    Days count, not hours: what was issued on the 1st for 14 days is due from the morning of the 15th.
    """
    of_patient = Issue.objects.filter(program__patient=OuterRef("pk")).order_by("-issued_at", "-pk")
    patients = Patient.objects.visible_to(user, Can.CLINICAL).active()
    latest = patients.annotate(latest_issue=Subquery(of_patient.values("pk")[:1])).values("latest_issue")
    old = Issue.objects.visible_to(user).filter(_run_out(timezone.localdate(at)), pk__in=latest)
    lasts = Case(
        *(When(stage_slug=slug, then=Value(datetime.timedelta(days=days))) for slug, days in STAGE_DAYS.items()),
        output_field=DurationField(),
    )
    ends = ExpressionWrapper(F("issued_at") + lasts, output_field=DateTimeField())
    rows = old.annotate(ends=ends).order_by("ends", "pk")
    cut = _cut(rows.select_related("program__patient").defer(*_long()))
    return Cut(tuple(Due(issue, _since(issue)) for issue in cut.rows), cut.total)


def _run_out(today: datetime.date) -> Q:
    """Return what says of an issue that its stage's days are over on that day."""
    over = Q()
    for slug, days in STAGE_DAYS.items():
        over |= Q(stage_slug=slug, issued_at__lt=_morning(today - datetime.timedelta(days=days - 1)))
    return over


def _morning(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, tzinfo=timezone.get_current_timezone())


def _since(issue: Issue) -> datetime.date:
    return timezone.localdate(issue.issued_at) + datetime.timedelta(days=STAGE_DAYS[issue.stage_slug])
