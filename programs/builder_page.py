"""What the builder shows: one frozen page, read in a fixed number of queries whatever the program's length."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Case, Exists, OuterRef, When

from clinics.models import User
from exercises import wording
from exercises.facts import CatalogFacts
from exercises.models import Driver, Exercise
from exercises.vocabulary import Phase
from patients import screening
from patients.models import Assessment
from programs import balance, checking, checks, dose, issuing
from programs.balance import PairBalance
from programs.checks.facts import PatientFacts, StageFacts, Verdict
from programs.models import Item, Program

FEW = 40


@dataclass(frozen=True, slots=True)
class Row:
    """An item as a line of the program."""

    item: Item
    first: bool
    last: bool
    targets: str
    verdicts: tuple[Verdict, ...]

    @property
    def chips(self) -> list[str]:
        item = self.item
        return wording.dose_words(
            item.sets, item.reps, item.hold_s, item.minutes, item.times_per_day, item.days_per_week, item.side
        )

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
        return dose.minutes(sum(dose.seconds_a_day(row.item, row.item.side) for row in self.rows))


@dataclass(frozen=True, slots=True)
class BuilderPage:
    """All that the builder's template reads of a program."""

    program: Program
    assessment: Assessment
    state: screening.ScreeningState
    sections: tuple[Section, ...]
    verdicts: tuple[Verdict, ...]
    checks: tuple[Verdict, ...]
    balance: tuple[PairBalance, ...]
    map_query: str
    map_words: str
    count: int
    minutes: int

    @property
    def adapted(self) -> dict[str, list[str]]:
        """What was changed from the protocol in the active stage, and what can't be met; empty when nothing was."""
        found: dict[str, list[str]] = self.program.adapted.get(self.program.stage_slug, {})
        return found

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
    facts = checking.facts_of(program, items, assessment, state, by=by, at=at)
    verdicts = tuple(checking.with_sources(checks.check(facts)))
    return BuilderPage(
        program=program,
        assessment=assessment,
        state=state,
        sections=_sections(items, verdicts, facts),
        verdicts=verdicts,
        checks=_merged(verdicts, {item.pk: item.exercise.name for item in items}),
        balance=balance.of_pairs(facts),
        map_query=_map_query(facts.patient),
        map_words=_map_words(facts),
        count=len(items),
        minutes=dose.minutes(sum(dose.seconds_a_day(item, item.side) for item in items)),
    )


def _sections(items: Sequence[Item], verdicts: Sequence[Verdict], facts: StageFacts) -> tuple[Section, ...]:
    return tuple(
        Section(phase, _rows([item for item in items if item.phase == phase], verdicts, facts)) for phase in Phase
    )


def _rows(items: Sequence[Item], verdicts: Sequence[Verdict], facts: StageFacts) -> tuple[Row, ...]:
    return tuple(
        Row(
            item=item,
            first=index == 0,
            last=index == len(items) - 1,
            targets=_targets(facts.catalog, item.exercise.slug),
            verdicts=tuple(verdict for verdict in verdicts if verdict.item == item.pk),
        )
        for index, item in enumerate(items)
    )


def _merged(verdicts: Sequence[Verdict], names: Mapping[int, str]) -> tuple[Verdict, ...]:
    """Return the verdicts with those that say the same of several items as one; those with fixes stay apart."""
    found: dict[object, list[Verdict]] = {}
    for number, verdict in enumerate(verdicts):
        alone = verdict.item is None or verdict.fixes
        same = number if alone else (verdict.rule, verdict.level, verdict.about, verdict.sentence)
        found.setdefault(same, []).append(verdict)
    return tuple(_as_one(group, names) for group in found.values())


def _as_one(group: Sequence[Verdict], names: Mapping[int, str]) -> Verdict:
    first = group[0]
    if len(group) == 1:
        return first
    *others, last = (names[verdict.item] for verdict in group if verdict.item)
    title = first.title.replace(names[first.item or 0], f"{', '.join(others)} and {last}")
    return replace(first, title=title)


def _map_query(patient: PatientFacts) -> str:
    """Return the muscles marked tight and weak as the address of a body map names them."""
    marks = {"tight": balance.marked(patient.tight), "weak": balance.marked(patient.weak)}
    return urlencode({name: ",".join(muscles) for name, muscles in marks.items() if muscles})


def _map_words(facts: StageFacts) -> str:
    """Return what a body map shows, in words."""
    said = []
    for word, muscles in (("Marked tight", facts.patient.tight), ("Marked weak", facts.patient.weak)):
        names = [f"{facts.catalog.muscle(slug).lower()}, {balance.SIDE_WORDS[side]}" for slug, side in muscles.items()]
        if names:
            said.append(f"{word}: {'; '.join(names)}.")
    return " ".join(said)


def _targets(catalog: CatalogFacts, slug: str) -> str:
    """The muscles an exercise works on, in a clinician's words."""
    exercise = catalog.exercise(slug)
    muscles = exercise.releases if exercise.phase is Phase.RELEASE else exercise.strengthens
    return ", ".join(sorted(catalog.muscle(muscle) for muscle in muscles))


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
