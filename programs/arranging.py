"""Edits of a stage as pure functions: rows in, rows out, always in phase order.

`programs.builder` writes what comes out; undo and redo put back what went in.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from exercises.facts import CatalogFacts
from exercises.vocabulary import Phase, kind_rank
from programs.rows import ItemRow, Rows


def ordered(rows: Rows) -> Rows:
    """Return rows in phase order, keeping the given order within a phase."""
    return tuple(sorted(rows, key=lambda row: row.phase.rank))


def find(rows: Rows, key: int) -> ItemRow | None:
    return next((row for row in rows if row.key == key), None)


def without(rows: Rows, keys: Collection[int]) -> Rows:
    """Take items out."""
    return tuple(row for row in rows if row.key not in keys)


def put(rows: Rows, row: ItemRow, *, before: int | None = None) -> Rows:
    """Put a row into its phase: before another item, else at the phase's end."""
    others = without(rows, {row.key})
    here = next((index for index, other in enumerate(others) if other.key == before), len(others))
    return ordered((*others[:here], row, *others[here:]))


def land(rows: Rows, row: ItemRow, catalog: CatalogFacts) -> Rows:
    """Put a new row into its phase where kinds are in order: after the last of its own or an earlier one."""
    mine = _kind_rank(row, catalog)
    later = (other.key for other in rows if other.phase is row.phase and _kind_rank(other, catalog) > mine)
    return put(rows, row, before=next(later, None))


def shift(rows: Rows, key: int, *, up: bool) -> Rows:
    """Swap an item with its neighbour in the same phase; at the end of the phase it stays."""
    places = list(rows)
    here = next(index for index, row in enumerate(places) if row.key == key)
    there = here - 1 if up else here + 1
    if 0 <= there < len(places) and places[there].phase is places[here].phase:
        places[here], places[there] = places[there], places[here]
    return tuple(places)


def change(rows: Rows, key: int, values: Mapping[str, Any]) -> Rows:
    """Write some fields of an item where it stands."""
    return tuple(replace(row, **values) if row.key == key else row for row in rows)


def swap(rows: Rows, new: ItemRow) -> Rows:
    """Put a row in the place of the one with its key; in another phase than that one's, at the phase's end."""
    if any(row.key == new.key and row.phase is new.phase for row in rows):
        return tuple(new if row.key == new.key else row for row in rows)
    return put(rows, new)


def sort_kinds(rows: Rows, phase: Phase, catalog: CatalogFacts) -> Rows:
    """Put the items of a phase into the order of kinds that practice advises."""
    inside = sorted((row for row in rows if row.phase is phase), key=lambda row: _kind_rank(row, catalog))
    return ordered((*(row for row in rows if row.phase is not phase), *inside))


def _kind_rank(row: ItemRow, catalog: CatalogFacts) -> int:
    return kind_rank(row.phase, catalog.exercise(row.exercise).kind)
