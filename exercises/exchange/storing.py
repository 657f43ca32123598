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
from exercises.exchange.changes import TEXT, Change
from exercises.exchange.planning import Plan
from exercises.loading import NEIGHBOURS
from exercises.models import CatalogVersion, Driver, Exercise, Muscle
from exercises.syncing import Values

AT_ONCE = 500
LINKS: dict[str, type[models.Model]] = {
    "releases": Muscle, "strengthens": Muscle, "suits_primary": Driver, "suits_secondary": Driver,
    "citations": Citation,
}  # fmt: skip


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
    """A change on its way: the exercise's values that are written, and its row."""

    change: Change
    values: Values
    row: Exercise

    @classmethod
    def of(cls, change: Change) -> "_Write":
        row = copy(change.row) if change.row else Exercise(slug=change.slug, status="draft")
        return cls(change, change.values(), row)


def _write_exercises(writes: Sequence[_Write]) -> None:
    """Write the exercises' own columns; a neighbour that is new itself is named once it is there."""
    named = {write.values[link] for write in writes for link in NEIGHBOURS if link in write.values} - {None}
    keys = _keys(Exercise, named)
    for write in writes:
        for name in write.values.keys() - LINKS.keys() - {*NEIGHBOURS}:
            setattr(write.row, name, write.values[name])
        for link in write.values.keys() & {*NEIGHBOURS}:
            setattr(write.row, f"{link}_id", keys.get(write.values[link]))
    fields = [field.name for field in Exercise._meta.concrete_fields if field.name not in {"id", "slug"}]
    _upsert([write.row for write in writes], unique=["slug"], fields=fields)
    new = _keys(Exercise, named - keys.keys())
    waiting = []
    for write in writes:
        links = [link for link in NEIGHBOURS if write.values.get(link) in new]
        for link in links:
            setattr(write.row, f"{link}_id", new[write.values[link]])
        if links:
            waiting.append(write.row)
    Exercise.objects.bulk_update(waiting, NEIGHBOURS, batch_size=AT_ONCE)


def _write_links(writes: Sequence[_Write]) -> None:
    for name, model in LINKS.items():
        mine = [write for write in writes if name in write.values]
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
    texts = []
    for write in writes:
        for text in write.change.texts():
            text.exercise = write.row
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
