"""The page “copy from another patient”: whom a search finds, and what of their programs would come over.

A fixed number of queries, whatever is found.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery

from clinics.access import Can
from clinics.models import User
from exercises.vocabulary import STAGES
from patients.models import Assessment, Patient
from programs import bench as benches
from programs import copying
from programs.bench import Bench
from programs.checks.facts import StageFacts
from programs.copying import Line
from programs.models import Item, Program

MOST = 20
LABELS = dict(STAGES)


@dataclass(frozen=True, slots=True)
class Offered:
    """One stage of another program with what would come over."""

    pk: int
    slug: str
    label: str
    active: bool
    lines: tuple[Line, ...]
    open: bool = False
    ticked: bool = False

    @property
    def unsuitable(self) -> int:
        return sum(1 for line in self.lines if line.objection)

    @property
    def possible(self) -> bool:
        """Whether anything can come over, with the box ticked or without."""
        return not all(line.stays_out for line in self.lines)


@dataclass(frozen=True, slots=True)
class Source:
    """A program with its stages that hold exercises, the active one first."""

    program: Program
    stages: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """A patient with their programs, the last edited first."""

    patient: Patient
    driver: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class CopyPage:
    """All that the template reads. `more` says that there are others whom the search finds."""

    program: Program
    text: str
    held: tuple[str, ...]
    owners: tuple[Owner, ...]
    more: bool


def read(program: Program, text: str, *, by: User, at: datetime.datetime) -> CopyPage:
    """Return whom the text finds; without a text nobody is named."""
    bench = benches.read(program.pk, by=by)
    patients = list(_others(program, text, by)[: MOST + 1]) if text else []
    return CopyPage(
        program=bench.program,
        text=text,
        held=tuple(bench.catalog.exercise(row.exercise).name for row in bench.rows),
        owners=_owners(patients[:MOST], bench, by=by, at=at) if patients else (),
        more=len(patients) > MOST,
    )


def with_choice(page: CopyPage, stage: int, *, ticked: bool) -> CopyPage:
    """Return the page with the stage that was chosen open and its box as it was, so that nothing chosen is lost."""
    owners = (
        replace(owner, sources=tuple(_with_choice(source, stage, ticked=ticked) for source in owner.sources))
        for owner in page.owners
    )
    return replace(page, owners=tuple(owners))


def _with_choice(source: Source, stage: int, *, ticked: bool) -> Source:
    rows = (replace(row, open=True, ticked=ticked) if row.pk == stage else row for row in source.stages)
    return replace(source, stages=tuple(rows))


def _others(program: Program, text: str, by: User) -> "QuerySet[Patient]":
    """Return the other patients who match and have a program that isn't empty, with `driver`, suspected last."""
    latest = Assessment.objects.filter(patient=OuterRef("pk")).values("driver__short_name")[:1]
    items = Item.objects.filter(stage__program__patient=OuterRef("pk"))
    others = Patient.objects.visible_to(by, Can.CLINICAL).matching(text).exclude(pk=program.patient_id)
    return others.filter(Exists(items)).annotate(driver=Subquery(latest))


def _owners(patients: Sequence[Patient], bench: Bench, *, by: User, at: datetime.datetime) -> tuple[Owner, ...]:
    empty, there = copying.empty_stage(bench, at=at), {row.exercise for row in bench.rows}
    sources: dict[int, list[Source]] = defaultdict(list)
    for theirs in _programs(patients, by):
        stages = tuple(_offered(theirs, there, empty))
        if stages:
            sources[theirs.patient_id].append(Source(theirs, stages))
    alone = len(patients) == 1
    return tuple(_owner(patient, sources[patient.pk], alone=alone) for patient in patients)


def _owner(patient: Patient, sources: Sequence[Source], *, alone: bool) -> Owner:
    """Return a patient with their programs; whoever is found alone lies open."""
    driver: str = getattr(patient, "driver", None) or ""
    if alone and sources:
        first, *rest = sources
        opened = replace(first, stages=(replace(first.stages[0], open=True), *first.stages[1:]))
        sources = [opened, *rest]
    return Owner(patient, driver, tuple(sources))


def _programs(patients: Sequence[Patient], by: User) -> "QuerySet[Program]":
    """Return their programs with stages, items and exercises: 3 queries."""
    items = Item.objects.select_related("exercise").order_by("position")
    programs = Program.objects.visible_to(by).filter(patient__in=patients)
    return programs.prefetch_related(Prefetch("stages__items", items))


def _offered(theirs: Program, there: Collection[str], empty: StageFacts) -> Iterator[Offered]:
    """Yield the stages that hold exercises, the active one first."""
    for stage in sorted(theirs.stages.all(), key=lambda stage: stage.slug != theirs.stage_slug):
        lines = copying.lines_of(stage.items.all(), there, empty)
        if lines:
            active = stage.slug == theirs.stage_slug
            yield Offered(stage.pk, stage.slug, LABELS[stage.slug], active, tuple(lines))
