"""Stages for the tests of the checks, a line each: what a case doesn't name is as harmless as can be."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from exercises.vocabulary import Phase
from patients import assessing
from programs import checks
from programs.checks.facts import (
    CatalogFacts,
    Dose,
    DriverFacts,
    ExerciseFacts,
    Fix,
    ItemFacts,
    Pair,
    PatientFacts,
    StageFacts,
    Verdict,
)
from programs.checks.mending import usual_side

SETS = ("releases", "strengthens", "nerves", "attributes", "primary_for", "secondary_for")


def exercise(name: str = "Tilt", phase: str = "restore", kind: str = "mobility", **facts: object) -> ExerciseFacts:
    """Return an exercise; muscles, attributes and drivers may be any sequence of slugs."""
    values = {key: frozenset(value) if key in SETS else value for key, value in facts.items()}
    return ExerciseFacts(slug=name.lower().replace(" ", "-"), name=name, phase=Phase(phase), kind=kind, **values)


def item(what: ExerciseFacts, phase: Phase | None = None, side: str = "", dose: Dose | None = None) -> ItemFacts:
    """Return an exercise as it stands in a stage: in its own phase unless told otherwise."""
    return ItemFacts(0, what, phase or what.phase, side=side, dose=dose)


def driver(slug: str = "disc", *, tight: Iterable[str] = (), weak: Iterable[str] = (), **facts: object) -> DriverFacts:
    return DriverFacts(slug, slug.capitalize(), tight=frozenset(tight), weak=frozenset(weak), **facts)


def patient(
    *, tight: Iterable[str] = (), weak: Iterable[str] = (), muscle_side: str = "both", **facts: object
) -> PatientFacts:
    """Return a patient with these muscles marked on `muscle_side`."""
    return PatientFacts(tight=dict.fromkeys(tight, muscle_side), weak=dict.fromkeys(weak, muscle_side), **facts)


def stage(
    *rows: ExerciseFacts | ItemFacts,
    slug: str = "w2_4",
    offered: Sequence[ExerciseFacts] = (),
    retired: Sequence[ExerciseFacts] = (),
    pairs: Sequence[Pair] = (),
    names: dict[str, str] | None = None,
    household: Iterable[str] = (),
    **about: object,
) -> StageFacts:
    """Return a stage with these items, keyed 1, 2, 3 …; its catalog holds them and what is `offered` besides.

    The rest describes the patient.
    """
    items = [row if isinstance(row, ItemFacts) else item(row) for row in rows]
    return StageFacts(
        items=tuple(replace(row, key=key) for key, row in enumerate(items, start=1)),
        patient=patient(**about),
        slug=slug,
        catalog=CatalogFacts(
            exercises={row.slug: row for row in (*(row.exercise for row in items), *offered)},
            retired={row.slug: row for row in retired},
            pairs=tuple(pairs),
            equipment_names=names or {},
            household=frozenset(household),
        ),
    )


def found(rule: str, facts: StageFacts) -> list[Verdict]:
    """Return what one rule says of a stage."""
    return list(checks.RULES[rule].find(facts))


def levels(rule: str, facts: StageFacts) -> list[str]:
    return [verdict.level for verdict in found(rule, facts)]


def said(rule: str, facts: StageFacts) -> list[tuple[int | None, str]]:
    """Return item and level of each verdict of one rule."""
    return [(verdict.item, verdict.level) for verdict in found(rule, facts)]


def offers(rule: str, facts: StageFacts) -> list[Fix]:
    """Return the fixes that the page shows for the first verdict of one rule."""
    return list(next(verdict for verdict in checks.check(facts) if verdict.rule == rule).fixes)


def usual_patient(
    catalog: CatalogFacts, *drivers: str, precautions: Iterable[str] = (), affected_side: str = "left", **facts: object
) -> PatientFacts:
    """Return a patient of the shipped catalog, marked with the muscles typical of the first driver."""
    lead = catalog.drivers[drivers[0]]
    return PatientFacts(
        drivers=tuple(catalog.drivers[slug] for slug in drivers),
        precautions=tuple(catalog.precautions[slug] for slug in precautions),
        affected_side=affected_side,
        tight={muscle: assessing.side_of(muscle, affected_side) for muscle in lead.tight},
        weak={muscle: assessing.side_of(muscle, affected_side) for muscle in lead.weak},
        **facts,
    )


def shipped_stage(catalog: CatalogFacts, who: PatientFacts, *slugs: str, slug: str = "w2_4") -> StageFacts:
    """Return a stage of shipped exercises in this order, each with its usual side and dose."""
    rows = [catalog.exercises[name] for name in slugs]
    items = (
        ItemFacts(key, row, row.phase, side=usual_side(row.laterality, who.affected_side))
        for key, row in enumerate(rows, start=1)
    )
    return StageFacts(tuple(items), who, slug, catalog)
