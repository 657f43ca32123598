"""What the assessment page shows: the form, the findings, and a row per muscle with its mark and what is usual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exercises.models import Driver, DriverMuscle, Muscle
from patients import assessing, findings_page, vocabulary
from patients.assessing import Finding
from patients.forms import AssessmentForm, Typed
from patients.models import Assessment, Patient


@dataclass(frozen=True, slots=True)
class MuscleRow:
    """A muscle with its mark and side; `tight_in` and `weak_in` name the drivers it is typical of."""

    muscle: Muscle
    finding: str
    side: str
    tight_in: str
    weak_in: str
    trunk: bool


def page_of(
    patient: Patient,
    latest: Assessment | None,
    *,
    typed: Typed | None = None,
    refill: bool = False,
    weigh: bool = False,
    conflict: bool = False,
) -> dict[str, Any]:
    """Return the page's context.

    With nothing typed it shows the latest assessment, or a blank one with what most homes have ticked. `refill`
    marks the chosen driver's usual muscles; `weigh` only weighs the findings; neither tells what is missing.
    `conflict` moves the form on top of the latest assessment.
    """
    form = typed.form if typed else AssessmentForm(initial=_initial(latest))
    driver, side = _chosen(form)
    marks = typed.muscles if typed else _stored(latest)
    if refill and driver:
        marks = assessing.usual_findings(driver, side)
    if conflict and latest:
        sent: Any = form.data
        moved = sent.copy()
        moved["based_on"] = str(latest.pk)
        form.data = moved
    answers = typed.answers if typed else _answered(latest)
    return {
        "patient": patient,
        "assessment": latest,
        "form": form,
        "conflict": conflict,
        "refill": refill,
        "refill_of_nothing": refill and driver is None,
        "weigh": weigh,
        "quiet": refill or weigh,
        **_muscles(marks, driver),
        **_findings(answers),
    }


def _muscles(marks: Sequence[Finding], driver: Driver | None) -> dict[str, Any]:
    rows = _rows(marks)
    usual = _usual(driver)
    main = [row for row in rows if row.finding or row.muscle.slug in usual]
    return {
        "main_rows": main,
        "more_rows": [row for row in rows if row not in main],
        "findings": vocabulary.MUSCLE_FINDINGS,
        "sides": vocabulary.MUSCLE_SIDES,
    }


def _findings(answers: Mapping[str, bool]) -> dict[str, Any]:
    findings = findings_page.catalog_findings()
    return {
        "finding_groups": findings_page.groups_of(findings, answers),
        "weights": findings_page.weights_of(findings, answers),
    }


def _initial(latest: Assessment | None) -> dict[str, Any]:
    if latest is None:
        return {
            "equipment": [thing.slug for thing in assessing.household()],
            "directional_preference": "not_tested",
        }
    return {
        "affected_side": latest.affected_side,
        "driver": latest.driver.slug,
        "other_drivers": [row.slug for row in latest.other_drivers.all()],
        "irritability": latest.irritability,
        "directional_preference": latest.directional_preference,
        "neurological_deficit": latest.neurological_deficit,
        "precautions": [row.slug for row in latest.precautions.all()],
        "due_date": latest.due_date,
        "equipment": [row.slug for row in latest.equipment.all()],
        "note": latest.note,
        "based_on": latest.pk,
    }


def _chosen(form: AssessmentForm) -> tuple[Driver | None, str]:
    slug, side = form["driver"].value(), form["affected_side"].value()
    return Driver.objects.filter(slug=(slug or "").replace("\0", "")).first(), side or ""


def _stored(latest: Assessment | None) -> list[Finding]:
    if latest is None:
        return []
    return [Finding(row.muscle.slug, row.finding, row.side) for row in latest.muscle_findings.all()]


def _answered(latest: Assessment | None) -> dict[str, bool]:
    return {} if latest is None else {row.finding.slug: row.present for row in latest.answers.all()}


def _usual(driver: Driver | None) -> set[str]:
    return set() if driver is None else set(driver.muscle_states.values_list("muscle__slug", flat=True))


def _rows(findings: Sequence[Finding]) -> list[MuscleRow]:
    marks = {row.muscle: row for row in findings}
    drivers: dict[tuple[str, str], list[str]] = {}
    for state in DriverMuscle.objects.select_related("driver", "muscle"):
        drivers.setdefault((state.muscle.slug, state.state), []).append(state.driver.slug)
    rows = []
    for muscle in Muscle.objects.all():
        mark = marks.get(muscle.slug)
        rows.append(
            MuscleRow(
                muscle=muscle,
                finding=mark.finding if mark else "",
                side=mark.side if mark else "both",
                tight_in=" ".join(drivers.get((muscle.slug, "tight"), [])),
                weak_in=" ".join(drivers.get((muscle.slug, "weak"), [])),
                trunk=muscle.slug in assessing.TRUNK,
            )
        )
    order = {"tight": 0, "weak": 1, "lengthened": 2, "": 3}
    return sorted(rows, key=lambda row: (order[row.finding], row.muscle.name))
