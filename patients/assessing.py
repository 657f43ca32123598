"""Assessments: each save is a new row on top of the one it started from, so that nothing found is overwritten."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from clinics import audit
from clinics.models import User
from exercises.models import Driver, Equipment, Muscle
from patients.models import Assessment, MuscleFinding, Patient

# Muscles of the trunk have no affected side of their own.
TRUNK = {
    "erector_spinae", "multifidus", "thoracic_extensors", "transversus_abdominis", "rectus_abdominis", "obliques",
    "diaphragm", "pelvic_floor", "deep_neck_flexors", "neck_extensors",
}  # fmt: skip


class EditedMeanwhile(Exception):
    """Somebody else assessed the patient since the form was shown; nothing was written."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A muscle, by slug, with what was found and on which side."""

    muscle: str
    finding: str
    side: str


def usual_findings(driver: Driver, affected_side: str) -> list[Finding]:
    """Return the driver's typical tight and weak muscles, on the affected side where a muscle has one."""
    rows = (
        driver.muscle_states.filter(state__in=["tight", "weak"])
        .select_related("muscle")
        .order_by("state", "muscle__name")
    )
    return [Finding(row.muscle.slug, row.state, side_of(row.muscle.slug, affected_side)) for row in rows]


def side_of(muscle: str, affected_side: str) -> str:
    """Return the side a muscle is marked on when nobody said otherwise."""
    return affected_side if affected_side in {"left", "right"} and muscle not in TRUNK else "both"


def latest_of(patient: Patient) -> Assessment | None:
    """Return the latest assessment with all that pages show of it: 5 queries."""
    rows = Assessment.objects.filter(patient=patient).select_related("driver", "by")
    return rows.prefetch_related("precautions", "equipment", "muscle_findings__muscle").first()


@transaction.atomic
def save(
    patient: Patient,
    values: dict[str, Any],
    *,
    findings: Iterable[Finding],
    based_on: int | None,
    at: datetime.datetime,
    by: User,
) -> Assessment:
    """Write a new assessment and return it.

    `values` holds the fields of Assessment with precautions and equipment as rows; `based_on` is the key of
    the assessment on the page. Raises EditedMeanwhile.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    latest = Assessment.objects.filter(patient=patient).first()
    if (latest.pk if latest else None) != based_on:
        raise EditedMeanwhile
    plain = {name: value for name, value in values.items() if name not in {"precautions", "equipment"}}
    assessment = Assessment.objects.create(patient=patient, by=by, at=at, **plain)
    assessment.precautions.set(values["precautions"])
    assessment.equipment.set(values["equipment"])
    muscles = {muscle.slug: muscle for muscle in Muscle.objects.all()}
    MuscleFinding.objects.bulk_create(
        MuscleFinding(assessment=assessment, muscle=muscles[row.muscle], finding=row.finding, side=row.side)
        for row in findings
    )
    audit.about(patient, "save assessment", by=by, subject=assessment)
    return assessment


def household() -> list[Equipment]:
    """Return what most homes have: ticked before anybody asked."""
    return list(Equipment.objects.filter(household=True))
