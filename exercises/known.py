"""The catalog in memory, as rules and the builder see it: facts, and an index to find exercises in.

Read once per edition: whatever edits the catalog counts the edition up. Editing goes through `loading.load` and
`editing.saved`; both call `edited`. A process asks for the edition each time (1 query) and reads facts and index anew
only when it changed (16 queries in all).

A clinic that has exercises of its own sees the shared ones with its own added (9 queries more, kept for as many
clinics as `MOST_CLINICS`); all other clinics share one catalog. Nothing of a clinic is ever in another's. An edit of a
clinic's own counts up its `OwnEdition` alone: nobody reads the shared ones again for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db.models import F, Subquery

from exercises import uploaded
from exercises.cards import Card, card_of, named_equipment, named_muscles
from exercises.editorial import OwnEdition
from exercises.evidence import Citation
from exercises.facts import CatalogFacts, Dose, DriverFacts, ExerciseFacts, Pair, PrecautionFacts, Rule
from exercises.finding import Index
from exercises.models import CatalogVersion, Driver, Equipment, Exercise, Muscle, MusclePair, Precaution
from exercises.querysets import ExerciseQuerySet
from exercises.vocabulary import Phase

MOST_CLINICS = 16


class Edition(NamedTuple):
    """Which catalog is meant: its number, and the clinic whose own exercises are in it; None is the shared one.

    `own` is the number of the clinic's own part.
    """

    number: int
    clinic: int | None = None
    own: int = 0


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one edition."""

    catalog: CatalogFacts
    index: Index


_read: dict[Edition, _Read] = {}


def current_edition(clinic: int | None = None) -> Edition:
    """Return the edition the catalog is in now, for a clinic by its key: 1 query."""
    own = OwnEdition.objects.filter(clinic=clinic).values("edition")
    number, of_own = CatalogVersion.objects.values_list("edition", Subquery(own)).first() or (0, None)
    return edition_of(number, clinic, of_own)


def edition_of(number: int, clinic: int | None, own: int | None) -> Edition:
    """Return the edition as that clinic sees it: the shared one when it has none of its `own`."""
    return Edition(number) if own is None else Edition(number, clinic, own)


def catalog(edition: Edition | None = None) -> CatalogFacts:
    """Return the catalog as it stands; without a query for the edition when the caller has just read it.

    Without an edition it is the shared catalog, which holds no clinic's own exercises.
    """
    return _of_edition(edition or current_edition()).catalog


def index(edition: Edition | None = None) -> Index:
    """Return the published exercises as they stand, to find some; `edition` as for `catalog`."""
    return _of_edition(edition or current_edition()).index


def _of_edition(edition: Edition) -> _Read:
    found = _read.get(edition)
    if found is None:
        shared = Edition(edition.number)
        if edition.clinic is None:
            found = _from_database()
            _read.clear()
        else:
            found = _with_own(_of_edition(shared), edition.clinic)
            before = [key for key in _read if key.clinic == edition.clinic]
            others = [key for key in _read if key.clinic not in (None, edition.clinic)]
            for key in [*before, *others[: len(others) - MOST_CLINICS + 1]]:
                _read.pop(key, None)
        _read[edition] = found
    return found


def edited(clinic: int | None = None) -> None:
    """Say that the catalog was edited, or only what is a clinic's own: every process reads that again."""
    if clinic is not None:
        if not CatalogVersion.objects.exists():
            CatalogVersion.objects.create()
        counted_up = {"edition": F("edition") + 1}
        OwnEdition.objects.update_or_create(clinic_id=clinic, defaults=counted_up, create_defaults={"edition": 1})
    elif not CatalogVersion.objects.update(edition=F("edition") + 1):
        CatalogVersion.objects.create(edition=1)


def forget() -> None:
    """Read the catalog again the next time, in this process alone."""
    _read.clear()


def _from_database() -> _Read:
    uploads = uploaded.of_clinic(None)
    rows = _rows(Exercise.objects.shared(), uploads)
    muscles, things = list(Muscle.objects.all()), list(Equipment.objects.all())
    facts = {row.slug: exercise_facts(row) for row in rows}
    published = [row for row in rows if row.status == "published"]
    catalog = CatalogFacts(
        exercises={row.slug: facts[row.slug] for row in published},
        retired={row.slug: facts[row.slug] for row in rows if row.status != "published"},
        drivers={row.slug: _driver(row) for row in Driver.objects.prefetch_related("muscle_states__muscle")},
        precautions={
            row.slug: PrecautionFacts(row.slug, row.name, _rules(row.rules), row.short_name, row.sign_off)
            for row in Precaution.objects.all()
        },
        pairs=_pairs(),
        muscle_names={muscle.slug: muscle.short_name for muscle in muscles},
        equipment_names={thing.slug: thing.name for thing in things},
        household=frozenset(thing.slug for thing in things if thing.household),
        pks={row.slug: row.pk for row in rows},
        citation_texts=dict(Citation.objects.values_list("slug", "text")),
        uploads=uploads,
    )
    return _Read(catalog, Index(_cards(published, facts, muscles, things)))


def _with_own(shared: _Read, clinic: int) -> _Read:
    """Return the shared catalog with the clinic's own exercises added."""
    uploads = uploaded.of_clinic(clinic)
    rows = _rows(Exercise.objects.filter(clinic=clinic), uploads)
    facts = {row.slug: exercise_facts(row) for row in rows}
    published = [row for row in rows if row.status == "published"]
    was = shared.catalog
    catalog = replace(
        was,
        exercises={**was.exercises, **{row.slug: facts[row.slug] for row in published}},
        retired={**was.retired, **{row.slug: facts[row.slug] for row in rows if row.status != "published"}},
        pks={**was.pks, **{row.slug: row.pk for row in rows}},
        uploads={**was.uploads, **uploads},
    )
    cards = _cards(published, facts, list(Muscle.objects.all()), list(Equipment.objects.all()))
    return _Read(catalog, Index([*shared.index.cards, *cards]))


def _rows(exercises: ExerciseQuerySet, uploads: Mapping[str, uploaded.Digests]) -> list[Exercise]:
    rows = list(
        exercises.select_related("progression", "regression", "substitute").with_links().prefetch_related("texts")
    )
    uploaded.tell(rows, uploads)
    return rows


def _cards(
    rows: Iterable[Exercise], facts: dict[str, ExerciseFacts], muscles: list[Muscle], things: list[Equipment]
) -> list[Card]:
    by_muscle, by_thing = named_muscles(muscles), named_equipment(things)
    return [card_of(row, facts[row.slug], muscles=by_muscle, equipment=by_thing) for row in rows]


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
        progression=_neighbour(row, row.progression),
        regression=_neighbour(row, row.regression),
        substitute=_neighbour(row, row.substitute),
    )


def _neighbour(row: Exercise, other: Exercise | None) -> str:
    """Return the slug of an easier or harder exercise, or a substitute; another clinic's own one is none."""
    return other.slug if other and other.may_stand_beside(row.clinic_id) else ""


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
