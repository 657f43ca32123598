"""A program's stage as plain data: rows in order, each an exercise with its dose. No database in here."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from exercises.facts import CatalogFacts, Dose, ExerciseFacts
from exercises.vocabulary import Phase
from programs.checks.facts import ItemFacts
from programs.checks.mending import usual_side
from programs.dose import DOSE, GIVEN

EDITABLE = (*GIVEN, "side", "note")
CONTENT = ("exercise", "phase", *EDITABLE)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item. `key` is its primary key, and negative until it has one; `exercise` is a slug."""

    key: int
    exercise: str
    phase: Phase
    sets: int = 1
    reps: int | None = None
    hold_s: int | None = None
    minutes: int | None = None
    tempo_s: int | None = None
    rest_s: int | None = None
    times_per_day: int = 1
    days_per_week: int = 7
    side: str = ""
    note: str = ""
    version: int = 1

    @property
    def content(self) -> dict[str, Any]:
        """What the item says, by field: everything but its key and version."""
        return {name: getattr(self, name) for name in CONTENT}

    @property
    def dose(self) -> Dose:
        """The dose that is given, without a range."""
        return Dose(**{name: getattr(self, name) for name in GIVEN})

    def facts(self, catalog: CatalogFacts) -> ItemFacts:
        """Return what the checks see of the item."""
        return ItemFacts(self.key, catalog.exercise(self.exercise), self.phase, side=self.side, dose=self.dose)


Rows = tuple[ItemRow, ...]
USUAL = {field.name: field.default for field in fields(ItemRow) if field.default is not MISSING}


def from_json(stored: Mapping[str, Any]) -> ItemRow:
    """Return a row from its fields as JSON keeps them."""
    return ItemRow(**{**stored, "phase": Phase(stored["phase"])})


def as_json(row: ItemRow) -> dict[str, Any]:
    """Return a row's fields as JSON keeps them, without those that are as they usually are."""
    said = {"key": row.key, **row.content, "phase": row.phase.value, "version": row.version}
    return {name: value for name, value in said.items() if name not in USUAL or value != USUAL[name]}


def new(key: int, exercise: ExerciseFacts, affected_side: str) -> ItemRow:
    """Return an exercise as it enters a program: in its own phase, with its usual dose and side."""
    return ItemRow(
        key, exercise.slug, exercise.phase, side=usual_side(exercise.laterality, affected_side), **usual_dose(exercise)
    )


def usual_dose(exercise: ExerciseFacts) -> dict[str, Any]:
    """Return the catalog's dose of an exercise by field; tempo and rest are the patient's own until they are given."""
    return {"tempo_s": None, "rest_s": None} | {name: getattr(exercise.dose, name) for name in DOSE}


def replaced(row: ItemRow, exercise: ExerciseFacts, affected_side: str) -> ItemRow:
    """Return another exercise in a row's place, with its own usual dose and side; the note for the patient goes."""
    return replace(new(row.key, exercise, affected_side), version=row.version)


def placed(row: ItemRow, phase: Phase) -> ItemRow:
    """Return an item moved into a phase."""
    return replace(row, phase=phase)


def free_key(rows: Iterable[ItemRow]) -> int:
    """Return a key for a row that has none yet: negative, and no other's."""
    return min(0, *(row.key for row in rows), 0) - 1
