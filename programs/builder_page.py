"""What the builder shows: one frozen page, read in a fixed number of queries whatever the program's length."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Exists, OuterRef, When

from clinics.models import User
from exercises import wording
from exercises.models import Driver, Exercise
from exercises.vocabulary import Phase
from patients import screening
from patients.models import Assessment
from programs import checking, checks, dose, issuing
from programs.checks.facts import StageFacts, Verdict
from programs.models import Item, Program

FEW = 40


@dataclass(frozen=True, slots=True)
class Row:
    """An item as a line of the program."""

    item: Item
    first: bool
    last: bool
    verdicts: tuple[Verdict, ...]

    @property
    def chips(self) -> list[str]:
        item = self.item
        return wording.dose_words(
            item.sets, item.reps, item.hold_s, item.minutes, item.times_per_day, item.days_per_week, item.side
        )

    @property
    def targets(self) -> str:
        """The muscles it works on, in a clinician's words."""
        exercise = self.item.exercise
        muscles = exercise.releases.all() if exercise.phase == Phase.RELEASE else exercise.strengthens.all()
        return ", ".join(muscle.short_name for muscle in muscles)

    @property
    def overridden(self) -> bool:
        return self.item.phase != self.item.exercise.phase


@dataclass(frozen=True, slots=True)
class Section:
    """A phase with its lines."""

    phase: Phase
    rows: tuple[Row, ...]

    @property
    def minutes(self) -> int:
        return dose.minutes(sum(dose.seconds_a_day(row.item) for row in self.rows))


@dataclass(frozen=True, slots=True)
class Balance:
    """A pair in this program: how often the tight side is released and the weak side strengthened."""

    tight: str
    weak: str
    released: int
    strengthened: int
    primary: bool


@dataclass(frozen=True, slots=True)
class BuilderPage:
    """All that the builder's template reads of a program."""

    program: Program
    assessment: Assessment
    state: screening.ScreeningState
    sections: tuple[Section, ...]
    verdicts: tuple[Verdict, ...]
    balance: tuple[Balance, ...]
    count: int
    minutes: int

    @property
    def serious(self) -> bool:
        """Whether anything but notes stands against issuing."""
        return any(verdict.level != "note" for verdict in self.verdicts)

    @property
    def order_holds(self) -> bool:
        """Whether phases and primary pairs are in order."""
        rules = {"phase_order", "pair_order"}
        return not any(verdict.rule in rules and verdict.level == "warn" for verdict in self.verdicts)


def read(program: Program, *, by: User, at: datetime.datetime) -> BuilderPage:
    """Return the page of a program's active stage."""
    assessment = issuing.current_assessment(program)
    items = issuing.active_items(program)
    state = screening.state_of(program.patient, at)
    facts = checking.facts_of(program, items, assessment, state, by=by)
    verdicts = tuple(checking.with_sources(checks.check(facts)))
    return BuilderPage(
        program=program,
        assessment=assessment,
        state=state,
        sections=_sections(items, verdicts),
        verdicts=verdicts,
        balance=_balance(facts),
        count=len(items),
        minutes=dose.minutes(sum(dose.seconds_a_day(item) for item in items)),
    )


def _sections(items: Sequence[Item], verdicts: Sequence[Verdict]) -> tuple[Section, ...]:
    return tuple(Section(phase, _rows([item for item in items if item.phase == phase], verdicts)) for phase in Phase)


def _rows(items: Sequence[Item], verdicts: Sequence[Verdict]) -> tuple[Row, ...]:
    return tuple(
        Row(
            item=item,
            first=index == 0,
            last=index == len(items) - 1,
            verdicts=tuple(verdict for verdict in verdicts if verdict.item == item.pk),
        )
        for index, item in enumerate(items)
    )


def _balance(facts: StageFacts) -> tuple[Balance, ...]:
    released = Counter(muscle for item in facts.items for muscle in item.exercise.releases)
    strengthened = Counter(muscle for item in facts.items for muscle in item.exercise.strengthens)
    return tuple(
        Balance(pair.tight_name, pair.weak_name, released[pair.tight], strengthened[pair.weak], pair.primary)
        for pair in facts.pairs
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What the catalog search found: the first few and how many more there are."""

    text: str
    phase: str
    exercises: tuple[Exercise, ...]
    more: int


def search(text: str, phase: str, driver: Driver) -> Found:
    """Search the published exercises: 1 query. Those that suit the driver come first within their phase."""
    here = Exercise.objects.filter(pk=OuterRef("pk"))
    fits = Case(
        When(Exists(here.filter(suits_primary=driver)), then=0),
        When(Exists(here.filter(suits_secondary=driver)), then=1),
        default=2,
    )
    rows = Exercise.objects.published().matching(text).annotate(fit=fits)
    if phase in set(Phase):
        rows = rows.filter(phase=phase)
    found = sorted(rows, key=lambda row: (Phase(row.phase).rank, row.fit, row.level, row.name))
    return Found(text, phase, tuple(found[:FEW]), max(0, len(found) - FEW))
