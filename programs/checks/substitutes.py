"""What could take an exercise's place for this patient: its own easier versions first, then the best of the rest.

Before them comes what an editor named in place of an exercise that is out of use.

A substitute shares a target muscle, sits in the same phase (else the one before), isn't in the stage yet, and
nothing about it would stop or warn.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from exercises.facts import CatalogFacts, ExerciseFacts
from exercises.vocabulary import Phase
from programs.checks.facts import PatientFacts, StageFacts
from programs.checks.suitability import driver_caution, fits

AEROBIC = "aerobic_load"
MOST_KEPT = 500


def substitutes(exercise: ExerciseFacts, stage: StageFacts) -> Iterator[ExerciseFacts]:
    """Yield the exercises that may replace this one, the best first."""
    chain = [row for row in regressions(exercise, stage) if shares(row, exercise) and row.phase is exercise.phase]
    same_phase = itertools.chain(named(exercise, stage.catalog), chain, _ranked(exercise, exercise.phase, stage))
    seen = set(stage.slugs) | {exercise.slug}
    found = False
    for candidate in same_phase:
        if candidate.slug not in seen and fits(candidate, stage):
            seen.add(candidate.slug)
            found = True
            yield candidate
    if not found and exercise.phase.rank > 1:
        before = list(Phase)[exercise.phase.rank - 2]
        yield from (row for row in _ranked(exercise, before, stage) if row.slug not in seen and fits(row, stage))


def named(exercise: ExerciseFacts, catalog: CatalogFacts) -> list[ExerciseFacts]:
    """Return what an editor named in place of an exercise that is out of use, if that is in use; else nothing."""
    if exercise.slug in catalog.retired and exercise.substitute in catalog.exercises:
        return [catalog.exercises[exercise.substitute]]
    return []


def regressions(exercise: ExerciseFacts, stage: StageFacts) -> Iterator[ExerciseFacts]:
    """Yield the easier versions of an exercise, the nearest first."""
    seen = {exercise.slug}
    easier = exercise.regression
    while easier and easier not in seen and easier in stage.catalog.exercises:
        seen.add(easier)
        yield stage.catalog.exercises[easier]
        easier = stage.catalog.exercises[easier].regression


def shares(candidate: ExerciseFacts, exercise: ExerciseFacts) -> bool:
    """Whether the two share a target; an exercise without any can be replaced by another of its phase.

    What raises the heart rate is replaced by nothing that doesn't.
    """
    if AEROBIC in exercise.attributes and AEROBIC not in candidate.attributes:
        return False
    return not exercise.targets or bool(candidate.targets & exercise.targets)


def _ranked(exercise: ExerciseFacts, phase: Phase, stage: StageFacts) -> Iterator[ExerciseFacts]:
    """Yield a phase's exercises that share a target, the best first.

    First those that suit the driver and that it has nothing against, then what is no harder, needs nothing special,
    is of the same kind and has most in common. How well they suit is asked of as few as are needed.
    """
    for rows in _alike(exercise, phase, stage.patient.lead.slug, stage.catalog):
        yield from _unopposed_first(rows, stage.patient)


def _alike(
    exercise: ExerciseFacts, phase: Phase, lead: str, catalog: CatalogFacts
) -> Sequence[Sequence[ExerciseFacts]]:
    """Return those that share a target by how they suit the driver, each part in order; kept with the catalog."""
    key = (id(exercise), phase, lead)
    if key not in catalog.kept:
        if len(catalog.kept) >= MOST_KEPT:
            catalog.kept.clear()
        catalog.kept[key] = (exercise, _sorted_by_fit(exercise, phase, lead, catalog))
    found: Sequence[Sequence[ExerciseFacts]] = catalog.kept[key][1]
    return found


def _sorted_by_fit(
    exercise: ExerciseFacts, phase: Phase, lead: str, catalog: CatalogFacts
) -> Sequence[Sequence[ExerciseFacts]]:
    by_fit: dict[int, list[ExerciseFacts]] = {0: [], 1: [], 2: []}
    for row in catalog.sharing(phase, exercise.targets):
        if shares(row, exercise):
            by_fit[fit_for(row, lead)].append(row)
    for rows in by_fit.values():
        rows.sort(
            key=lambda row: (
                row.level > exercise.level,
                any(not group & catalog.household for group in row.equipment),
                row.kind != exercise.kind,
                -len(row.targets & exercise.targets),
                abs(row.level - exercise.level),
                row.name,
            )
        )
    return tuple(by_fit.values())


def _unopposed_first(rows: Iterable[ExerciseFacts], patient: PatientFacts) -> Iterator[ExerciseFacts]:
    """Yield what the drivers have nothing against, then the rest, each in the given order."""
    opposed = []
    for row in rows:
        if driver_caution(row, patient) is None:
            yield row
        else:
            opposed.append(row)
    yield from opposed


def fit_for(exercise: ExerciseFacts, driver: str) -> int:
    """Return 0 for an exercise that suits the driver first of all, 1 when it suits too, else 2."""
    if driver in exercise.primary_for:
        return 0
    return 1 if driver in exercise.secondary_for else 2
