"""From a stored stage to the facts that the checks look at, and back to verdicts. Reads; never writes."""

import datetime
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import cast

from django.utils import timezone

from clinics.models import User
from exercises import known
from exercises.facts import CatalogFacts
from exercises.finding import Index
from patients.models import Assessment
from programs import bench as benches
from programs import checks, sign_offs
from programs.bench import Assessed, Bench
from programs.checks.facts import PatientFacts, Side, StageFacts, Verdict
from programs.models import Program
from programs.rows import Rows
from programs.vocabulary import STAGE_DAYS

# Each fix is tried out on the whole stage, so a long one offers them for fewer verdicts at a time.
MOST_WITH_FIXES, FIXED_ITEMS = 8, 100


def verdicts_on(program: Program, *, by: User, at: datetime.datetime) -> list[Verdict]:
    """Return what the checks say if `by` issued the program now, with fixes, the most serious first: 1 query."""
    stage = facts_of(benches.read(program.pk, by=by), at=at)
    return with_sources(checks.check(stage), stage.catalog)


def objections_to(program: Program, *, by: User, at: datetime.datetime) -> list[Verdict]:
    """Return the same verdicts without fixes and sources, which takes a tenth of the time."""
    return checks.find(facts_of(benches.read(program.pk, by=by), at=at))


def acceptance(program: Program, verdict: Verdict) -> dict[str, str]:
    """Return the reason that a verdict of the active stage was accepted with and by whom; empty if it wasn't.

    Somebody accepted what the check said then: when it says something else, it asks again.
    """
    said = program.accepted_now.get(verdict.key, {})
    return said if said.get("sentence") == verdict.sentence else {}


def with_sources(verdicts: Iterable[Verdict], catalog: CatalogFacts) -> list[Verdict]:
    """Return the verdicts with the references of their citations written out."""
    texts = catalog.citation_texts
    return [
        replace(verdict, sources="; ".join(texts.get(slug, slug) for slug in verdict.citations)) for verdict in verdicts
    ]


def facts_of(bench: Bench, *, at: datetime.datetime) -> StageFacts:
    """Return the facts of a program's active stage, as they stand for the person at the bench."""
    state = bench.state(at)
    stage = _facts(bench, timezone.localdate(at))
    stopped = replace(
        stage.patient,
        screening_stop=state.sentence if state.blocks_issuing else "",
        sign_off_stop="" if bench.may_sign_off else _sign_off_stop(bench, stage, at),
    )
    return replace(stage, patient=stopped)


def _facts(bench: Bench, on: datetime.date) -> StageFacts:
    """Return the facts without what stops this person."""
    return StageFacts(
        items=tuple(row.facts(bench.catalog) for row in bench.rows),
        patient=patient_of(bench.assessed, bench.catalog, on=on, until=bench.last_day(on)),
        slug=bench.stage,
        catalog=bench.catalog,
    )


def checked(bench: Bench, *, at: datetime.datetime) -> tuple[StageFacts, tuple[Verdict, ...]]:
    """Return the facts of the active stage and its verdicts, the most serious first, with sources.

    The most serious eight come with fixes; in a stage of more than twelve items fewer, two at least.
    """
    state = bench.state(at)
    on = timezone.localdate(at)
    return _checked(
        known.index(bench.edition),
        bench.edition,
        bench.stage,
        bench.rows,
        bench.assessed,
        (on, bench.last_day(on)),
        state.sentence if state.blocks_issuing else "",
        "" if bench.may_sign_off else _sign_off_stop(bench, _facts(bench, on), at),
    )


@lru_cache(maxsize=128)  # the very catalog and all that checks look at are the key: never out of date
def _checked(
    index: Index,
    edition: known.Edition,
    slug: str,
    rows: Rows,
    assessed: Assessed,
    days: tuple[datetime.date, datetime.date],
    screening_stop: str,
    sign_off_stop: str,
) -> tuple[StageFacts, tuple[Verdict, ...]]:
    catalog = known.catalog(edition)
    patient = _patient(index, edition, assessed, days, screening_stop, sign_off_stop)
    patient.said.clear()  # of items that are gone; which exercises suit holds on
    stage = StageFacts(tuple(row.facts(catalog) for row in rows), patient, slug, catalog)
    found = checks.find(stage)
    most = max(2, min(MOST_WITH_FIXES, FIXED_ITEMS // max(1, len(rows))))
    mended = [
        replace(verdict, fixes=checks.fixes_for(stage, verdict, found)) if number < most else verdict
        for number, verdict in enumerate(found)
    ]
    return stage, tuple(with_sources(mended, catalog))


@lru_cache(maxsize=64)  # as above
def _patient(
    index: Index,
    edition: known.Edition,
    assessed: Assessed,
    days: tuple[datetime.date, datetime.date],
    screening_stop: str,
    sign_off_stop: str,
) -> PatientFacts:
    on, until = days
    patient = patient_of(assessed, known.catalog(edition), on=on, until=until)
    return replace(patient, screening_stop=screening_stop, sign_off_stop=sign_off_stop)


def _sign_off_stop(bench: Bench, stage: StageFacts, at: datetime.datetime) -> str:
    reasons = sign_off_reasons(bench, stage, at)
    return sign_offs.why_stopped(reasons, bench.sign_off, version=bench.program.version, assessed_at=bench.assessed.at)


def sign_off_reasons(bench: Bench, stage: StageFacts, at: datetime.datetime) -> list[str]:
    """Return why a trainer may not issue this stage alone, one sentence each."""
    return sign_offs.reasons_for(
        bench.state(at),
        deficit=bench.assessed.neurological_deficit,
        precautions=stage.patient.precautions,
        avoided=avoided(stage),
    )


def avoided(stage: StageFacts) -> list[str]:
    """Return why a stage holds what should be avoided, one sentence each; a trainer can't accept these alone."""
    return [f"{verdict.title}: {verdict.sentence}" for verdict in checks.find(stage) if verdict.overridable]


def patient_facts(assessment: Assessment, catalog: CatalogFacts, *, stage: str, on: datetime.date) -> PatientFacts:
    """Return what an assessment of the database says, for a stage that begins on that day."""
    until = on + datetime.timedelta(days=STAGE_DAYS[stage] - 1)
    return patient_of(benches.assessed_from(assessment, catalog), catalog, on=on, until=until)


def patient_of(assessed: Assessed, catalog: CatalogFacts, *, on: datetime.date, until: datetime.date) -> PatientFacts:
    """Return what an assessment says, for exercises that are done from one day to another."""
    return PatientFacts(
        drivers=tuple(catalog.drivers[slug] for slug in assessed.drivers),
        direction=assessed.directional_preference,
        irritability=assessed.irritability,
        affected_side=assessed.affected_side,
        precautions=tuple(catalog.precautions[slug] for slug in assessed.precautions),
        due_date=assessed.due_date,
        first_day=on,
        last_day=until,
        equipment=assessed.equipment,
        tight=_marked(assessed, "tight"),
        weak=_marked(assessed, "weak"),
        lengthened=frozenset(_marked(assessed, "lengthened")),
    )


def _marked(assessed: Assessed, finding: str) -> dict[str, Side]:
    """Return the muscles with that finding and the side they have it on."""
    return {muscle: cast(Side, side) for muscle, found, side in assessed.muscles if found == finding}
