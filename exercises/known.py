"""The catalog in memory, as rules see it. Read once per edition: whatever edits the catalog counts the edition up.

Editing goes through `loading.load` and the admin; both call `edited`. A process asks for the edition each time
(1 query) and reads everything again only when it changed (13 queries).
"""

from typing import Any

from django.db.models import F

from exercises.facts import CatalogFacts, Dose, DriverFacts, ExerciseFacts, Pair, PrecautionFacts, Rule
from exercises.models import CatalogVersion, Driver, Equipment, Exercise, Muscle, MusclePair, Precaution
from exercises.vocabulary import Phase

_read: dict[int, CatalogFacts] = {}


def catalog() -> CatalogFacts:
    """Return the catalog as it stands."""
    edition = CatalogVersion.objects.values_list("edition", flat=True).first() or 0
    if edition not in _read:
        found = _from_database()
        _read.clear()
        _read[edition] = found
    return _read[edition]


def edited() -> None:
    """Say that the catalog was edited: every process reads it again."""
    if not CatalogVersion.objects.update(edition=F("edition") + 1):
        CatalogVersion.objects.create(edition=1)


def forget() -> None:
    """Read the catalog again the next time, in this process alone."""
    _read.clear()


def _from_database() -> CatalogFacts:
    rows = list(Exercise.objects.select_related("progression", "regression").with_links())
    muscles = {muscle.slug: muscle.short_name for muscle in Muscle.objects.all()}
    things = list(Equipment.objects.all())
    return CatalogFacts(
        exercises={row.slug: exercise_facts(row) for row in rows if row.status == "published"},
        retired={row.slug: exercise_facts(row) for row in rows if row.status != "published"},
        drivers={row.slug: _driver(row) for row in Driver.objects.prefetch_related("muscle_states__muscle")},
        precautions={
            row.slug: PrecautionFacts(row.slug, row.name, _rules(row.rules), row.short_name)
            for row in Precaution.objects.all()
        },
        pairs=_pairs(),
        muscle_names=muscles,
        equipment_names={thing.slug: thing.name for thing in things},
        household=frozenset(thing.slug for thing in things if thing.household),
    )


def exercise_facts(row: Exercise) -> ExerciseFacts:
    """Return what rules ask about an exercise; needs `with_links`."""
    return ExerciseFacts(
        slug=row.slug,
        name=row.name,
        phase=Phase(row.phase),
        kind=row.kind,
        level=row.level,
        releases=frozenset(muscle.slug for muscle in row.releases.all()),
        strengthens=frozenset(muscle.slug for muscle in row.strengthens.all()),
        nerves=frozenset(row.nerves),
        laterality=row.laterality,
        bed_ok=row.bed_ok,
        equipment=tuple(frozenset(group) for group in row.equipment),
        spinal_loading=row.spinal_loading,
        attributes=frozenset(row.attributes),
        dose=Dose(
            sets=row.sets,
            reps=row.reps,
            hold_s=row.hold_s,
            minutes=row.minutes,
            times_per_day=row.times_per_day,
            days_per_week=row.days_per_week,
            reps_max=row.reps_max,
            hold_s_max=row.hold_s_max,
            minutes_max=row.minutes_max,
        ),
        primary_for=frozenset(driver.slug for driver in row.suits_primary.all()),
        secondary_for=frozenset(driver.slug for driver in row.suits_secondary.all()),
        driver_overrides=_rules(row.driver_overrides),
        precaution_overrides=_rules(row.precaution_overrides),
        progression=row.progression.slug if row.progression else "",
        regression=row.regression.slug if row.regression else "",
    )


def _rules(stored: dict[str, dict[str, Any]]) -> dict[str, Rule]:
    """Return rules in the order of their slugs: each database keeps the keys of JSON in an order of its own."""
    return {
        slug: Rule(**{**rule, "citations": tuple(rule.get("citations", ["practice"]))})
        for slug, rule in sorted(stored.items())
    }


def _driver(row: Driver) -> DriverFacts:
    states = [(state.muscle.slug, state.state) for state in row.muscle_states.all()]
    return DriverFacts(
        slug=row.slug,
        name=row.name,
        short_name=row.short_name,
        bias=row.bias,
        rules=_rules(row.attribute_rules),
        tight=frozenset(slug for slug, state in states if state == "tight"),
        weak=frozenset(slug for slug, state in states if state == "weak"),
    )


def _pairs() -> tuple[Pair, ...]:
    rows = MusclePair.objects.select_related("tight", "weak").order_by("weight", "tight__name", "weak__name")
    return tuple(
        Pair(
            row.tight.slug,
            row.weak.slug,
            row.tight.short_name.lower(),
            row.weak.short_name.lower(),
            row.weight == "primary",
        )
        for row in rows
    )
