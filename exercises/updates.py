"""Shipped values that editors withstood: each with what shipped before, what ships now, and what is here.

Taking the shipped value ends the matter; keeping ours ends it until another value ships.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q

from clinics.models import User
from exercises import editing, languages, reviewing, row_values
from exercises.models import Exercise, ExerciseText, KeptField


@dataclass(frozen=True, slots=True)
class Update:
    """One field as a page shows it; `open` says that nobody has chosen yet."""

    kept: KeptField
    what: str
    field: str
    before: str
    now: str
    here: str
    open: bool


def updates(user: User) -> list[Update]:
    """Return the fields that differ from what ships and that this person may change, the undecided ones first."""
    rows: dict[tuple[str, int], Any] = {}
    waiting = list(KeptField.objects.all())
    for kind in {kept.kind for kept in waiting if may(user, kept.kind)}:
        keys = [kept.row for kept in waiting if kept.kind == kind]
        rows |= {(kind, row.pk): row for row in _rows(kind).filter(pk__in=keys)}
    found = [_update(kept, rows[kept.kind, kept.row]) for kept in waiting if (kept.kind, kept.row) in rows]
    differing = [update for update in found if update.here != update.now]
    return sorted(differing, key=lambda update: (not update.open, update.what, update.field))


def may(user: User, kind: str) -> bool:
    """Whether the person may change rows of this kind; the words of an exercise are the exercise's."""
    return user.has_perm(f"exercises.change_{'exercise' if kind == 'exercisetext' else kind}")


@transaction.atomic
def take(kept: KeptField, *, by: User) -> None:
    """Put the shipped value in place of ours. Raises NotReady when it leaves a published exercise lacking something."""
    exercise = _locked_exercise(kept)
    lacked = reviewing.lacks(exercise) if exercise else []
    row = _rows(kept.kind).get(pk=kept.row)
    why = f"Took the shipped {kept.field.replace('_', ' ')}"
    if isinstance(row, ExerciseText):
        setattr(row, kept.field, kept.now)
        row.save(update_fields=[kept.field])
    else:
        row_values.write(row, {kept.field: kept.now})
    if exercise:
        exercise.refresh_from_db()
        reviewing.check_opens_no_gate(exercise, lacked)
    editing.saved(exercise or row, by=by, why=why)
    kept.delete()


def _locked_exercise(kept: KeptField) -> Exercise | None:
    """Return the exercise that says the value, which nobody else changes until the transaction ends."""
    whose = {"exercise": Q(pk=kept.row), "exercisetext": Q(texts=kept.row)}
    if kept.kind not in whose:
        return None
    return Exercise.objects.select_for_update().filter(whose[kept.kind]).first()


def keep(kept: KeptField, *, by: User) -> None:
    """Leave ours, and don't ask again until another value ships."""
    kept.kept_by = by
    kept.save(update_fields=["kept_by"])


def _rows(kind: str) -> Any:
    model = apps.get_model("exercises", kind)
    return ExerciseText.objects.select_related("exercise") if model is ExerciseText else row_values.with_values(model)


def _update(kept: KeptField, row: Any) -> Update:
    is_text = isinstance(row, ExerciseText)
    here = getattr(row, kept.field) if is_text else row_values.read(row).get(kept.field)
    return Update(
        kept=kept,
        what=f"{row.exercise.name}, {_language(row.language)}" if is_text else str(row),
        field=kept.field.replace("_", " "),
        before=_words(kept.before),
        now=_words(kept.now),
        here=_words(here),
        open=kept.kept_by_id is None,
    )


def _language(code: str) -> str:
    found = languages.known().get(code)
    return found.name if found else code


def _words(value: Any) -> str:
    """Return a value as somebody reads it: lists a line each, all else as it would stand in a file."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)
