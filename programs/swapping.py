"""What could take an item's place: its easier and its harder version, and others that work on the same.

Of one that is out of use, first what an editor named in its place.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.utils import timezone

from exercises import known
from exercises.cards import Card
from programs import arranging, catalog_panel, checking
from programs.bench import Bench
from programs.catalog_panel import Word
from programs.checks.substitutes import named, substitutes

MOST = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """An exercise for the item's place, why it is offered, and what speaks against it for this patient."""

    card: Card
    why: str
    word: Word | None


@dataclass(frozen=True, slots=True)
class Offered:
    key: int
    name: str
    choices: tuple[Choice, ...]


def offered(bench: Bench, key: int, *, at: datetime.datetime) -> Offered | None:
    """Return what may replace an item of the active stage, or None when there is no such item."""
    row = arranging.find(bench.rows, key)
    if row is None:
        return None
    exercise = bench.catalog.exercise(row.exercise)
    stage = checking.facts_of(bench, at=at)
    chosen = [(found.slug, "In its place") for found in named(exercise, bench.catalog)]
    near = [(exercise.regression, "Easier"), (exercise.progression, "Harder")]
    alike = [(found.slug, "Works on the same") for found in islice(substitutes(exercise, stage), MOST)]
    return Offered(key, exercise.name, tuple(_choices(bench, [*chosen, *near, *alike], at)))


def _choices(bench: Bench, slugs: Iterable[tuple[str, str]], at: datetime.datetime) -> Iterable[Choice]:
    index = known.index(bench.edition)
    suits = catalog_panel.suitability(bench, timezone.localdate(at))
    taken = {row.exercise for row in bench.rows}
    for slug, why in slugs:
        if slug in index and slug not in taken:
            taken.add(slug)
            card = index.card(slug)
            yield Choice(card, why, suits.word(card))
