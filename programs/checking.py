"""From a stored stage to the facts that the checks look at, and back to verdicts. Reads; never writes."""

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from django.utils import timezone

from clinics.models import User
from exercises import known
from exercises.facts import CatalogFacts, Dose
from exercises.models import Citation
from exercises.vocabulary import Phase
from patients import screening
from patients.models import Assessment
from patients.screening import ScreeningState
from programs import checks, sign_offs
from programs.checks.facts import ItemFacts, PatientFacts, Side, StageFacts, Verdict
from programs.dose import DOSE
from programs.models import Item, Program

STAGE_DAYS = {"w0_2": 14, "w2_4": 14, "w4_8": 28}


def verdicts_on(
    program: Program, items: Iterable[Item], assessment: Assessment, *, by: User, at: datetime.datetime
) -> list[Verdict]:
    """Return what the checks say of these items if `by` issued them now, with fixes, the most serious first."""
    state = screening.state_of(program.patient, at)
    return with_sources(checks.check(facts_of(program, items, assessment, state, by=by, at=at)))


def objections_to(
    program: Program, items: Iterable[Item], assessment: Assessment, *, by: User, at: datetime.datetime
) -> list[Verdict]:
    """Return the same verdicts without fixes and sources, which takes a tenth of the time."""
    state = screening.state_of(program.patient, at)
    return checks.find(facts_of(program, items, assessment, state, by=by, at=at))


def with_sources(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts with the references of their citations written out: one query."""
    found = list(verdicts)
    slugs = {slug for verdict in found for slug in verdict.citations}
    texts = dict(Citation.objects.filter(slug__in=slugs).values_list("slug", "text")) if slugs else {}
    return [
        replace(verdict, sources="; ".join(texts.get(slug, slug) for slug in verdict.citations)) for verdict in found
    ]


def facts_of(
    program: Program,
    items: Iterable[Item],
    assessment: Assessment,
    state: ScreeningState,
    *,
    by: User,
    at: datetime.datetime,
) -> StageFacts:
    """Return the facts of the active stage. `items` need their exercise, `assessment` all that it holds."""
    catalog = known.catalog()
    stage = StageFacts(
        items=tuple(item_facts(item, catalog) for item in items),
        patient=patient_facts(assessment, catalog, stage=program.stage_slug, on=timezone.localdate(at)),
        slug=program.stage_slug,
        catalog=catalog,
    )
    stopped = replace(
        stage.patient,
        screening_stop=state.sentence if state.blocks_issuing else "",
        sign_off_stop=sign_offs.why_stopped(program, assessment, state, avoided(stage), by=by),
    )
    return replace(stage, patient=stopped)


def avoided(stage: StageFacts) -> list[str]:
    """Return why a stage holds what should be avoided, one sentence each; a trainer can't accept these alone."""
    return [f"{verdict.title}: {verdict.sentence}" for verdict in checks.find(stage) if verdict.overridable]


def patient_facts(assessment: Assessment, catalog: CatalogFacts, *, stage: str, on: datetime.date) -> PatientFacts:
    """Return what an assessment says, for a stage that begins on that day."""
    drivers = [assessment.driver.slug, *(driver.slug for driver in assessment.other_drivers.all())]
    return PatientFacts(
        drivers=tuple(catalog.drivers[slug] for slug in drivers),
        direction=assessment.directional_preference,
        irritability=assessment.irritability,
        affected_side=assessment.affected_side,
        precautions=tuple(catalog.precautions[row.slug] for row in assessment.precautions.all()),
        due_date=assessment.due_date,
        first_day=on,
        last_day=on + datetime.timedelta(days=STAGE_DAYS[stage] - 1),
        equipment=frozenset(thing.slug for thing in assessment.equipment.all()),
        tight=_marked(assessment, "tight"),
        weak=_marked(assessment, "weak"),
        lengthened=frozenset(_marked(assessment, "lengthened")),
    )


def _marked(assessment: Assessment, finding: str) -> dict[str, Side]:
    """Return the muscles with that finding and the side they have it on."""
    rows = [row for row in assessment.muscle_findings.all() if row.finding == finding]
    return {row.muscle.slug: cast(Side, row.side) for row in rows}


def item_facts(item: Item, catalog: CatalogFacts) -> ItemFacts:
    """Return what the checks see of an item."""
    return ItemFacts(
        key=item.pk,
        exercise=catalog.exercise(item.exercise.slug),
        phase=Phase(item.phase),
        side=item.side,
        dose=Dose(**{name: getattr(item, name) for name in DOSE}),
    )
