"""The history of the catalog's rows: each as somebody left it, numbered 1, 2, 3 … Only this module writes it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import OuterRef, QuerySet, Subquery

from clinics.models import User
from exercises import row_values
from exercises.editorial import Revision
from exercises.models import Exercise, ExerciseText
from exercises.row_values import KINDS
from exercises.syncing import Values

AS_SHIPPED = "As shipped"
LOADED = "Shipped with the catalog"
AT_ONCE = 500


@transaction.atomic
def record(row: models.Model, *, by: User | None, why: str = "") -> None:
    """Keep the row as it stands, unless it stands as it was last kept.

    The first time, what was shipped is kept before it, where that differs. Whoever else saves the row waits.
    """
    lock(row)
    _record(type(row), [row.pk], by=by, why=why, before=_as_shipped)


@transaction.atomic
def record_many(model: type[models.Model], keys: Iterable[int], *, by: User | None, why: str = "") -> None:
    """Keep many rows of one kind as they stand: 11 queries for each 500 rows."""
    _record(model, keys, by=by, why=why, before=_as_shipped)


def shipped(before: Mapping[tuple[str, int], Values | None]) -> None:
    """Keep the rows that a load changed; `before` is what `Report.before` says. New rows have no history yet."""
    touched = {name: {key: old for (kind, key), old in before.items() if kind == name} for name in KINDS}
    texts = _texts_before({key: old for (kind, key), old in before.items() if kind == "exercisetext"})
    for key in texts:
        touched["exercise"].setdefault(key, {})
    for name, olds in touched.items():
        changed = [key for key, old in olds.items() if old is not None]

        def had(row: Any, now: Values, olds: dict[int, Values | None] = olds) -> Values:
            return _with_shipped(row, now, olds[row.pk] or row.shipped, texts.get(row.pk, {}))

        _record(KINDS[name].model, changed, by=None, why=LOADED, before=had)


def of(row: models.Model) -> QuerySet[Revision]:
    """A row's versions, the newest first, with who made them."""
    return Revision.objects.filter(kind=row._meta.model_name, row=row.pk).select_related("by").order_by("-number")


def number_of(row: models.Model) -> int:
    """Return the number of the row's last version; 0 for a row without history."""
    return number_at(str(row._meta.model_name), row.pk)


def number_at(kind: str, key: int) -> int:
    """As `number_of`, before the row itself is read."""
    newest = Revision.objects.filter(kind=kind, row=key).order_by("-number")
    return newest.values_list("number", flat=True).first() or 0


def values_of(row: models.Model) -> Values:
    """Return what a version of the row holds as it stands: its values, and an exercise's status and uploads."""
    values = row_values.read(row)
    if not isinstance(row, Exercise):
        return values
    return values | {"status": row.status, "uploads": {upload.frame: upload.digest for upload in row.uploads.all()}}


def same(one: Values, other: Values) -> bool:
    """Whether two versions say the same; one from before uploads were kept counts as one without them."""
    return {"uploads": {}} | one == {"uploads": {}} | other


def fresh(row: models.Model) -> Any:
    """Return the row as it is stored, ready for `values_of`."""
    return _rows(type(row)).get(pk=row.pk)


def lock(row: models.Model) -> None:
    """Let nobody else change the row until this transaction ends."""
    list(type(row)._default_manager.select_for_update().filter(pk=row.pk).values_list("pk"))


def _rows(model: type[models.Model]) -> QuerySet[Any]:
    rows = row_values.with_values(model)
    return rows.prefetch_related("uploads") if model is Exercise else rows


def _record(
    model: type[models.Model],
    keys: Iterable[int],
    *,
    by: User | None,
    why: str,
    before: Callable[[Any, Values], Values | None],
) -> None:
    """Keep each row that differs from its last version; `before` says what a row without one was, if known."""
    kind = str(model._meta.model_name)
    wanted = list(keys)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        last = _last(kind, some)
        new = []
        for row in _rows(model).filter(pk__in=some):
            now = values_of(row)
            old = last[row.pk].values if row.pk in last else before(row, now)
            number = last[row.pk].number if row.pk in last else 0
            if old is not None and same(old, now):
                continue
            if old is not None and not number:
                number = 1
                new.append(Revision(kind=kind, row=row.pk, number=1, why=AS_SHIPPED, values=old))
            new.append(Revision(kind=kind, row=row.pk, number=number + 1, by=by, why=why, values=now))
        Revision.objects.bulk_create(new)


def _last(kind: str, keys: Iterable[int]) -> dict[int, Revision]:
    """Return each row's last version."""
    newest = Revision.objects.filter(kind=kind, row=OuterRef("row")).order_by("-number").values("number")[:1]
    found = Revision.objects.filter(kind=kind, row__in=keys, number=Subquery(newest))
    return {revision.row: revision for revision in found}


def _as_shipped(row: Any, now: Values) -> Values | None:
    """Return what was shipped of a row, None of one that wasn't."""
    return _with_shipped(row, now, row.shipped, {}) if row.shipped else None


def _with_shipped(row: Any, now: Values, old: Values, texts: Mapping[str, Values | None]) -> Values:
    """Return a row's values with `old` in their place; its texts as `texts` has them, else as they were shipped."""
    values = now | {name: value for name, value in old.items() if name in now}
    if not isinstance(row, Exercise):
        return values
    olds = {text.language: texts.get(text.language, text.shipped) for text in row.texts.all()}
    said = {language: now["texts"][language] | text for language, text in olds.items() if text}
    return values | {"status": "published", "texts": said, "uploads": {}}


def _texts_before(olds: Mapping[int, Values | None]) -> dict[int, dict[str, Values | None]]:
    """Return what was shipped of the texts that a load touched, by exercise and language."""
    found: dict[int, dict[str, Values | None]] = {}
    for text in ExerciseText.objects.filter(pk__in=olds):
        found.setdefault(text.exercise_id, {})[text.language] = olds[text.pk]
    return found
