"""What the builder shows of a program: one frozen page made from the bench, without another query."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from clinics.models import User
from clinics.templatetags.page import plural
from exercises import known, readability
from exercises.vocabulary import STAGES
from patients.screening import ScreeningState
from patients.vocabulary import SIDES
from programs import balance, bench, checking, dose, dose_fields, lines
from programs.balance import PairBalance
from programs.bench import Bench
from programs.checks.facts import PatientFacts, StageFacts, Verdict
from programs.dose_fields import Typed
from programs.lines import Section
from programs.models import Program

LEVELS = {"stop": "Stops issuing", "warn": "Warnings", "note": "Good to know"}


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict on the page, with the reason it was accepted for, if it was; all it is drawn from."""

    verdict: Verdict
    program: int
    patient: int
    waiting: bool
    accepted: str = ""
    by: str = ""
    typed: str = ""
    error: str = ""

    @property
    def html(self) -> SafeString:
        return _drawn(self)


@lru_cache(maxsize=4096)  # the whole check is the key, so that what is kept is never out of date
def _drawn(check: Check) -> SafeString:
    return render_to_string("programs/check.html", {"check": check, "verdict": check.verdict})


@dataclass(frozen=True, slots=True)
class Level:
    """The verdicts of one level."""

    slug: str
    label: str
    checks: tuple[Check, ...]

    @property
    def accepted(self) -> int:
        """How many of them somebody accepted with a reason."""
        return sum(bool(check.accepted) for check in self.checks)


@dataclass(frozen=True, slots=True)
class BuilderPage:
    """All that the builder's template reads of a program."""

    bench: Bench
    stage: StageFacts
    state: ScreeningState
    sections: tuple[Section, ...]
    verdicts: tuple[Verdict, ...]
    levels: tuple[Level, ...]
    balance: tuple[PairBalance, ...]
    map_query: str
    map_words: str
    count: int
    minutes: int
    grade: float

    @property
    def program(self) -> Program:
        return self.bench.program

    @property
    def driver(self) -> str:
        """The leading driver's short name."""
        lead = self.stage.patient.lead
        return lead.short_name or lead.name

    @property
    def side(self) -> str:
        return dict(SIDES)[self.bench.assessed.affected_side].lower()

    @property
    def careful(self) -> str:
        """The precautions in few words, with commas."""
        names = ", ".join(row.short_name or row.name for row in self.stage.patient.precautions)
        return names[:1].upper() + names[1:]

    @property
    def stages(self) -> list[tuple[str, str, int]]:
        """Slug, label and number of exercises of each stage."""
        return [(slug, label, len(self.bench.rows_by_stage[slug])) for slug, label in STAGES]

    @property
    def adapted(self) -> dict[str, list[str]]:
        """What was changed from the protocol in the active stage, and what can't be met; empty when nothing was."""
        found: dict[str, list[str]] = self.program.adapted.get(self.program.stage_slug, {})
        return found

    @property
    def grade_words(self) -> str:
        """The reading level as a whole school grade; easier than the first isn't told apart."""
        return str(round(self.grade)) if self.grade >= 1.5 else "1 or below"

    @property
    def bulk_fields(self) -> list[tuple[str, str, str, int]]:
        """Name, words before and after, and limit of what can be set for several items at once."""
        return dose_fields.BULK

    @property
    def serious(self) -> bool:
        """Whether anything but notes stands against issuing."""
        return any(verdict.level != "note" for verdict in self.verdicts)

    @property
    def in_the_way(self) -> str:
        """How many stops and warnings nobody accepted, in words: “1 stop, 2 warnings”."""
        open_ones = {level.slug: len(level.checks) - level.accepted for level in self.levels}
        words = {"stop": "stop,stops", "warn": "warning,warnings"}
        return ", ".join(plural(count, words[slug]) for slug, count in open_ones.items() if slug in words and count)

    @property
    def order_holds(self) -> bool:
        """Whether phases and primary pairs are in order."""
        rules = {"phase_order", "pair_order"}
        return not any(verdict.rule in rules and verdict.level == "warn" for verdict in self.verdicts)

    @property
    def undoes(self) -> str:
        """What undo would take back, or nothing."""
        return self.bench.history.done[-1]["label"] if self.bench.history.done else ""

    @property
    def redoes(self) -> str:
        return self.bench.history.undone[0]["label"] if self.bench.history.undone else ""

    @property
    def changed_since_issue(self) -> bool:
        """Whether a handout was issued, and the program edited after that."""
        return bool(self.bench.issued) and self.bench.issued["program_version"] != self.program.version


def read(program: Program, *, by: User, at: datetime.datetime) -> BuilderPage:
    """Return the page of a program's active stage: 1 query."""
    return of(bench.read(program.pk, by=by), at=at)


def of(bench: Bench, *, at: datetime.datetime, typed: Typed | None = None) -> BuilderPage:
    """Return the page of what is on the bench, with what was typed and refused in its fields."""
    stage, verdicts = checking.checked(bench, at=at)
    count, seconds = len(bench.rows), sum(dose.seconds_a_day(row, row.side) for row in bench.rows)
    return BuilderPage(
        bench=bench,
        stage=stage,
        state=bench.state(at),
        sections=lines.sections(bench, verdicts, typed or Typed()),
        verdicts=verdicts,
        levels=_levels(verdicts, bench, typed or Typed()),
        balance=balance.of_pairs(stage),
        map_query=_map_query(stage.patient),
        map_words=_map_words(stage),
        count=count,
        minutes=dose.minutes(seconds),
        grade=_grade(bench),
    )


def _grade(bench: Bench) -> float:
    """Return the Flesch–Kincaid grade of what the patient will read of the exercises and notes."""
    index = known.index(bench.edition)
    counts = [index.card(row.exercise).reading for row in bench.rows if row.exercise in index]
    notes = [readability.counts([row.note]) for row in bench.rows if row.note]
    return readability.grade_of(*counts, *notes)


def _levels(verdicts: Sequence[Verdict], bench: Bench, typed: Typed) -> tuple[Level, ...]:
    names = {row.key: bench.catalog.exercise(row.exercise).name for row in bench.rows}
    merged = _merged(verdicts, names)
    found = ((slug, label, [row for row in merged if row.level == slug]) for slug, label in LEVELS.items())
    return tuple(
        Level(slug, label, tuple(_check(row, bench, typed) for row in rows)) for slug, label, rows in found if rows
    )


def _check(verdict: Verdict, bench: Bench, typed: Typed) -> Check:
    said = checking.acceptance(bench.program, verdict) if verdict.needs_reason else {}
    name = f"reason:{verdict.key}"
    return Check(
        verdict,
        bench.program.pk,
        bench.program.patient_id,
        bench.waiting,
        said.get("reason", ""),
        said.get("by", ""),
        typed.values.get(name, ""),
        typed.errors.get(name, ""),
    )


def _merged(verdicts: Sequence[Verdict], names: Mapping[int, str]) -> tuple[Verdict, ...]:
    """Return the verdicts with those that say the same of several items as one; those with fixes stay apart."""
    found: dict[object, list[Verdict]] = {}
    for number, verdict in enumerate(verdicts):
        alone = verdict.item is None or verdict.fixes or verdict.needs_reason
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


def _map_words(stage: StageFacts) -> str:
    """Return what a body map shows, in words."""
    said = []
    for word, muscles in (("Marked tight", stage.patient.tight), ("Marked weak", stage.patient.weak)):
        names = [f"{stage.catalog.muscle(slug).lower()}, {balance.SIDE_WORDS[side]}" for slug, side in muscles.items()]
        if names:
            said.append(f"{word}: {'; '.join(names)}.")
    return " ".join(said)
