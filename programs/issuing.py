"""Freezing a program: what the handout will show, whether it may be issued, and the issue that never changes."""

import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from clinics import audit
from clinics.models import User
from exercises import known, pictures, wording
from exercises.models import CatalogVersion, ExerciseText
from exercises.vocabulary import Phase
from patients.models import Assessment
from programs import checking, dose, handout
from programs.checks.facts import Verdict
from programs.checks.suitability import objections
from programs.models import ExerciseUse, Issue, Item, Program, StoredPdf

SHORTEST_REASON = 10
WHERE = {
    "left": "on the left",
    "right": "on the right",
    "both": "in both legs",
    "alternating": "that changes sides",
}


class CannotIssue(Exception):
    """The program can't be issued as it is; the text is the sentence the page shows."""


class ChangedMeanwhile(CannotIssue):
    """The program was edited after the page was shown."""

    def __init__(self) -> None:
        super().__init__("The program changed since you opened this page. Look at it again before you issue it.")


def active_items(program: Program) -> list[Item]:
    """Return the items of the active stage in order, with their exercises: 1 query."""
    items = Item.objects.filter(stage__program=program, stage__slug=program.stage_slug).select_related("exercise")
    return list(items.order_by("position"))


def next_number(program: Program) -> int:
    latest = program.issues.order_by("-number").first()
    return latest.number + 1 if latest else 1


def draft(
    program: Program, items: Sequence[Item], assessment: Assessment, *, by: User, on: datetime.date
) -> handout.Handout:
    """Return the handout as it would be issued by this person on this day."""
    patient = program.patient
    clinic = patient.clinic
    driver = assessment.driver
    prefetch_related_objects(items, "exercise__texts")
    changes = _changes(program, items, assessment, on)
    numbered = list(enumerate(items, start=1))
    groups = [(Phase(phase), list(group)) for phase, group in groupby(numbered, key=lambda pair: pair[1].phase)]
    catalog = CatalogVersion.objects.first()
    return handout.Handout(
        clinic=handout.HandoutClinic(clinic.name, clinic.phone, clinic.address, clinic.email),
        patient_name=patient.name,
        clinician_name=by.name,
        clinician_credentials=by.credentials,
        date=on,
        version=next_number(program),
        stage_label=program.get_stage_slug_display().lower(),
        for_line=f"For sciatica {WHERE[assessment.affected_side]}. It may come from {driver.patient_name}.",
        about=driver.patient_words,
        why_order=driver.why_this_order,
        picture_key=pictures.key(item.exercise for item in items),
        phases=tuple(
            _phase(number, phase, group, patient.language, by, changes)
            for number, (phase, group) in enumerate(groups, start=1)
        ),
        next_visit=program.next_visit,
        catalog_version=catalog.digest[:12] if catalog else "",
        language="en",
    )


def _changes(
    program: Program, items: Iterable[Item], assessment: Assessment, on: datetime.date
) -> dict[int, tuple[str, ...]]:
    """Return what each item's patient does otherwise because of a precaution, by the item's key."""
    catalog = known.catalog()
    patient = checking.patient_facts(assessment, catalog, stage=program.stage_slug, on=on)
    rows = {row.slug: row for row in assessment.precautions.all()}
    language = program.patient.language
    return {
        item.pk: tuple(
            rows[objection.precaution.slug].said_in(language, "change")
            for objection in objections(catalog.exercise(item.exercise.slug), patient)
            if objection.modify and rows[objection.precaution.slug].change
        )
        for item in items
    }


def _phase(
    number: int,
    phase: Phase,
    group: Sequence[tuple[int, Item]],
    language: str,
    by: User,
    changes: Mapping[int, tuple[str, ...]],
) -> handout.HandoutPhase:
    return handout.HandoutPhase(
        slug=phase.value,
        number=number,
        name=phase.label,
        patient_name=phase.purpose.capitalize(),
        minutes=dose.minutes(sum(dose.seconds_a_day(item, item.side) for _, item in group)),
        items=tuple(_item(place, item, language, by, changes[item.pk]) for place, item in group),
    )


def _item(number: int, item: Item, language: str, by: User, changes: tuple[str, ...]) -> handout.HandoutItem:
    text = item.exercise.text_in(language)
    return handout.HandoutItem(
        number=number,
        name=text.name,
        dose_chips=tuple(wording.dose_words(side=item.side, **{name: getattr(item, name) for name in dose.GIVEN})),
        steps=tuple(wording.steps_for(text.steps, item.side, text.language)),
        feel=wording.line_for(text.feel, item.side, text.language),
        stop_if=(wording.line_for(text.stop_if, item.side, text.language),) if text.stop_if else (),
        mistakes=tuple(wording.line_for(line, item.side, text.language) for line in text.mistakes),
        modify=changes,
        note=item.note,
        note_by=by.name.split()[0] if item.note else "",
        figures=tuple(_figure(item, text, frame) for frame in pictures.frames(item.exercise)),
    )


def _figure(item: Item, text: ExerciseText, frame: str) -> handout.HandoutFigure:
    alone = len(pictures.frames(item.exercise)) == 1
    return handout.HandoutFigure(
        key=_key(item, frame),
        alt=pictures.words(text, item.exercise, frame, item.side),
        caption="" if alone else frame.replace("-", " "),
    )


def _key(item: Item, frame: str) -> str:
    return hashlib.sha256(pictures.drawing(item.exercise, frame, item.side).encode()).hexdigest()


def drawings(items: Iterable[Item]) -> dict[str, bytes]:
    """Return the pictures of the items by the hash that the handout knows them by."""
    return {
        _key(item, frame): pictures.drawing(item.exercise, frame, item.side).encode()
        for item in items
        for frame in pictures.frames(item.exercise)
    }


def picture_addresses(items: Iterable[Item]) -> dict[str, str]:
    """Return where the site shows each picture of the items, by the picture's hash."""
    return {
        _key(item, frame): (
            f"{reverse('exercise_figure', args=[item.exercise.slug])}?{urlencode({'frame': frame, 'side': item.side})}"
        )
        for item in items
        for frame in pictures.frames(item.exercise)
    }


def issue(
    program: Program,
    *,
    number: int,
    seen_version: int,
    reasons: Mapping[str, str],
    by: User,
) -> Issue:
    """Freeze the active stage as version `number` and return the issue.

    `seen_version` is the program's version on the page, `reasons` the typed reason per verdict key. The same
    number asked for twice (a double click) gives the issue that is there. Raises CannotIssue.
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
    overrides = _overrides(checking.objections_to(program, by=by, at=now), reasons, program, by)
    frozen = draft(program, items, assessment, by=by, on=timezone.localdate(now))
    content = handout.render_pdf(frozen, drawings(items))
    with transaction.atomic():
        locked = Program.objects.select_for_update().get(pk=program.pk)
        if twin := twins.first():  # the other click was quicker
            return twin
        latest = current_assessment(locked)
        if locked.version != seen_version or next_number(locked) != number or latest != assessment:
            raise ChangedMeanwhile
        # the screening may have changed while the PDF was drawn
        _overrides(checking.objections_to(locked, by=by, at=now), reasons, locked, by)
        return _store(program, frozen, content, overrides, assessment, by=by, at=now)


def current_assessment(program: Program) -> Assessment:
    """Return the patient's latest assessment with what checks ask of it; a program is only started with one."""
    rows = Assessment.objects.filter(patient_id=program.patient_id).select_related("driver")
    assessment = rows.with_everything().first()
    if assessment is None:
        raise CannotIssue("The patient has no assessment yet.")
    return assessment


def _overrides(
    verdicts: Iterable[Verdict], reasons: Mapping[str, str], program: Program, by: User
) -> list[dict[str, str]]:
    """Return the accepted warnings with their reasons, or raise CannotIssue with what is in the way.

    A reason that stands as it was given while building is that person's.
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
                }
            )
    return accepted


def _store(
    program: Program,
    frozen: handout.Handout,
    content: bytes,
    overrides: list[dict[str, str]],
    assessment: Assessment,
    *,
    by: User,
    at: datetime.datetime,
) -> Issue:
    sha256 = hashlib.sha256(content).hexdigest()
    pdf, _ = StoredPdf.objects.get_or_create(sha256=sha256, defaults={"content": content})
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
        pdf=pdf,
        issued_at=at,
        issued_by=by,
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
