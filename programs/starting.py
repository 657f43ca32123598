"""A protocol's stages made to suit a patient: reads protocol, assessment and catalog; never writes."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from exercises import known
from exercises.models import Protocol
from exercises.vocabulary import STAGES
from patients.models import Assessment
from programs import adapting, checking
from programs.adapting import Adapted, Planned
from programs.checks.facts import StageFacts

BEGINS = {"w0_2": timedelta(0), "w2_4": timedelta(weeks=2), "w4_8": timedelta(weeks=4)}


@dataclass(frozen=True, slots=True)
class Offer:
    """A protocol as it would start for a patient: its stages by label."""

    protocol: Protocol
    stages: tuple[tuple[str, Adapted], ...]


def offers(protocols: Iterable[Protocol], assessment: Assessment, *, on: datetime.date) -> list[Offer]:
    """Return what each protocol would start as; they need `items__exercise` prefetched."""
    labels = dict(STAGES)
    return [
        Offer(
            protocol,
            tuple((labels[slug], stage) for slug, stage in suited_stages(protocol, assessment, on=on).items()),
        )
        for protocol in protocols
    ]


def suited_stages(protocol: Protocol, assessment: Assessment, *, on: datetime.date) -> dict[str, Adapted]:
    """Return each stage of a protocol that starts on that day, made to suit the patient in its own weeks."""
    return {slug: suited_stage(protocol, assessment, slug, on=on + BEGINS[slug]) for slug, _ in STAGES}


def suited_stage(protocol: Protocol, assessment: Assessment, stage: str, *, on: datetime.date) -> Adapted:
    """Return one stage of the protocol as it would be from that day on; `assessment` needs all that it holds."""
    catalog = known.catalog()
    patient = checking.patient_facts(assessment, catalog, stage=stage, on=on)
    empty = StageFacts(items=(), patient=patient, slug=stage, catalog=catalog)
    return adapting.adapt(planned(protocol, stage), empty)


def planned(protocol: Protocol, stage: str) -> list[Planned]:
    """Return what the protocol plans for a stage; needs `items__exercise` prefetched to be one query for all."""
    rows = sorted((item for item in protocol.items.all() if item.stage == stage), key=lambda item: item.position)
    return [Planned(item.exercise.slug, item.only_with) for item in rows]
