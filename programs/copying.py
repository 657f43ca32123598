"""A stage of another patient's program, taken over into this one: what comes along, and what doesn't suit.

Exercises come with their phase and dose. The notes, sides and accepted warnings of the other patient stay there.
"""

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from clinics import audit
from clinics.models import User
from exercises.facts import ExerciseFacts
from exercises.vocabulary import Phase
from programs import bench as benches
from programs import builder, checking, checks, dose
from programs.adapting import SUITABILITY
from programs.bench import Bench
from programs.checks.facts import ItemFacts, StageFacts
from programs.checks.mending import SEVERITY, usual_side
from programs.checks.suitability import fits
from programs.dose import GIVEN
from programs.models import Item, Program, Stage
from programs.rows import ItemRow

RETIRED = "It is not in use any more."
ANOTHER_CLINICS = "It is another clinic’s own exercise."


class NothingToCopy(Exception):
    """Nothing would come over; the text is the sentence the page shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """An item of the other program as it would come over. `objection` says why it doesn't suit, in one sentence;

    `stays_out` why it can't come at all.
    """

    item: Item
    side: str
    objection: str
    stays_out: str
    already: bool

    @property
    def chips(self) -> list[str]:
        """The dose in short phrases, with the side that this patient would have."""
        return dose.words_of(self.item, self.side)


@dataclass(frozen=True, slots=True)
class Copied:
    """What came over and what was left out, by name."""

    taken: tuple[str, ...]
    left_out: tuple[str, ...]


def empty_stage(bench: Bench, *, at: datetime.datetime) -> StageFacts:
    """Return the active stage without items: what suitability for this patient is asked of."""
    return replace(checking.facts_of(bench, at=at), items=())


def lines_of(items: Iterable[Item], held: Collection[str], empty: StageFacts) -> list[Line]:
    """Return what each item would be for the patient of `empty`; `held` are the exercises that are there, by slug."""
    return [_line(item, held, empty) for item in items]


def _line(item: Item, held: Collection[str], empty: StageFacts) -> Line:
    slug = item.exercise.slug
    exercise = empty.catalog.exercises.get(slug)
    return Line(
        item=item,
        side=usual_side(item.exercise.laterality, empty.patient.affected_side),
        objection="" if exercise is None or fits(exercise, empty) else objection_to(exercise, empty),
        stays_out="" if exercise else RETIRED if slug in empty.catalog else ANOTHER_CLINICS,
        already=slug in held,
    )


def objection_to(exercise: ExerciseFacts, empty: StageFacts) -> str:
    """Return what the most serious verdict on an exercise that doesn't suit says, with what it is about."""
    alone = replace(empty, items=(ItemFacts(1, exercise, exercise.phase),))
    found = [verdict for name in sorted(SUITABILITY) for verdict in checks.RULES[name].find(alone)]
    worst = min(found, key=lambda verdict: SEVERITY[verdict.level])
    about = worst.title.removeprefix(f"{exercise.name}: ")
    return f"{about[0].upper()}{about[1:]}. {worst.sentence}"


@transaction.atomic
def copy(
    source: Stage,
    program: Program,
    *,
    append: bool,
    unsuitable: bool,
    seen_version: int,
    at: datetime.datetime,
    by: User,
) -> Copied:
    """Take the exercises of `source` over into the active stage: in place of what it holds, or after that.

    With `unsuitable` those come too that don't suit this patient; those that stay out never do. Raises NothingToCopy,
    and builder.EditedMeanwhile when the program moved on since `seen_version`.
    """
    bench = benches.lock(program.pk, by=by)
    if bench.program.version != seen_version:
        raise builder.EditedMeanwhile
    kept = bench.rows if append else ()
    items = source.items.select_related("exercise").order_by("position")
    found = lines_of(items, {row.exercise for row in kept}, empty_stage(bench, at=at))
    fresh = [line for line in found if not line.already]
    taken = [line for line in fresh if not line.stays_out and (unsuitable or not line.objection)]
    if not taken:
        raise NothingToCopy(_why_nothing(found, fresh))
    coming = [_as_it_comes(line, key=-place) for place, line in enumerate(taken, start=1)]
    # What a protocol changed to suit the patient is gone with its items.
    adapted = {slug: notes for slug, notes in bench.program.adapted.items() if append or slug != bench.stage}
    label = f"{_count(len(taken))} taken over from another program"
    change = builder.Change(label, "fill stage", (*kept, *coming), fields={"adapted": adapted})
    builder.write(bench, change, at=at)
    _record(source, program, by=by, append=append, unsuitable=unsuitable, items=len(taken))
    return Copied(_names(taken), _names(line for line in fresh if line not in taken))


def _as_it_comes(line: Line, *, key: int) -> ItemRow:
    given = {name: getattr(line.item, name) for name in GIVEN}
    return ItemRow(key=key, exercise=line.item.exercise.slug, phase=Phase(line.item.phase), side=line.side, **given)


def _count(number: int) -> str:
    return f"{number} exercise" if number == 1 else f"{number} exercises"


def _names(lines: Iterable[Line]) -> tuple[str, ...]:
    return tuple(line.item.exercise.name for line in lines)


def _why_nothing(found: Sequence[Line], fresh: Sequence[Line]) -> str:
    if not found:
        return "Those weeks hold no exercises any more. Nothing was changed."
    if not fresh:
        return "All of that is in the program already. Nothing was changed."
    if any(line.objection for line in fresh):
        return "None of that suits this patient, so nothing was changed. Tick the box to take it over all the same."
    if all(line.stays_out == RETIRED for line in fresh):
        return "None of that is in use any more. Nothing was changed."
    return "None of that can be used in this clinic. Nothing was changed."


def _record(source: Stage, program: Program, *, by: User, **detail: Any) -> None:
    """Log the copy with both patients."""
    theirs, ours = source.program.patient, program.patient
    audit.about(theirs, "view program for copying", by=by, subject=source.program)
    audit.about(ours, "copy program", by=by, subject=program, source=source.program_id, stage=source.slug, **detail)
