"""Positions in a stage run 1, 2, 3 … without gaps and in phase order. Only this module writes them.

Each verb takes the lock of its program first, so that two people editing one program queue up, and leaves one
row in the audit log.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinics import audit
from clinics.models import User
from exercises.models import Exercise, Protocol
from exercises.vocabulary import STAGES, Phase, kind_rank
from patients import assessing
from patients.models import Assessment, Patient
from programs import starting
from programs.checks.mending import usual_side
from programs.dose import DOSE
from programs.models import Item, Program, Stage

EDITABLE = (*DOSE, "side", "note")


class CannotEdit(Exception):
    """The edit isn't possible; the text is the sentence the page shows."""


class EditedMeanwhile(Exception):
    """Somebody else changed the item or the program since the form was shown; nothing was written."""


@transaction.atomic
def start(patient: Patient, *, protocol: Protocol | None, by: User) -> Program:
    """Return a new program with its three stages: empty, or the protocol's, made to suit the patient."""
    assessment = assessing.latest_of(patient)
    if assessment is None:
        raise CannotEdit("Assess the patient first: a program starts from the suspected driver.")
    program = Program.objects.create(patient=patient, protocol=protocol, created_by=by)
    stages = Stage.objects.bulk_create(Stage(program=program, slug=slug) for slug, _ in STAGES)
    if protocol:
        suited = starting.suited_stages(protocol, assessment, on=timezone.localdate())
        for stage in stages:
            _fill(stage, suited[stage.slug].exercises, assessment.affected_side)
        program.adapted = {slug: stage.notes for slug, stage in suited.items() if stage.changes or stage.unmet}
        program.save(update_fields=["adapted"])
    _record("start program", program, by, protocol=protocol.slug if protocol else None)
    return program


def add(stage: Stage, exercise: Exercise, *, by: User) -> Item:
    """Put the exercise with its usual dose at the end of its own phase."""
    if exercise.status != "published":
        raise CannotEdit(f"{exercise.name} is retired and can't be added any more.")
    with _editing(stage.program, by, "add item", exercise=exercise.slug):
        items = list(stage.items.order_by("position"))
        side = _usual_side(exercise, _affected_side(stage.program.patient))
        item = Item(stage=stage, exercise=exercise, phase=exercise.phase, side=side, **_usual_dose(exercise))
        item.position = len(items) + 1
        item.save()
        _renumber(stage, [*items, item])
    return item


def place(item: Item, phase: Phase, *, by: User) -> None:
    """Put the item at the end of a phase; in another than its exercise's own this is a phase override."""
    with _editing(item.stage.program, by, "place item", item=item.pk, phase=phase.value):
        others = [other for other in item.stage.items.order_by("position") if other.pk != item.pk]
        item.phase = phase
        item.version = F("version") + 1
        item.save(update_fields=["phase", "version"])
        item.refresh_from_db()
        _renumber(item.stage, [*others, item])


def move(item: Item, *, up: bool, by: User) -> None:
    """Swap the item with its neighbour in the same phase; at the end of the phase it stays."""
    with _editing(item.stage.program, by, "move item", item=item.pk, up=up):
        items = list(item.stage.items.order_by("position"))
        here = next(index for index, other in enumerate(items) if other.pk == item.pk)
        there = here - 1 if up else here + 1
        if 0 <= there < len(items) and items[there].phase == items[here].phase:
            items[here], items[there] = items[there], items[here]
            _renumber(item.stage, items)


def change(item: Item, values: dict[str, Any], *, seen_version: int, by: User) -> None:
    """Write dose, side and note; raise EditedMeanwhile if the item moved on since `seen_version`."""
    changed = {name: values[name] for name in EDITABLE if values[name] != getattr(item, name)}
    with _editing(item.stage.program, by, "change item", item=item.pk, fields=sorted(changed)):
        fresh = Item.objects.filter(pk=item.pk, version=seen_version)
        if not fresh.update(**changed, version=seen_version + 1):
            raise EditedMeanwhile


def replace(item: Item, exercise: Exercise, *, by: User) -> None:
    """Put another exercise in the item's place, with its own usual dose and side; the note for the patient goes."""
    if exercise.status != "published":
        raise CannotEdit(f"{exercise.name} is retired and can't be added any more.")
    stage = item.stage
    with _editing(stage.program, by, "replace item", item=item.pk, exercise=exercise.slug):
        side = _usual_side(exercise, _affected_side(stage.program.patient))
        values = {"exercise": exercise, "phase": exercise.phase, "side": side, "note": "", **_usual_dose(exercise)}
        _write(item, values)
        others = list(stage.items.order_by("position"))
        if item.phase != exercise.phase:  # it goes to the end of its phase
            others = [*(row for row in others if row.pk != item.pk), *(row for row in others if row.pk == item.pk)]
        _renumber(stage, others)


def set_side(item: Item, side: str, *, by: User) -> None:
    """Say on which side an item is done."""
    with _editing(item.stage.program, by, "change item", item=item.pk, fields=["side"]):
        _write(item, {"side": side})


def reset_dose(item: Item, *, by: User) -> None:
    """Give an item the usual dose of its exercise."""
    with _editing(item.stage.program, by, "change item", item=item.pk, fields=sorted(DOSE)):
        _write(item, _usual_dose(item.exercise))


def _write(item: Item, values: Mapping[str, Any]) -> None:
    if not Item.objects.filter(pk=item.pk).update(**values, version=F("version") + 1):
        raise CannotEdit("Somebody removed that exercise meanwhile.")


def sort(stage: Stage, phase: Phase, *, by: User) -> None:
    """Put the items of a phase into the order of kinds that practice advises."""
    with _editing(stage.program, by, "sort phase", phase=phase.value):
        items = list(stage.items.select_related("exercise").order_by("position"))
        inside = [item for item in items if item.phase == phase]
        inside.sort(key=lambda item: kind_rank(phase, item.exercise.kind))
        _renumber(stage, [*(item for item in items if item.phase != phase), *inside])


def fill(stage: Stage, rows: Sequence[Mapping[str, Any]], *, seen_version: int, by: User) -> None:
    """Put these items, as field values in order, in place of all that the stage holds, and make it the active one.

    Raises EditedMeanwhile when the program moved on since `seen_version`.
    """
    program = stage.program
    with _editing(program, by, "fill stage", stage=stage.slug, items=len(rows)):
        program.refresh_from_db()
        if program.version != seen_version:
            raise EditedMeanwhile
        stage.items.all().delete()
        ordered = sorted(rows, key=lambda row: Phase(row["phase"]).rank)
        Item.objects.bulk_create(Item(stage=stage, position=place, **row) for place, row in enumerate(ordered, start=1))
        program.adapted = {slug: notes for slug, notes in program.adapted.items() if slug != stage.slug}
        program.stage_slug = stage.slug
        program.save(update_fields=["adapted", "stage_slug"])


def remove(item: Item, *, by: User) -> None:
    """Take the item out and close the gap."""
    with _editing(item.stage.program, by, "remove item", exercise=item.exercise.slug):
        Item.objects.filter(pk=item.pk).delete()
        _renumber(item.stage, list(item.stage.items.order_by("position")))


def choose_stage(program: Program, slug: str, *, by: User) -> None:
    """Make a stage the active one: the one that is checked and issued."""
    with _editing(program, by, "choose stage", stage=slug):
        program.stage_slug = slug
        program.save(update_fields=["stage_slug"])


def set_next_visit(program: Program, text: str, *, by: User) -> None:
    """Write the line about the next visit that the handout prints."""
    if text != program.next_visit:
        with _editing(program, by, "set next visit"):
            program.next_visit = text
            program.save(update_fields=["next_visit"])


@contextmanager
def _editing(program: Program, by: User, action: str, **detail: Any) -> Iterator[None]:
    """Lock the program for an edit, count its version up, and log the edit; all or nothing."""
    with transaction.atomic():
        locked = Program.objects.select_for_update().filter(pk=program.pk)
        if not locked.exists():
            raise CannotEdit("This program is gone.")
        yield
        locked.update(version=F("version") + 1, changed_at=timezone.now())
        _record(action, program, by, **detail)


def _record(action: str, program: Program, by: User, **detail: Any) -> None:
    patient = program.patient
    audit.about(patient, action, by=by, subject=program, **detail)


def _fill(stage: Stage, slugs: Sequence[str], affected_side: str) -> None:
    """Write new items with usual doses, in this order."""
    found = Exercise.objects.in_bulk(slugs, field_name="slug")
    Item.objects.bulk_create(
        Item(
            stage=stage,
            exercise=exercise,
            position=position,
            phase=exercise.phase,
            side=_usual_side(exercise, affected_side),
            **_usual_dose(exercise),
        )
        for position, exercise in enumerate((found[slug] for slug in slugs), start=1)
    )


def _renumber(stage: Stage, items: Sequence[Item]) -> None:
    """Write positions 1, 2, 3 … in phase order, keeping the given order within a phase.

    In two steps, because the database checks that no two items share a position after each row.
    """
    wanted = sorted(items, key=lambda item: Phase(item.phase).rank)
    if all(item.position == position for position, item in enumerate(wanted, start=1)):
        return
    lift = max((item.position for item in items), default=0) + len(items)
    stage.items.update(position=F("position") + lift)
    for position, item in enumerate(wanted, start=1):
        item.position = position
    Item.objects.bulk_update(wanted, ["position"])


def _usual_dose(exercise: Exercise) -> dict[str, Any]:
    return {name: getattr(exercise, name) for name in DOSE}


def _affected_side(patient: Patient) -> str:
    latest = Assessment.objects.filter(patient=patient).first()
    return latest.affected_side if latest else ""


def _usual_side(exercise: Exercise, affected_side: str) -> str:
    return usual_side(exercise.laterality, affected_side)
