"""One row of the shipped catalog into the database, three ways: what is stored, what was shipped, what ships now.

Each row remembers in `shipped` what was last loaded. A field that still holds that value takes the new one;
a field that an editor changed is kept, and the report says so. Of a row that an editor made, all is an editor's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from exercises.exchange_rows import KeptField

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """An edited field that was left alone although the shipped one changed, from `before` to `now`."""

    row: Any
    field: str
    before: Any
    now: Any

    def __str__(self) -> str:
        kind, field = self.row._meta.verbose_name, self.field.replace("_", " ")
        return f"{kind} “{self.row}”: {field} was edited here and is kept"


@dataclass(slots=True)
class Report:
    """What loading did; `kept` holds each edited field that was left alone although the shipped one changed.

    `before` says of each row that was touched, by model name and key, what had been shipped; None: it is new.
    `made_here` are the rows of which nothing had been shipped before this load, though it may come to them twice.
    `filled` holds the rows of tables that this load found empty, which it needn't look for, by what they are found by.
    """

    created: int = 0
    updated: int = 0
    retired: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    before: dict[tuple[str, int], Values | None] = field(default_factory=dict)
    made_here: set[tuple[str, int]] = field(default_factory=set)
    filled: dict[type[models.Model], dict[tuple[Any, ...], Any] | None] = field(default_factory=dict, compare=False)

    def touched(self, row: models.Model, before: Values | None) -> None:
        """Note what had been shipped of a row before this load came to it the first time."""
        self.before.setdefault(_place(row), before)

    def remember_kept(self) -> None:
        """Keep what was kept for the page of updates; a choice that was made of an older shipped value is open again.

        A field that waits there already is still shown with what shipped when it was edited.
        """
        for kept in self.kept:
            place = {"kind": kept.row._meta.model_name, "row": kept.row.pk, "field": kept.field}
            found, new = KeptField.objects.get_or_create(**place, defaults={"before": kept.before, "now": kept.now})
            if not new:
                before = found.before if found.kept_by is None else kept.before
                found.before, found.now, found.at, found.kept_by = before, kept.now, timezone.now(), None
                found.save(update_fields=["before", "now", "at", "kept_by"])


@dataclass(frozen=True, slots=True)
class Link:
    """A value that lives in another table: how to read it as slugs, and how to write it."""

    read: Callable[[Any], Any]
    write: Callable[[Any, Any], None]


ONE = Link(read=lambda row: None, write=lambda row, value: None)  # marks a foreign key; see _resolved


def sync(
    model: type[models.Model],
    key: Values,
    values: Values,
    report: Report,
    links: dict[str, Link] | None = None,
) -> Any:
    """Create the row, or take over each value that an editor left as it was shipped; return it."""
    links = links or {}
    manager = model._default_manager
    if model not in report.filled:
        report.filled[model] = None if manager.exists() else {}
    filled = report.filled[model]
    row: Any = manager.filter(**key).first() if filled is None else filled.get(tuple(key.values()))
    plain = {name: value for name, value in values.items() if name not in links or links[name] is ONE}
    if row is None:
        row = manager.create(**key, **_resolved(model, plain, links), shipped=values)
        for name in values.keys() - plain.keys():
            if values[name]:
                links[name].write(row, values[name])
        if filled is not None:
            filled[tuple(key.values())] = row
        report.created += 1
        report.touched(row, None)
        return row
    if not row.shipped:
        report.made_here.add(_place(row))
    news = {name: value for name, value in values.items() if name not in row.shipped or row.shipped[name] != value}
    taken = [name for name in news if _take(row, name, news[name], links, report)]
    if taken:
        report.touched(row, row.shipped)
        KeptField.objects.filter(kind=model._meta.model_name, row=row.pk, field__in=taken).delete()
    if news:
        row.shipped = {**row.shipped, **values}
        columns = [name for name in taken if name in plain]
        row.save(update_fields=[*columns, "shipped"])
        report.updated += bool(taken)
    return row


def _take(row: Any, name: str, value: Any, links: dict[str, Link], report: Report) -> bool:
    """Set the new value unless an editor changed the old one; return whether it was set."""
    link = links.get(name)
    current = _slug_of(row, name) if link is ONE else link.read(row) if link else getattr(row, name)
    edited = _place(row) in report.made_here or (name in row.shipped and current != row.shipped[name])
    if edited and current != value:
        report.kept.append(Kept(row, name, row.shipped.get(name), value))
        return False
    if link is ONE:
        setattr(row, name, _resolved(type(row), {name: value}, {name: ONE})[name])
    elif link:
        link.write(row, value)
    else:
        setattr(row, name, value)
    return True


def _place(row: models.Model) -> tuple[str, int]:
    return str(row._meta.model_name), row.pk


def retire(rows: models.QuerySet[Any], values: Values, report: Report) -> None:
    for row in rows:
        report.retired.append(str(row))
        report.touched(row, row.shipped)
    rows.update(**values)


def _resolved(model: type[models.Model], values: Values, links: dict[str, Link]) -> Values:
    """Turn the slugs of foreign keys into rows."""
    resolved = dict(values)
    for name, slug in values.items():
        if links.get(name) is ONE:
            target: Any = model._meta.get_field(name).related_model
            resolved[name] = None if slug is None else target.objects.get(slug=slug)
    return resolved


def _slug_of(row: Any, name: str) -> str | None:
    other = getattr(row, name)
    return None if other is None else other.slug


def many(name: str) -> Link:
    """A many-to-many field, as a sorted list of slugs."""

    def write(row: Any, slugs: Sequence[str]) -> None:
        manager = getattr(row, name)
        manager.set(manager.model.objects.filter(slug__in=slugs))

    return Link(read=lambda row: sorted(other.slug for other in getattr(row, name).all()), write=write)
