"""A protocol's stages made to suit a patient: reads protocol, assessment and catalog; never writes.

Protocols are the catalog's, which plan exercises alone, or a clinic's own, which say phase and dose too.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from exercises import known
from exercises.facts import ExerciseFacts
from exercises.models import Exercise, Protocol
from exercises.vocabulary import STAGES, Phase
from patients.models import Assessment
from programs import adapting, arranging, checking, rows
from programs.adapting import Adapted, Planned
from programs.checks.facts import StageFacts
from programs.checks.mending import usual_side
from programs.dose import GIVEN, words_of
from programs.models import ClinicProtocol, ClinicProtocolItem
from programs.rows import ItemRow, Rows
from programs.vocabulary import STAGE_BEGINS


@dataclass(frozen=True, slots=True)
class Offer:
    """A protocol as it would start for a patient: its stages by label."""

    protocol: Protocol
    stages: tuple[tuple[str, Adapted], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a clinic's stage with the name of its exercise."""

    row: ItemRow
    name: str

    @property
    def dose(self) -> list[str]:
        return words_of(self.row, self.row.side)


@dataclass(frozen=True, slots=True)
class ClinicStage:
    """A stage of a clinic's protocol as it would start: what was changed, and what can't be met, each a sentence."""

    lines: tuple[Line, ...]
    changes: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()

    @property
    def notes(self) -> dict[str, list[str]]:
        """What was changed and what can't be met, as JSON keeps it."""
        return {"changes": list(self.changes), "unmet": list(self.unmet)}


@dataclass(frozen=True, slots=True)
class ClinicOffer:
    """A clinic's protocol as it would start for a patient: its stages by label."""

    protocol: ClinicProtocol
    stages: tuple[tuple[str, ClinicStage], ...]


def offers(protocols: Iterable[Protocol], assessment: Assessment, *, on: datetime.date) -> list[Offer]:
    """Return what each protocol would start as; they need `items__exercise` prefetched."""
    empties = _empties(assessment, on)
    return [
        Offer(protocol, tuple((label, _suited(protocol, empties[slug])) for slug, label in STAGES))
        for protocol in protocols
    ]


def clinic_offers(
    protocols: Iterable[ClinicProtocol], assessment: Assessment, *, on: datetime.date
) -> list[ClinicOffer]:
    """Return what each of a clinic's protocols would start as; they need `items__exercise` prefetched."""
    empties = _empties(assessment, on)
    return [
        ClinicOffer(protocol, tuple((label, _suited_clinic(protocol, empties[slug])) for slug, label in STAGES))
        for protocol in protocols
    ]


def suited_stages(protocol: Protocol, assessment: Assessment, *, on: datetime.date) -> dict[str, Adapted]:
    """Return each stage of a protocol that starts on that day, made to suit the patient in its own weeks."""
    return {slug: _suited(protocol, empty) for slug, empty in _empties(assessment, on).items()}


def suited_clinic_stages(
    protocol: ClinicProtocol, assessment: Assessment, *, on: datetime.date
) -> dict[str, ClinicStage]:
    """Return each stage of a clinic's protocol that starts on that day, made to suit the patient in its own weeks.

    What fits keeps the clinic's phase, dose and order; what takes another's place has the catalog's.
    """
    return {slug: _suited_clinic(protocol, empty) for slug, empty in _empties(assessment, on).items()}


def suited_stage(protocol: Protocol, assessment: Assessment, stage: str, *, on: datetime.date) -> Adapted:
    """Return one stage of the protocol as it would be from that day on; `assessment` needs all that it holds."""
    catalog = known.catalog(known.current_edition(assessment.patient.clinic_id))
    patient = checking.patient_facts(assessment, catalog, stage=stage, on=on)
    return _suited(protocol, StageFacts(items=(), patient=patient, slug=stage, catalog=catalog))


def suited_clinic_exercises(protocol: ClinicProtocol, empty: StageFacts) -> list[ExerciseFacts]:
    """Return what a clinic's protocol has in the weeks of an empty stage, made to suit its patient, in order."""
    return [empty.catalog.exercise(line.row.exercise) for line in _suited_clinic(protocol, empty).lines]


def planned(protocol: Protocol, stage: str) -> list[Planned]:
    """Return what the protocol plans for a stage; needs `items__exercise` prefetched to be one query for all."""
    plan = sorted((item for item in protocol.items.all() if item.stage == stage), key=lambda item: item.position)
    return [Planned(item.exercise.slug, item.only_with) for item in plan]


def filled(stages: Mapping[str, ClinicStage]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each stage as field values of items: 1 query."""
    slugs = {line.row.exercise for stage in stages.values() for line in stage.lines}
    found = Exercise.objects.in_bulk(slugs, field_name="slug")
    return {
        slug: [line.row.content | {"exercise": found[line.row.exercise]} for line in stage.lines]
        for slug, stage in stages.items()
    }


def _empties(assessment: Assessment, on: datetime.date) -> dict[str, StageFacts]:
    """Return each stage without items, for a program of this patient that starts on that day: 1 query."""
    catalog = known.catalog(known.current_edition(assessment.patient.clinic_id))
    return {
        slug: StageFacts(
            items=(),
            patient=checking.patient_facts(assessment, catalog, stage=slug, on=on + timedelta(days=STAGE_BEGINS[slug])),
            slug=slug,
            catalog=catalog,
        )
        for slug, _ in STAGES
    }


def _suited(protocol: Protocol, empty: StageFacts) -> Adapted:
    return adapting.adapt(planned(protocol, empty.slug), empty)


def _suited_clinic(protocol: ClinicProtocol, empty: StageFacts) -> ClinicStage:
    """A stage that the clinic left empty stays empty."""
    items = [item for item in protocol.items.all() if item.stage == empty.slug]
    if not items:
        return ClinicStage(())
    items.sort(key=lambda item: (Phase(item.phase).rank, item.position))
    suited = adapting.adapt((Planned(item.exercise.slug) for item in items), empty)
    side = empty.patient.affected_side
    stays = [item for item in items if item.exercise.slug in suited.stage.slugs]
    arranged: Rows = tuple(_as_given(-place, item, side) for place, item in enumerate(stays, start=1))
    own = {row.exercise for row in arranged}
    for item in suited.stage.items:
        if item.exercise.slug not in own:
            arranged = arranging.land(arranged, rows.new(-len(arranged) - 1, item.exercise, side), empty.catalog)
    lines = tuple(Line(row, empty.catalog.exercise(row.exercise).name) for row in arranged)
    return ClinicStage(lines, suited.changes, suited.unmet)


def _as_given(key: int, item: ClinicProtocolItem, affected_side: str) -> ItemRow:
    """Return an item of a clinic's protocol with its phase and dose, on the patient's side unless it says each."""
    exercise = item.exercise
    usual = usual_side(exercise.laterality, affected_side)
    given = {name: getattr(item, name) for name in GIVEN}
    return ItemRow(key, exercise.slug, Phase(item.phase), side=(usual and item.side) or usual, **given)
