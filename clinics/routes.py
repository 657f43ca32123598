"""The table of all pages, `clinics/access.csv`: by which methods each is asked for, and by whom.

A page without a row isn't served. A name may end in `*`, for pages that a library makes; the first that fits counts.
“own” in a cell: they may come, and change what they made themselves.
"""

import csv
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("access.csv")
ROLES = ("assistant", "trainer", "therapist", "clinic_admin")
ACTORS = ("signed_out", "patient_link", *ROLES, "catalog_editor", "site_owner")


@dataclass(frozen=True, slots=True)
class Route:
    """One row: `record` is what its address names of a clinic; `actors` may come, `makers` change their own alone."""

    name: str
    methods: frozenset[str]
    record: str
    actors: frozenset[str]
    makers: frozenset[str]

    def takes(self, method: str) -> bool:
        """Return whether this method is answered; who may GET may HEAD."""
        return ("GET" if method == "HEAD" else method) in self.methods

    @property
    def is_for_everyone(self) -> bool:
        """Whether it opens for whoever is signed in, even without a role."""
        return self.actors >= {*ROLES, "catalog_editor", "site_owner"}


@cache
def table() -> dict[str, Route]:
    """Return the rows by name, in the table's order. Raises ValueError for one that can't be read."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [_read(row) for row in csv.DictReader(file, strict=True)]
    if len({row.name for row in rows}) < len(rows):
        raise ValueError(f"{TABLE.name} names a page twice.")
    return {row.name: row for row in rows}


@cache
def route(name: str) -> Route | None:
    """Return the row of a page, or None when it has none."""
    rows = table()
    fitting = (row for pattern, row in rows.items() if pattern.endswith("*") and fnmatchcase(name, pattern))
    return rows.get(name) or next(fitting, None)


def _read(row: dict[str, str]) -> Route:
    cells = {actor: row[actor] for actor in ACTORS}
    if not set(cells.values()) <= {"yes", "own", ""}:
        raise ValueError(f"{TABLE.name} says something else than “yes” or nothing of {row['route']}.")
    actors = frozenset(actor for actor, cell in cells.items() if cell)
    makers = frozenset(actor for actor, cell in cells.items() if cell == "own")
    return Route(row["route"], frozenset(row["methods"].split()), row["record"], actors, makers)
