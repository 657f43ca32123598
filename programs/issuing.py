"""Freezing a program: whether it may be issued, and the issue that never changes."""

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinics import audit, pdf
from clinics.models import Clinic, User
from patients.models import Assessment
from programs import checking, handout, handout_options, patient_link, printed_code
from programs.checks.facts import Verdict
from programs.drafting import active_items, draft, drawings, next_number
from programs.handout_options import Options
from programs.models import ExerciseUse, Issue, Item, Program, StoredPdf

SHORTEST_REASON = 10


class CannotIssue(Exception):
    """The program can't be issued as it is; the text is the sentence the page shows."""


class ChangedMeanwhile(CannotIssue):
    """The program was edited after the page was shown."""

    def __init__(self) -> None:
        super().__init__("The program changed since you opened this page. Look at it again before you issue it.")


class NotNow(CannotIssue):
    """It may be issued, but too much else is being drawn."""


def issue(
    program: Program,
    *,
    number: int,
    seen_version: int,
    reasons: Mapping[str, str],
    by: User,
    options: Options | None = None,
) -> Issue:
    """Freeze the active stage as version `number` and return the issue.

    `seen_version` is the program's version on the page, `reasons` the typed reason per verdict key. The same
    number asked for twice (a double click) gives the issue that is there. `options` are remembered for this person's
    next handout. Where the clinic wants it, a code is printed that opens the issue. Raises CannotIssue.
    """
    twins = program.issues.filter(number=number, program_version=seen_version)
    if twin := twins.first():
        return twin
    if (number, seen_version) != (next_number(program), program.version):
        raise ChangedMeanwhile
    if program.patient.archived_at:
        raise CannotIssue("This patient is archived. Bring the patient back before issuing.")
    now = timezone.now()
    assessment = current_assessment(program)
    items = active_items(program)
    exercises = {item.pk: item.exercise.slug for item in items}
    overrides = _overrides(checking.objections_to(program, by=by, at=now), reasons, program, by, exercises)
    clinic = program.patient.clinic
    frozen = draft(program, items, assessment, by=by, on=timezone.localdate(now), options=options)
    seed = patient_link.new_seed() if prints_code(clinic) else ""
    frozen = replace(frozen, has_code=bool(seed))
    code = printed_code.drawing(patient_link.address(seed)) if seed else b""
    try:
        drawn = handout.render_pdf(frozen, drawings(items, clinic), code=code, whose=clinic.pk)
    except pdf.Busy as trouble:
        raise NotNow(str(trouble)) from trouble
    except pdf.CannotDraw as trouble:
        raise CannotIssue(f"The handout can't be drawn. {trouble}") from trouble
    with transaction.atomic():
        locked = Program.objects.select_for_update().get(pk=program.pk)
        if twin := twins.first():  # the other click was quicker
            return twin
        latest = current_assessment(locked)
        if locked.version != seen_version or next_number(locked) != number or latest != assessment:
            raise ChangedMeanwhile
        # the screening may have changed while the PDF was drawn
        _overrides(checking.objections_to(locked, by=by, at=now), reasons, locked, by, exercises)
        made = _store(program, frozen, drawn, overrides, assessment, by=by, at=now)
        if seed:
            patient_link.make(made, seed=seed, way="paper", by=by, at=now)
        if options:
            handout_options.remember(options, by=by)
        return made


def prints_code(clinic: Clinic) -> bool:
    """Whether the clinic's handouts carry a code; without the site's address there is nowhere for it to lead."""
    return clinic.prints_links and bool(settings.SITE_ADDRESS)


def current_assessment(program: Program) -> Assessment:
    """Return the patient's latest assessment with what checks ask of it; a program is only started with one."""
    rows = Assessment.objects.filter(patient_id=program.patient_id).select_related("driver")
    assessment = rows.with_everything().first()
    if assessment is None:
        raise CannotIssue("The patient has no assessment yet.")
    assessment.patient = program.patient
    return assessment


def _overrides(
    verdicts: Iterable[Verdict], reasons: Mapping[str, str], program: Program, by: User, exercises: Mapping[int, str]
) -> list[dict[str, str]]:
    """Return the accepted warnings with their reasons, or raise CannotIssue with what is in the way.

    A reason that stands as it was given while building is that person's. `exercises` are slugs by the item's key.
    """
    accepted = []
    for verdict in verdicts:
        if verdict.forbids:
            raise CannotIssue(verdict.sentence)
        if verdict.needs_reason:
            reason, said = reasons.get(verdict.key, "").strip(), checking.acceptance(program, verdict)
            if len(reason) < SHORTEST_REASON:
                raise CannotIssue(
                    f"“{verdict.title}” needs a reason of at least {SHORTEST_REASON} characters, or a fix."
                )
            accepted.append(
                {
                    "rule": verdict.rule,
                    "title": verdict.title,
                    "sentence": verdict.sentence,
                    "reason": reason,
                    "by": said["by"] if said.get("reason") == reason else by.signature,
                    "exercise": exercises.get(verdict.item or 0, ""),
                }
            )
    return accepted


def _store(
    program: Program,
    frozen: handout.Handout,
    drawn: pdf.Pdf,
    overrides: list[dict[str, str]],
    assessment: Assessment,
    *,
    by: User,
    at: datetime.datetime,
) -> Issue:
    sha256 = hashlib.sha256(drawn.content).hexdigest()
    stored, _ = StoredPdf.objects.get_or_create(sha256=sha256, defaults={"content": drawn.content})
    made = Issue.objects.create(
        program=program,
        number=frozen.version,
        program_version=program.version,
        stage_slug=program.stage_slug,
        snapshot=frozen.to_snapshot(),
        content_hash=frozen.content_hash,
        catalog_version=frozen.catalog_version,
        overrides=overrides,
        assessment=assessment,
        pdf=stored,
        issued_at=at,
        issued_by=by,
        density=drawn.density,
        pages=drawn.pages,
    )
    _count_use(program)
    patient = program.patient
    audit.about(
        patient,
        "issue handout",
        by=by,
        subject=made,
        number=made.number,
        content_hash=made.content_hash,
        overrides=len(overrides),
    )
    return made


def _count_use(program: Program) -> None:
    """Count each exercise of the active stage up for the clinic, so that what it uses is found first: 2 queries."""
    used = set(
        Item.objects.filter(stage__program=program, stage__slug=program.stage_slug).values_list("exercise", flat=True)
    )
    ExerciseUse.objects.bulk_create(
        [ExerciseUse(clinic_id=program.patient.clinic_id, exercise_id=key) for key in sorted(used)],
        ignore_conflicts=True,
    )
    ExerciseUse.objects.filter(clinic=program.patient.clinic_id, exercise__in=used).update(times=F("times") + 1)
