"""Assessments: each save is a new row on top of the one it started from, so that nothing found is overwritten."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from clinics import audit
from clinics.models import User
from exercises.evidence import Finding as CatalogFinding
from exercises.models import Driver, Equipment, Muscle
from exercises.vocabulary import TRUNK
from patients.models import Assessment, FindingAnswer, MuscleFinding, Patient

MANY = ("precautions", "equipment", "other_drivers")


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
    """Return the latest assessment with all that it holds: 6 queries."""
    found = Assessment.objects.filter(patient=patient).select_related("driver", "by").with_everything().first()
    if found:
        found.patient = patient  # who is known, and is asked for the clinic
    return found


@transaction.atomic
def save(
    patient: Patient,
    values: dict[str, Any],
    *,
    findings: Iterable[Finding],
    answers: Mapping[str, bool] | None = None,
    based_on: int | None,
    at: datetime.datetime,
    by: User,
) -> Assessment:
    """Write a new assessment and return it.

    `values` holds the fields of Assessment with precautions, equipment and other drivers as rows; `answers` says
    which findings of the catalog were present (True) or absent, by slug; `based_on` is the key of the assessment
    on the page. Raises EditedMeanwhile.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    latest = Assessment.objects.filter(patient=patient).first()
    if (latest.pk if latest else None) != based_on:
        raise EditedMeanwhile
    many = {name: value for name, value in values.items() if name in MANY}
    plain = {name: value for name, value in values.items() if name not in MANY}
    assessment = Assessment.objects.create(patient=patient, by=by, at=at, **plain)
    for name, rows in many.items():
        getattr(assessment, name).set(row for row in rows if row != plain["driver"])
    muscles = {muscle.slug: muscle for muscle in Muscle.objects.all()}
    MuscleFinding.objects.bulk_create(
        MuscleFinding(assessment=assessment, muscle=muscles[row.muscle], finding=row.finding, side=row.side)
        for row in findings
    )
    known_findings = CatalogFinding.objects.in_bulk(list(answers or {}), field_name="slug")
    FindingAnswer.objects.bulk_create(
        FindingAnswer(assessment=assessment, finding=known_findings[slug], present=present)
        for slug, present in (answers or {}).items()
        if slug in known_findings
    )
    audit.about(patient, "save assessment", by=by, subject=assessment)
    return assessment


def household() -> list[Equipment]:
    """Return what most homes have: ticked before anybody asked."""
    return list(Equipment.objects.filter(household=True))
