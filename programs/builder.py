"""Positions in a stage run 1, 2, 3 … without gaps and in phase order. Only this module writes them.

An edit is a function from rows to rows (`arranging`). It is carried out on a locked program (`bench.lock`), so that
two people editing one program queue up; `write` puts the difference into the database, remembers it for undo and
leaves one row in the audit log.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.expressions import CombinedExpression
from django.utils import timezone

from clinics import audit
from clinics.models import User
from exercises.models import Exercise, Protocol
from exercises.vocabulary import STAGES, Phase
from patients import assessing
from patients.models import Patient
from programs import bench as benches
from programs import history, starting
from programs.bench import Bench
from programs.checks.mending import usual_side
from programs.dose import DOSE
from programs.models import ClinicProtocol, Item, Program, Stage
from programs.rows import CONTENT, ItemRow, Rows

REMEMBERED = ("next_visit", "adapted", "accepted")


class CannotEdit(Exception):
    """The edit isn't possible; the text is the sentence the page shows."""


class EditedMeanwhile(Exception):
    """Somebody else changed the program since the page was shown; nothing was written."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit makes of a stage. `label` says it in the past, “Clamshell added to Strengthen”.

    `fields` are new values of the program's own fields; `stage` is the active one unless named.
    """

    label: str
    action: str
    rows: Rows | None = None
    stage: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def start(
    patient: Patient,
    *,
    protocol: Protocol | None,
    by: User,
    clinic_protocol: ClinicProtocol | None = None,
    filled: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    adapted: Mapping[str, Any] | None = None,
) -> Program:
    """Return a new program with its three stages: empty, or the protocol's, made to suit the patient.

    A clinic's own protocol comes `filled`: per stage its items as field values, and how it was `adapted`.
    """
    assessment = assessing.latest_of(patient)
    if assessment is None:
        raise CannotEdit("Assess the patient first: a program starts from the suspected driver.")
    if protocol:
        suited = starting.suited_stages(protocol, assessment, on=timezone.localdate())
        adapted = {slug: stage.notes for slug, stage in suited.items() if stage.changes or stage.unmet}
        filled = {slug: _usual(stage.exercises, assessment.affected_side) for slug, stage in suited.items()}
    program = Program.objects.create(
        patient=patient,
        protocol=protocol,
        clinic_protocol=clinic_protocol,
        adapted=adapted or {},
        created_by=by,
    )
    stages = Stage.objects.bulk_create(Stage(program=program, slug=slug) for slug, _ in STAGES)
    Item.objects.bulk_create(
        Item(stage=stage, position=position, **values)
        for stage in stages
        for position, values in enumerate((filled or {}).get(stage.slug, ()), start=1)
    )
    source = protocol.slug if protocol else clinic_protocol and clinic_protocol.pk
    audit.about(patient, "start program", by=by, subject=program, protocol=source)
    return program


def _usual(slugs: Sequence[str], affected_side: str) -> list[dict[str, Any]]:
    """Return items as field values: these exercises, each with its usual dose and side."""
    found = Exercise.objects.in_bulk(slugs, field_name="slug")
    return [
        {
            "exercise": exercise,
            "phase": exercise.phase,
            "side": usual_side(exercise.laterality, affected_side),
            **{name: getattr(exercise, name) for name in DOSE},
        }
        for exercise in (found[slug] for slug in slugs)
    ]


def write(bench: Bench, change: Change, *, at: datetime.datetime, sent: str = "") -> Bench:
    """Carry out a change on a locked program and return the bench as it is then; nothing changes, nothing is written.

    `sent` is the name that the sender gave the edit, so that it isn't done twice.
    """
    stage = change.stage or bench.stage
    before = bench.rows_by_stage[stage]
    after = before if change.rows is None else _written(bench, stage, change.rows)
    program = bench.program
    fields = {
        name: (getattr(program, name), value)
        for name, value in change.fields.items()
        if value != getattr(program, name)
    }
    if after == before and not fields:
        return bench
    now = {name: value for name, (_, value) in fields.items()}
    kept = {name: values for name, values in fields.items() if name in REMEMBERED}
    past = bench.history
    if after != before or kept:
        entry = history.entry(
            change.label, before, after, stage=stage, by=bench.by.name, version=program.version + 1, fields=kept
        )
        past = past.pushed(entry)
    return _saved(bench.with_rows(stage, after), change, now, past.having(sent), at)


def undo(bench: Bench, *, at: datetime.datetime, sent: str = "") -> tuple[Bench, str]:
    """Take back the last edit; return the bench and what was taken back. Raises CannotEdit when there is none."""
    last = bench.history.last
    if last is None:
        raise CannotEdit("There is nothing to undo.")
    past = bench.history.after_undo(bench.program.version + 1, by=bench.by.name)
    rows = history.back(bench.rows_by_stage[last.stage], last)
    fields = {name: was for name, (was, _) in last.fields.items()}
    return _restored(bench, "undo", last, rows, fields, past.having(sent), at), last.label


def redo(bench: Bench, *, at: datetime.datetime, sent: str = "") -> tuple[Bench, str]:
    """Do again what was undone last; return the bench and what it was. Raises CannotEdit when there is none."""
    coming = bench.history.next
    if coming is None:
        raise CannotEdit("There is nothing to redo.")
    past = bench.history.after_redo(bench.program.version + 1, by=bench.by.name)
    rows = history.forth(bench.rows_by_stage[coming.stage], coming)
    fields = {name: now for name, (_, now) in coming.fields.items()}
    return _restored(bench, "redo", coming, rows, fields, past.having(sent), at), coming.label


def _restored(
    bench: Bench,
    action: str,
    entry: history.Entry,
    rows: Rows,
    fields: dict[str, Any],
    past: history.History,
    at: datetime.datetime,
) -> Bench:
    after = _written(bench, entry.stage, rows)
    # The label may quote a typed note, which the log never keeps.
    change = Change(entry.label, action, detail={"items": sorted(entry.was), "fields": sorted(entry.fields)})
    return _saved(bench.with_rows(entry.stage, after), change, fields | {"stage_slug": entry.stage}, past, at)


def _saved(
    bench: Bench, change: Change, fields: Mapping[str, Any], past: history.History, at: datetime.datetime
) -> Bench:
    """Count the program's version up, keep its past, and log the edit: 2 queries."""
    program = bench.program
    for name, value in fields.items():
        setattr(program, name, value)
    program.version, program.changed_at, program.edits = program.version + 1, at, history.dump(past)
    program.save(update_fields=[*fields, "version", "changed_at", "edits"])
    patient = program.patient
    audit.about(patient, change.action, by=bench.by, subject=program, **change.detail)
    return replace(bench)  # the history that was read of the old one is forgotten


def _written(bench: Bench, stage: str, rows: Rows) -> Rows:
    """Write rows in place of a stage's and return them with their keys and versions: at most 4 queries.

    An item whose content changed counts its version up; moving it doesn't.
    """
    old = {row.key: (position, row) for position, row in enumerate(bench.rows_by_stage[stage], start=1)}
    wanted = tuple(_counted(row, old) for row in sorted(rows, key=lambda row: row.phase.rank))
    if gone := old.keys() - {row.key for row in wanted}:
        Item.objects.filter(stage=bench.stage_keys[stage], pk__in=gone).delete()
    touched = {
        row.key: _item(bench, stage, position, row)
        for position, row in enumerate(wanted, start=1)
        if old.get(row.key) != (position, row)
    }
    _rewrite(old, {row.key: (row, touched[row.key]) for row in wanted if row.key in touched and row.key in old})
    Item.objects.bulk_create(item for key, item in touched.items() if key not in old)
    return tuple(replace(row, key=touched[row.key].pk) if row.key in touched else row for row in wanted)


def _counted(row: ItemRow, old: Mapping[int, tuple[int, ItemRow]]) -> ItemRow:
    """Return a row with its version counted up where its content changed."""
    if row.key not in old:
        return row
    was = old[row.key][1]
    same = replace(row, version=was.version)
    return same if same == was else replace(row, version=was.version + 1)


def _item(bench: Bench, stage: str, position: int, row: ItemRow) -> Item:
    content = row.content | {"phase": row.phase.value}
    return Item(
        pk=row.key if row.key > 0 else None,
        stage_id=bench.stage_keys[stage],
        exercise_id=bench.catalog.pks[content.pop("exercise")],
        position=position,
        version=row.version,
        **content,
    )


def _rewrite(old: Mapping[int, tuple[int, ItemRow]], touched: Mapping[int, tuple[ItemRow, Item]]) -> None:
    """Write what changed of items that stay: at most 2 queries, as long as what differs in them.

    Positions in two steps, because the database checks that no two items share one after each row: first above all
    that are or will be, then to their places.
    """
    values: dict[str, dict[Any, list[int]]] = {}
    moves: dict[int, list[int]] = {}
    for key, (row, item) in touched.items():
        position, was = old[key]
        if item.position != position:
            moves.setdefault(item.position - position, []).append(key)
        for name in (*CONTENT, "version"):
            if getattr(row, name) != getattr(was, name):
                value = item.exercise_id if name == "exercise" else getattr(item, name)
                values.setdefault(name, {}).setdefault(value, []).append(key)
    changed = {
        name: _cases(name, [(Value(value, _column(name)), keys) for value, keys in by_value.items()])
        for name, by_value in values.items()
    }
    if moves:
        moved = {key for keys in moves.values() for key in keys}
        lift = max(*(position for position, _ in old.values()), *(touched[key][1].position for key in moved))
        Item.objects.filter(pk__in=moved).update(position=F("position") + lift)
        changed["position"] = _cases("position", [(F("position") + (by - lift), keys) for by, keys in moves.items()])
    if changed:
        Item.objects.filter(pk__in=touched).update(**changed)


def _cases(name: str, choices: Iterable[tuple[Value | CombinedExpression, list[int]]]) -> Case:
    """Return what a field becomes: each expression for the items of its keys, and as it is for the others."""
    whens = (When(pk__in=keys, then=expression) for expression, keys in choices)
    return Case(*whens, default=F(name), output_field=_column(name))


def _column(name: str) -> Any:
    return Item._meta.get_field(name)


@transaction.atomic
def fill(stage: Stage, rows: Sequence[Mapping[str, Any]], *, seen_version: int, by: User) -> None:
    """Put these items, as field values in order, in place of all that the stage holds, and make it the active one.

    Raises EditedMeanwhile when the program moved on since `seen_version`.
    """
    bench = benches.lock(stage.program_id, by=by)
    if bench.program.version != seen_version:
        raise EditedMeanwhile
    new = tuple(
        ItemRow(key=-place, **{**row, "exercise": row["exercise"].slug, "phase": Phase(row["phase"])})
        for place, row in enumerate(rows, start=1)
    )
    adapted = {slug: notes for slug, notes in bench.program.adapted.items() if slug != stage.slug}
    fields = {"adapted": adapted, "stage_slug": stage.slug}
    label = f"{stage.get_slug_display()} filled"
    write(bench, Change(label, "fill stage", new, stage.slug, fields, {"stage": stage.slug}), at=timezone.now())
