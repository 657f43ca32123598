"""Taking an exercise out of use, with another one in its place where the shared catalog names it. Nothing is deleted.

Programs, issues and clinics' protocols aren't touched: what they hold stays, and clinics are told on their pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from clinics.models import User
from exercises import editing, known, reviewing
from exercises.facts import CatalogFacts, ExerciseFacts
from exercises.finding import Index
from exercises.models import Exercise, Protocol, ProtocolItem
from programs.checks.substitutes import named, shares

MOST = 6
LINKS = ("progression", "regression")


@dataclass(frozen=True, slots=True)
class Replaced:
    """How often the substitute took the place: in how many protocols, and as how many exercises' easier or harder."""

    protocols: int = 0
    exercises: int = 0


def substitutes(exercise: Exercise, limit: int = MOST) -> list[Exercise]:
    """Return published shared exercises that could take its place, the best first: 3 queries."""
    edition = known.current_edition()
    best = [row.slug for row in _alike(exercise, known.catalog(edition), known.index(edition))[:limit]]
    found = Exercise.objects.published().prefetch_related("suits_primary").in_bulk(best, field_name="slug")
    return [found[slug] for slug in best if slug in found]


def instead_of(exercises: Iterable[Exercise], clinic: int) -> dict[str, str]:
    """Return by slug the name of what could best take the place of each retired one in a clinic, by its key.

    That is what an editor named, as long as it is in use; else it may be one of the clinic's own. 1 query, none when
    nothing is retired.
    """
    retired = [row for row in exercises if row.status == "retired"]
    if not retired:
        return {}
    edition = known.current_edition(clinic)
    catalog, index = known.catalog(edition), known.index(edition)
    found = ((row.slug, [*named(catalog.exercise(row.slug), catalog), *_alike(row, catalog, index)]) for row in retired)
    return {slug: rows[0].name for slug, rows in found if rows}


def _alike(exercise: Exercise, catalog: CatalogFacts, index: Index) -> list[ExerciseFacts]:
    """Return what works on the same muscles in the same phase, the best first.

    What is harder comes last: whoever had the exercise may not be ready for it. Else first come those that suit the
    same drivers, then those nearest in level, done in the same position, of the same kind.
    """
    facts = catalog.exercise(exercise.slug)
    others = [row for row in catalog.sharing(facts.phase, facts.targets) if row.slug in index and shares(row, facts)]
    return sorted(
        (row for row in others if row.slug != facts.slug),
        key=lambda row: (
            row.level > facts.level or row.slug == facts.progression,
            -_suits_alike(row, facts),
            abs(row.level - facts.level),
            index.card(row.slug).position != exercise.position,
            row.kind != facts.kind,
            row.name,
        ),
    )


def _suits_alike(row: ExerciseFacts, facts: ExerciseFacts) -> float:
    """Return which share of the drivers that the one suits first of all, the other suits; half where it suits too."""
    if not facts.primary_for:
        return 0.0
    fits = (
        1.0 if driver in row.primary_for else 0.5 if driver in row.secondary_for else 0.0
        for driver in facts.primary_for
    )
    return round(sum(fits) / len(facts.primary_for), 2)


@transaction.atomic
def retire(exercise: Exercise, *, by: User, why: str, substitute: Exercise | None) -> Replaced:
    """Retire a shared exercise; put `substitute` in its place in shipped protocols and beside other exercises.

    Raises CannotMove when it is retired already, without a reason, or when the substitute isn't in use itself.
    """
    reviewing.retire(exercise, by=by, why=why, substitute=substitute)
    if substitute is None:
        return Replaced()
    current = Exercise.objects.published().select_for_update().filter(pk=substitute.pk).first()
    if current is None or current.pk == exercise.pk:
        raise reviewing.CannotMove("That substitute isn't in use itself. Choose another one.")
    Exercise.objects.filter(substitute=exercise).update(substitute=current)
    said = f"“{exercise}” is retired: “{current}” in its place"[:200]
    protocols = [_replace_in(protocol, exercise, current) for protocol in protocols_with(exercise)]
    exercises = _replace_beside(exercise, current)
    for row in (*protocols, *exercises):
        editing.saved(row, by=by, why=said)
    return Replaced(len(protocols), len(exercises))


def protocols_with(exercise: Exercise) -> list[Protocol]:
    """Return the shipped protocols that hold the exercise: 1 query."""
    return list(Protocol.objects.filter(items__exercise=exercise).distinct())


def neighbours_of(exercise: Exercise) -> list[Exercise]:
    """Return the shared exercises whose easier or harder version it is: 1 query."""
    return list(Exercise.objects.shared().filter(Q(progression=exercise) | Q(regression=exercise)))


def _replace_in(protocol: Protocol, exercise: Exercise, substitute: Exercise) -> Protocol:
    """Put the substitute into each stage in the exercise's place, or close the gap where the stage has it already.

    Had the stage it for other patients than the exercise was for, it is for all of them now.
    """
    for stage in protocol.items.filter(exercise=exercise).order_by().values_list("stage", flat=True).distinct():
        items = protocol.items.filter(stage=stage)
        there = list(items.filter(exercise=substitute).values_list("only_with", flat=True))
        if there:
            if items.filter(exercise=exercise).exclude(only_with__in=there).exists():
                items.filter(exercise=substitute).update(only_with="")
            items.filter(exercise=exercise).delete()
            _close_gaps(list(items.order_by("position")))
        else:
            items.filter(exercise=exercise).update(exercise=substitute)
    return protocol


def _close_gaps(items: list[ProtocolItem]) -> None:
    """Write positions 1, 2, 3 …; lifted first, as the database checks them row by row."""
    if not items:
        return
    ProtocolItem.objects.filter(pk__in=[item.pk for item in items]).update(position=F("position") + items[-1].position)
    for position, item in enumerate(items, start=1):
        item.position = position
    ProtocolItem.objects.bulk_update(items, ["position"])


def _replace_beside(exercise: Exercise, substitute: Exercise) -> list[Exercise]:
    """Put the substitute in its place as what is easier or harder; nothing where that would make no sense."""
    changed = neighbours_of(exercise)
    known.edited()  # the facts that follow are those without the exercise
    catalog = known.catalog()
    for row in changed:
        links = [link for link in LINKS if getattr(row, f"{link}_id") == exercise.pk]
        for link in links:
            setattr(row, link, substitute if _makes_sense(row.slug, link, substitute.slug, catalog) else None)
        row.save(update_fields=links)
    return changed


def _makes_sense(slug: str, link: str, new: str, catalog: CatalogFacts) -> bool:
    """Whether another exercise may be what is easier or harder: the way leads neither back to it nor a phase back."""
    if link == "progression" and catalog.exercise(new).phase.rank < catalog.exercise(slug).phase.rank:
        return False
    seen: set[str] = set()
    while new and new not in seen:
        if new == slug:
            return False
        seen.add(new)
        new = getattr(catalog.exercise(new), link)
    return True
