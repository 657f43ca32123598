"""The items of a stage as the builder shows them: phase by phase, each a line with its dose to type in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from exercises import known
from exercises.facts import CatalogFacts
from exercises.finding import Index
from exercises.vocabulary import Phase
from programs import dose, dose_fields
from programs.bench import Bench
from programs.checks.facts import Verdict
from programs.checks.substitutes import named
from programs.dose_fields import DoseField, Typed
from programs.rows import ItemRow


@dataclass(frozen=True)
class Row:
    """An item as a line of the program; all it is drawn from."""

    key: int
    version: int
    name: str
    slug: str
    program: int
    phase: str
    usual_phase: str
    first: bool
    last: bool
    targets: str
    side: str
    picture: str
    moves: bool
    retired: bool
    instead: str
    fields: tuple[DoseField, ...]
    folded: tuple[DoseField, ...]
    note: str
    note_error: str
    verdicts: tuple[tuple[str, str], ...]
    easier: str
    harder: str
    chips: tuple[str, ...]

    @property
    def overridden(self) -> bool:
        return self.phase != self.usual_phase

    @property
    def open(self) -> bool:
        """Whether a mistake is folded away."""
        return bool(self.note_error or any(field.error for field in self.folded))

    @cached_property
    def html(self) -> SafeString:
        return render_to_string("programs/row.html", {"row": self, "phases": list(Phase), "sides": dose_fields.SIDES})


@dataclass(frozen=True, slots=True)
class Section:
    """A phase with its lines."""

    phase: Phase
    rows: tuple[Row, ...]
    minutes: int


def sections(bench: Bench, verdicts: Sequence[Verdict], typed: Typed) -> tuple[Section, ...]:
    """Return the active stage by phase; a line names the stops and warnings about it."""
    titles: dict[int, tuple[tuple[str, str], ...]] = {}
    for verdict in verdicts:
        if verdict.item is not None and verdict.level != "note":
            titles[verdict.item] = (*titles.get(verdict.item, ()), (verdict.level, verdict.title))
    return tuple(
        Section(phase, tuple(_rows(bench, inside, titles, typed)), _minutes(inside))
        for phase in Phase
        for inside in [[row for row in bench.rows if row.phase is phase]]
    )


def _minutes(rows: Iterable[ItemRow]) -> int:
    return dose.minutes(sum(dose.seconds_a_day(row, row.side) for row in rows))


def _rows(
    bench: Bench, rows: Sequence[ItemRow], titles: Mapping[int, tuple[tuple[str, str], ...]], typed: Typed
) -> Iterable[Row]:
    index = known.index(bench.edition)
    refused = typed.items
    for row in rows:
        place = (row is rows[0], row is rows[-1])
        said = (index, bench.edition, bench.program.pk, row, place, titles.get(row.key, ()))
        yield _row(*said, typed) if row.key in refused else _kept_row(*said)


@lru_cache(maxsize=4096)  # the very catalog and all a line is drawn from are the key: never out of date
def _kept_row(
    index: Index,
    edition: known.Edition,
    program: int,
    row: ItemRow,
    place: tuple[bool, bool],
    verdicts: tuple[tuple[str, str], ...],
) -> Row:
    return _row(index, edition, program, row, place, verdicts, Typed())


def _row(
    index: Index,
    edition: known.Edition,
    program: int,
    row: ItemRow,
    place: tuple[bool, bool],
    verdicts: tuple[tuple[str, str], ...],
    typed: Typed,
) -> Row:
    catalog = known.catalog(edition)
    exercise = catalog.exercise(row.exercise)
    card = index.card(row.exercise) if row.exercise in index else None
    fields, folded = dose_fields.of(row, exercise, typed)
    return Row(
        key=row.key,
        version=row.version,
        name=exercise.name,
        slug=row.exercise,
        program=program,
        phase=row.phase.value,
        usual_phase=exercise.phase.value,
        first=place[0],
        last=place[1],
        targets=_targets(catalog, row.exercise),
        side=row.side,
        picture=card.picture if card else "",
        moves=bool(card and card.moves),
        retired=card is None,
        instead=next((found.name for found in named(exercise, catalog)), ""),
        fields=fields,
        folded=folded,
        note=typed.values.get(f"note-{row.key}", row.note),
        note_error=typed.errors.get(f"note-{row.key}", ""),
        verdicts=verdicts,
        easier=_name(catalog, exercise.regression),
        harder=_name(catalog, exercise.progression),
        chips=tuple(dose.words_of(row, row.side)),
    )


def _name(catalog: CatalogFacts, slug: str) -> str:
    """Return the name of an exercise that may be used, or nothing."""
    return catalog.exercises[slug].name if slug in catalog.exercises else ""


def _targets(catalog: CatalogFacts, slug: str) -> str:
    """The muscles an exercise works on, in a clinician's words."""
    exercise = catalog.exercise(slug)
    muscles = exercise.releases if exercise.phase is Phase.RELEASE else exercise.strengthens
    return ", ".join(sorted(catalog.muscle(muscle) for muscle in muscles))
