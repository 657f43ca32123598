"""What retiring an exercise would touch, and what could take its place. Reads; never writes.

An editor of the shared catalog is told which clinics' protocols hold it, by title; of programs only how many, from
five on, and of protocols that somebody keeps to themselves only how many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from clinics import wall
from exercises.models import Driver, Exercise, Protocol, ProtocolItem
from programs import retiring, usage
from programs.models import ClinicProtocol, Item, Program


@dataclass(frozen=True, slots=True)
class Offer:
    """An exercise that could take the place, and what they have in common."""

    exercise: Exercise
    why: str
    harder: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A clinic whose protocols hold the exercise: the titles of shared ones, and how many are somebody's own."""

    clinic: str
    titles: Sequence[str]
    private: int


@dataclass(frozen=True, slots=True)
class Touched:
    """All that names the exercise now; `programs` are a number in words, as they are of all clinics.

    Shipped protocols come with the stages that hold it, in words.
    """

    protocols: Sequence[tuple[Protocol, str]]
    neighbours: Sequence[tuple[Exercise, str]]
    clinics: Sequence[Told]
    programs: str


def offers(exercise: Exercise) -> list[Offer]:
    """Return what could take its place, the best first."""
    return [Offer(row, _why(row), _is_harder(row, exercise)) for row in retiring.substitutes(exercise)]


@wall.all_clinics("an editor retires it for all, and is told how many have it")
def touched(exercise: Exercise) -> Touched:
    """Return what names the exercise: 4 queries."""
    programs = Program.objects.filter(pk__in=Item.objects.filter(exercise=exercise).values("stage__program"))
    return Touched(
        protocols=_protocols(exercise),
        neighbours=[(row, _as_what(row, exercise)) for row in retiring.neighbours_of(exercise)],
        clinics=_clinics(exercise),
        programs=usage.told(programs.count()),
    )


def _protocols(exercise: Exercise) -> list[tuple[Protocol, str]]:
    items = ProtocolItem.objects.filter(exercise=exercise).select_related("protocol__driver")
    ordered = items.order_by("protocol__driver__order", "protocol__title", "protocol_id", "stage")
    return [(protocol, _stages(held)) for protocol, held in groupby(ordered, key=lambda item: item.protocol)]


def _stages(items: Iterable[ProtocolItem]) -> str:
    return ", ".join(dict.fromkeys(item.get_stage_display() for item in items))


def _clinics(exercise: Exercise) -> list[Told]:
    rows = ClinicProtocol.objects.in_use().filter(items__exercise=exercise).distinct().select_related("clinic")
    ordered = rows.order_by("clinic__name", "clinic_id", "title")
    return [_told(list(group)) for _, group in groupby(ordered, key=lambda row: row.clinic_id)]


def _told(rows: list[ClinicProtocol]) -> Told:
    shared = [row.title for row in rows if row.shared]
    return Told(rows[0].clinic.name, shared, len(rows) - len(shared))


def _is_harder(row: Exercise, exercise: Exercise) -> bool:
    """Whether it is on a higher level, or the exercise's own next step on the same."""
    return row.level > exercise.level or row.pk == exercise.progression_id


def _as_what(row: Exercise, exercise: Exercise) -> str:
    links = {"harder": row.progression_id, "easier": row.regression_id}
    return " and ".join(word for word, key in links.items() if key == exercise.pk)


def _why(row: Exercise) -> str:
    return " · ".join([_drivers(row.suits_primary.all()), row.get_position_display(), f"Level {row.level}"]).lstrip(
        " ·"
    )


def _drivers(drivers: Iterable[Driver]) -> str:
    names = ", ".join(driver.short_name for driver in drivers)
    return f"Suits {names}" if names else ""
