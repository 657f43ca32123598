"""From a stored stage to the facts that the checks look at, and back to verdicts. Reads; never writes."""

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from django.db.models import Exists, F, OuterRef

from clinics.models import User
from exercises.models import Citation, Exercise, MusclePair
from exercises.vocabulary import Phase
from patients import screening
from patients.models import Assessment
from patients.screening import ScreeningState
from programs import checks, sign_offs
from programs.checks.facts import ExerciseFacts, ItemFacts, Pair, PatientFacts, Side, StageFacts, Verdict
from programs.models import Item, Program


def verdicts_on(
    program: Program, items: Iterable[Item], assessment: Assessment, *, by: User, at: datetime.datetime
) -> list[Verdict]:
    """Return what the checks say of these items if `by` issued them now, the most serious first."""
    state = screening.state_of(program.patient, at)
    return with_sources(checks.check(facts_of(program, items, assessment, state, by=by)))


def with_sources(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts with the references of their citations written out: one query."""
    found = list(verdicts)
    slugs = {slug for verdict in found for slug in verdict.citations}
    texts = dict(Citation.objects.filter(slug__in=slugs).values_list("slug", "text")) if slugs else {}
    return [
        replace(verdict, sources="; ".join(texts.get(slug, slug) for slug in verdict.citations)) for verdict in found
    ]


def facts_of(
    program: Program, items: Iterable[Item], assessment: Assessment, state: ScreeningState, *, by: User
) -> StageFacts:
    """Return the facts of a stage. `items` need exercise with its muscles, `assessment` its findings."""
    tight, weak = _marked(assessment, "tight"), _marked(assessment, "weak")
    patient = PatientFacts(
        tight=tight,
        weak=weak,
        screening_stop=state.sentence if state.blocks_issuing else "",
        sign_off_stop=sign_offs.why_stopped(program, assessment, state, by=by),
    )
    pairs = _pairs(tight, weak)
    return StageFacts(
        items=tuple(_item_facts(item) for item in items),
        patient=patient,
        pairs=pairs,
        releasers=_releasers({pair.tight for pair in pairs}, assessment),
    )


def _marked(assessment: Assessment, finding: str) -> dict[str, Side]:
    """Return the muscles with that finding and the side they have it on."""
    rows = [row for row in assessment.muscle_findings.all() if row.finding == finding]
    return {row.muscle.slug: cast(Side, row.side) for row in rows}


def _item_facts(item: Item) -> ItemFacts:
    return ItemFacts(key=item.pk, exercise=_exercise_facts(item.exercise), phase=Phase(item.phase), side=item.side)


def _exercise_facts(exercise: Exercise) -> ExerciseFacts:
    return ExerciseFacts(
        slug=exercise.slug,
        name=exercise.name,
        phase=Phase(exercise.phase),
        kind=exercise.kind,
        releases=frozenset(muscle.slug for muscle in exercise.releases.all()),
        strengthens=frozenset(muscle.slug for muscle in exercise.strengthens.all()),
    )


def _pairs(tight: Iterable[str], weak: Iterable[str]) -> tuple[Pair, ...]:
    rows = MusclePair.objects.filter(tight__slug__in=tight, weak__slug__in=weak).select_related("tight", "weak")
    return tuple(
        Pair(
            tight=row.tight.slug,
            weak=row.weak.slug,
            tight_name=row.tight.short_name.lower(),
            weak_name=row.weak.short_name.lower(),
            primary=row.weight == "primary",
        )
        for row in rows.order_by("weight", "tight__name", "weak__name")
    )


def _releasers(muscles: Iterable[str], assessment: Assessment) -> dict[str, tuple[ExerciseFacts, ...]]:
    """Per tight muscle the exercises of the release phase that let go of it, those for the driver first: 1 query.

    They are offered by name; of what they release and strengthen only that muscle is told.
    """
    for_driver = Exercise.objects.filter(suits_primary=assessment.driver_id, pk=OuterRef("pk"))
    rows = (
        Exercise.objects.published()
        .filter(phase=Phase.RELEASE, releases__slug__in=muscles)
        .exclude(driver_overrides__has_key=assessment.driver.slug)
        .annotate(muscle=F("releases__slug"), for_driver=Exists(for_driver))
        .order_by("-for_driver", "level", "name")
    )
    found: dict[str, list[ExerciseFacts]] = {muscle: [] for muscle in muscles}
    for row in rows:
        released = frozenset({row.muscle})
        found[row.muscle].append(ExerciseFacts(row.slug, row.name, Phase(row.phase), row.kind, releases=released))
    return {muscle: tuple(exercises) for muscle, exercises in found.items()}
