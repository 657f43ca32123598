"""How the catalog is used: numbers for those who keep it, never a patient's or a clinic's name. Reads; never writes.

Below five, the number itself isn't told, so that nobody can be told apart by it; nor can it be worked out of the others
of its column and their sum.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from clinics import wall
from clinics.access import Can, clinics_where
from clinics.models import User
from exercises.browsing import LONGEST_SEARCH
from exercises.editors import edits_catalog
from exercises.models import Driver, Exercise
from exercises.querysets import ExerciseQuerySet
from programs import usage_counts
from programs.models import ExerciseUse, Item
from programs.usage_counts import KINDS, Kind

FEWEST = 5
FEW = "fewer than 5"
HIDDEN = "not told"
ON_A_PAGE = 50
LISTS = {
    "used": "Most used",
    "unused": "Never used",
    "overridden": "Often overridden",
    "replaced": "Often replaced",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose numbers somebody may see: those of these clinics, by their keys; None is all clinics together."""

    clinics: tuple[int, ...] | None

    def entered(self) -> AbstractContextManager[None]:
        """Open what is counted."""
        if self.clinics is None:
            return wall.all_clinics("who edits for all sees the numbers of all, and small ones of nobody")
        return wall.entered(wall.Scope(clinics=self.clinics))

    def exercises(self) -> ExerciseQuerySet:
        """The shared exercises, and the own ones of these clinics; shared drafts are for editors alone."""
        rows = Exercise.objects.filter(Q(clinic=None) | Q(clinic__in=self.clinics or ()))
        return rows if self.clinics is None else rows.without_drafts()

    def unused(self) -> ExerciseQuerySet:
        """The published exercises that stand in no program and were never issued."""
        items = Item.objects.filter(exercise=OuterRef("pk"))
        uses = ExerciseUse.objects.filter(exercise=OuterRef("pk"))
        if self.clinics is not None:
            items = items.filter(stage__program__patient__clinic__in=self.clinics)
            uses = uses.filter(clinic__in=self.clinics)
        return self.exercises().filter(~Exists(items), ~Exists(uses), status="published")


def scope_of(user: User) -> Scope:
    """Return whose numbers the person may see; raises PermissionDenied for who keeps no exercises."""
    if edits_catalog(user):
        return Scope(None)
    clinics = tuple(clinics_where(user, Can.EXERCISES).values_list("pk", flat=True))
    if not clinics:
        raise PermissionDenied("Only those who keep exercises may see how they are used.")
    return Scope(clinics)


@dataclass(slots=True)
class Figures:
    """Patients by suspected driver and kind, and handouts, of one exercise."""

    issued: int = 0
    by_kind: dict[Kind, dict[int | None, int]] = field(default_factory=dict)

    def of(self, kind: Kind) -> dict[int | None, int]:
        return self.by_kind.get(kind, {})

    def total(self, kind: Kind) -> int:
        return sum(self.of(kind).values())

    def shown(self, kind: Kind) -> int:
        """The total as far as it is told; of one that isn't only whether there is any."""
        total = self.total(kind)
        return total if total >= FEWEST and told_sum(self.of(kind)) != HIDDEN else min(total, 1)

    def drivers(self) -> list[int | None]:
        """The drivers whose number is told, most patients first."""
        used = self.of("used")
        words = column(used)
        named = (driver for driver, count in used.items() if count >= FEWEST and words[driver] != HIDDEN)
        return sorted(named, key=lambda driver: -used[driver])

    @property
    def share_overridden(self) -> int | None:
        """Percent of the patients who have it; None where a number that isn't told would be in it."""
        over, used = self.shown("overridden"), self.shown("used")
        return round(100 * over / used) if min(over, used) >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Row:
    """One exercise with its numbers in words."""

    exercise: Exercise
    used: str
    issued: str
    overridden: str
    replaced: str
    share: int | None
    drivers: str


@dataclass(frozen=True, slots=True)
class DriverRow:
    name: str
    used: str
    overridden: str
    replaced: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `page` knows the others."""

    chosen: str
    text: str
    page: Page
    rows: list[Row]

    @property
    def label(self) -> str:
        return LISTS[self.chosen]


def told(count: int) -> str:
    """Return a number of patients in words that tell nobody apart."""
    return f"{count:,}" if count >= FEWEST or not count else FEW


def column(counts: Mapping[int | None, int]) -> dict[int | None, str]:
    """Return numbers of patients by driver in words, so that what isn't told can't be worked out from the sum.

    Beside a small number the next larger one isn't told either, nor which of them is the small one: of 1 and 5 both
    the sum and “fewer than 5” would give the 1 away.
    """
    least = min((count for count in counts.values() if count >= FEWEST), default=0)
    if least and _small(counts):
        return {driver: HIDDEN if 0 < count <= least else told(count) for driver, count in counts.items()}
    return {driver: told(count) for driver, count in counts.items()}


def told_sum(counts: Mapping[int | None, int]) -> str:
    """Return the sum of a column in words; not told where all numbers are small and it would tell each of them.

    So does the smallest and the largest that it can be: 8 of two drivers with “fewer than 5” is 4 and 4.
    """
    small, total = _small(counts), sum(counts.values())
    tells = len(small) > 1 and total == sum(small) and total in {len(small), (FEWEST - 1) * len(small)}
    return HIDDEN if tells else told(total)


def _small(counts: Mapping[int | None, int]) -> list[int]:
    return [count for count in counts.values() if 0 < count < FEWEST]


def figures(scope: Scope, one: Exercise | None = None) -> dict[int, Figures]:
    """Return the numbers of every exercise that has any, or of one, by key: 3 queries at most."""
    found: dict[int, Figures] = {}
    for kind, exercise, driver, patients in usage_counts.counts(scope.clinics, one.pk if one else None):
        found.setdefault(exercise, Figures()).by_kind.setdefault(kind, {})[driver] = patients
    uses = ExerciseUse.objects.all() if scope.clinics is None else ExerciseUse.objects.filter(clinic__in=scope.clinics)
    if one:
        uses = uses.filter(exercise=one)
    for exercise, times in uses.order_by().values_list("exercise").annotate(Sum("times")):
        found.setdefault(exercise, Figures()).issued = times
    return found


def listed(scope: Scope, chosen: str, text: str, number: str | None) -> Listing:
    """Return a page of one of the LISTS, of exercises whose words `text` names: at most 7 queries."""
    chosen = chosen if chosen in LISTS else "used"
    text = text.replace("\0", "").strip()[:LONGEST_SEARCH]
    all_figures = figures(scope)
    keys: QuerySet[Exercise, int] | list[int]
    if chosen == "unused":
        keys = scope.unused().matching(text).in_program_order().values_list("pk", flat=True)
    else:
        keys = _ordered(scope.exercises().matching(text), all_figures, chosen)
    page = Paginator(keys, ON_A_PAGE).get_page(number)
    return Listing(chosen, text, page, _rows(scope, list(page.object_list), all_figures))


def _ordered(exercises: ExerciseQuerySet, found: Mapping[int, Figures], chosen: str) -> list[int]:
    """Return the keys of what the list holds, most first; those whose number isn't told come last, by name."""
    names = dict(exercises.order_by().values_list("pk", "name"))
    kept = [key for key in found if key in names and _weight(found[key], chosen)[0]]
    return sorted(kept, key=lambda key: (*(-weight for weight in _weight(found[key], chosen)[1:]), names[key], key))


def _weight(found: Figures, chosen: str) -> tuple[int, ...]:
    """Return whether the list holds it (0 is no), and what it is ordered by without telling small numbers."""
    if chosen == "used":
        return found.total("used") + found.issued, found.shown("used"), _shown(found.issued)
    if chosen == "overridden":
        return found.total("overridden"), found.share_overridden or 0, found.shown("overridden")
    return found.total("replaced"), found.shown("replaced")


def _shown(count: int) -> int:
    return count if count >= FEWEST else min(count, 1)


def _rows(scope: Scope, keys: list[int], found: Mapping[int, Figures]) -> list[Row]:
    exercises = scope.exercises().in_bulk(keys)
    drivers: dict[int | None, str] = dict(Driver.objects.values_list("pk", "short_name"))
    return [_row(exercises[key], found.get(key, Figures()), drivers) for key in keys]


def _row(exercise: Exercise, found: Figures, drivers: Mapping[int | None, str]) -> Row:
    return Row(
        exercise=exercise,
        used=told_sum(found.of("used")),
        issued=told(found.issued),
        overridden=told_sum(found.of("overridden")),
        replaced=told_sum(found.of("replaced")),
        share=found.share_overridden,
        drivers=", ".join(drivers[driver] for driver in found.drivers() if driver in drivers),
    )


def of_one(scope: Scope, exercise: Exercise) -> tuple[Row, list[DriverRow]]:
    """Return the numbers of one exercise, together and by suspected driver: 4 queries at most."""
    found = figures(scope, exercise).get(exercise.pk, Figures())
    names: dict[int | None, str] = dict(Driver.objects.order_by("order", "name").values_list("pk", "short_name"))
    return _row(exercise, found, names), _by_driver(found, names)


def _by_driver(found: Figures, names: Mapping[int | None, str]) -> list[DriverRow]:
    """Return a row for each driver that has a number, in the catalog's order."""
    columns = {kind: column(found.of(kind)) for kind in KINDS}
    with_none: dict[int | None, str] = {**names, None: "Not assessed"}
    return [
        DriverRow(name, **{kind: words.get(key, "0") for kind, words in columns.items()})
        for key, name in with_none.items()
        if any(key in words for words in columns.values())
    ]
