"""A plan written into the catalog: all of it or nothing, by tables and not by rows.

What is new is a draft. What is there keeps its status, its pictures and what was shipped; only fields that the plan
names are written, so that an exercise that was edited in one of them stays as shipped in all others.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from clinics.models import User
from exercises import editing
from exercises.evidence import Citation
from exercises.exchange.planning import Change, Plan
from exercises.loading import NEIGHBOURS, exercise_values
from exercises.models import CatalogVersion, Driver, Exercise, ExerciseText, Muscle
from exercises.syncing import Values

AT_ONCE = 500
LINKS: dict[str, type[models.Model]] = {
    "releases": Muscle, "strengthens": Muscle, "suits_primary": Driver, "suits_secondary": Driver,
    "citations": Citation,
}  # fmt: skip
# The columns whose field has another name.
FIELDS = {"primary": "suits_primary", "secondary": "suits_secondary"}
TEXT = ("name", "other_names", "steps", "feel", "stop_if", "mistakes")


class Outdated(Exception):
    """The catalog was changed since the plan was made."""


def write(plan: Plan, *, by: User, edition: int, why: str = "") -> None:
    """Write the plan that was made of this edition; raise Outdated, with nothing written, when it is another now."""
    if plan.mistakes:
        raise ValueError("A plan with mistakes isn't written.")
    with transaction.atomic():
        version = CatalogVersion.objects.select_for_update().first()
        if (version.edition if version else 0) != edition:
            raise Outdated
        writes = [_Write.of(change) for change in plan.changes]
        _write_exercises(writes)
        _write_links(writes)
        _write_texts(writes)
        if writes:
            editing.saved_all([write.row for write in writes], by=by, why=why)


@dataclass(slots=True)
class _Write:
    """A change on its way: the exercise's values, the names of those that are written, and its row."""

    change: Change
    values: Values
    names: set[str]
    row: Exercise

    @classmethod
    def of(cls, change: Change) -> "_Write":
        values = exercise_values(change.entry) | {link: getattr(change.entry, link) for link in NEIGHBOURS}
        row = copy(change.row) if change.row else Exercise(slug=change.slug, status="draft")
        if change.row is None:
            return cls(change, values, set(values), row)
        return cls(change, values, {_field(name) for name, *_ in change.fields} & values.keys(), row)


def _field(column: str) -> str:
    """Return the field that a column is about."""
    return FIELDS.get(column) or (column if column == "dose_source" else column.removeprefix("dose_"))


def _write_exercises(writes: Sequence[_Write]) -> None:
    """Write the exercises' own columns; a neighbour that is new itself is named once it is there."""
    named = {write.values[link] for write in writes for link in NEIGHBOURS if link in write.names} - {None}
    keys = _keys(Exercise, named)
    for write in writes:
        for name in write.names - LINKS.keys() - {*NEIGHBOURS}:
            setattr(write.row, name, write.values[name])
        for link in write.names & {*NEIGHBOURS}:
            setattr(write.row, f"{link}_id", keys.get(write.values[link]))
    fields = [field.name for field in Exercise._meta.concrete_fields if field.name not in {"id", "slug"}]
    _upsert([write.row for write in writes], unique=["slug"], fields=fields)
    new = _keys(Exercise, named - keys.keys())
    waiting = []
    for write in writes:
        links = [link for link in NEIGHBOURS if link in write.names and write.values[link] in new]
        for link in links:
            setattr(write.row, f"{link}_id", new[write.values[link]])
        if links:
            waiting.append(write.row)
    Exercise.objects.bulk_update(waiting, NEIGHBOURS, batch_size=AT_ONCE)


def _write_links(writes: Sequence[_Write]) -> None:
    for name, model in LINKS.items():
        mine = [write for write in writes if name in write.names]
        through: Any = getattr(Exercise, name).through
        target = model._meta.model_name
        keys = _keys(model, {slug for write in mine for slug in write.values[name]})
        for part in _parts([write.row.pk for write in mine if write.change.row]):
            through.objects.filter(exercise_id__in=part).delete()
        through.objects.bulk_create(
            through(exercise_id=write.row.pk, **{f"{target}_id": keys[slug]})
            for write in mine
            for slug in write.values[name]
        )


def _write_texts(writes: Sequence[_Write]) -> None:
    """Write the words of each language that a change is about; a language is never taken away."""
    texts = []
    for write in writes:
        change = write.change
        stored = {text.language: text for text in change.row.texts.all()} if change.row else {}
        changed = {name for name, *_ in change.fields}
        for language, entry in change.entry.text.items():
            mine = {name for name in TEXT if f"{language}_{name}" in changed}
            if language == "en" and "name" in changed:
                mine.add("name")
            if language in stored and not mine:
                continue
            said = {name: getattr(entry, name) for name in TEXT} | {"name": entry.name or change.entry.name}
            text = copy(stored.get(language) or ExerciseText(language=language))
            text.exercise = write.row
            for name in mine if language in stored else TEXT:
                setattr(text, name, said[name])
            texts.append(text)
    _upsert(texts, unique=["exercise", "language"], fields=[*TEXT])


def _upsert(rows: list[Any], *, unique: list[str], fields: list[str]) -> None:
    """Insert rows, or update those that are there already: by their names, so that a key is never given twice."""
    for row in rows:
        row.pk, row._state.adding = None, True
    if rows:
        manager = type(rows[0])._default_manager
        manager.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=fields)


def _keys(model: Any, slugs: Iterable[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _parts(sorted(slugs)):
        found |= dict(model.objects.filter(slug__in=part).values_list("slug", "pk"))
    return found


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
