"""Undo and redo: the last edits of a program with what puts each back. Pure data; a program keeps it as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from programs.rows import ItemRow, Rows, as_json, from_json

MOST = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One edit of one stage: the rows it changed, before and after, and the order where that changed.

    `fields` are those of the program itself, each with what it was and is now. `version` is the program's after it
    was done, undone or done again, and `by` who did that.
    """

    label: str
    by: str
    version: int
    stage: str
    was: Mapping[int, ItemRow | None] = field(default_factory=dict)
    now: Mapping[int, ItemRow | None] = field(default_factory=dict)
    order_was: tuple[int, ...] = ()
    order_now: tuple[int, ...] = ()
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """What can be undone, oldest first, and what can be redone, next first; and which sent edits were carried out.

    Entries stay as the program keeps them until one is asked for.
    """

    done: tuple[Mapping[str, Any], ...] = ()
    undone: tuple[Mapping[str, Any], ...] = ()
    sent: tuple[str, ...] = ()

    @property
    def last(self) -> Entry | None:
        """The edit that undo takes back."""
        return _entry(self.done[-1]) if self.done else None

    @property
    def next(self) -> Entry | None:
        """The edit that redo does again."""
        return _entry(self.undone[0]) if self.undone else None

    @property
    def ahead(self) -> list[Entry]:
        """The edits that were undone and can be done again, next first."""
        return [_entry(stored) for stored in self.undone]

    def pushed(self, entry: Entry) -> "History":
        """Return the history after a new edit: nothing can be redone any more."""
        return History((*self.done, _stored(entry))[-MOST:], (), self.sent)

    def after_undo(self, version: int, *, by: str) -> "History":
        last = self.done[-1]
        undone = {**last, "version": version, "by": by, "done_in": last["version"]}
        return History(self.done[:-1], (undone, *self.undone), self.sent)

    def after_redo(self, version: int, *, by: str) -> "History":
        redone = {**self.undone[0], "version": version, "by": by}
        return History((*self.done, redone), self.undone[1:], self.sent)

    def having(self, sent: str) -> "History":
        """Return the history that remembers an edit by the name its sender gave it."""
        return History(self.done, self.undone, (*self.sent, sent)[-MOST:]) if sent else self

    def since(self, version: int) -> list[Entry]:
        """Return the edits that came after that version of the program and weren't undone."""
        return [_entry(stored) for stored in self.done if stored["version"] > version]

    def undone_since(self, version: int) -> list[Entry]:
        """Return the edits that were there in that version of the program and were undone after it."""
        return [_entry(stored) for stored in self.undone if stored.get("done_in", 0) <= version < stored["version"]]


def entry(
    label: str, before: Rows, after: Rows, *, stage: str, by: str, version: int, fields: Mapping[str, Any]
) -> Entry:
    """Return the edit that turned `before` into `after`."""
    old, new = ({row.key: row for row in rows} for rows in (before, after))
    touched = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    orders = tuple(old), tuple(new)
    moved = orders if orders[0] != orders[1] else ((), ())
    return Entry(
        label,
        by,
        version,
        stage,
        was={key: old.get(key) for key in touched},
        now={key: new.get(key) for key in touched},
        order_was=moved[0],
        order_now=moved[1],
        fields=fields,
    )


def back(rows: Rows, done: Entry) -> Rows:
    """Return the rows as they were before an edit."""
    return _with(rows, done.was, done.order_was)


def forth(rows: Rows, undone: Entry) -> Rows:
    """Return the rows with an edit done again."""
    return _with(rows, undone.now, undone.order_now)


def _with(rows: Rows, touched: Mapping[int, ItemRow | None], order: tuple[int, ...]) -> Rows:
    found: dict[int, ItemRow | None] = {**{row.key: row for row in rows}, **touched}
    keys = order or tuple(row.key for row in rows)
    return tuple(row for key in keys if (row := found.get(key)))


def load(stored: Mapping[str, Any]) -> History:
    """Return a history from what a program keeps."""
    return History(*(tuple(stored.get(name, ())) for name in ("done", "undone", "sent")))


def dump(history: History) -> dict[str, Any]:
    """Return a history as a program keeps it."""
    return {"done": list(history.done), "undone": list(history.undone), "sent": list(history.sent)}


def _entry(stored: Mapping[str, Any]) -> Entry:
    return Entry(
        label=stored["label"],
        by=stored["by"],
        version=stored["version"],
        stage=stored["stage"],
        was=_rows(stored["was"]),
        now=_rows(stored["now"]),
        order_was=tuple(stored["order_was"]),
        order_now=tuple(stored["order_now"]),
        fields={name: (was, now) for name, (was, now) in stored["fields"].items()},
    )


def _rows(stored: Mapping[str, Any]) -> dict[int, ItemRow | None]:
    return {int(key): from_json(row) if row else None for key, row in stored.items()}


def _stored(entry: Entry) -> dict[str, Any]:
    return {
        "label": entry.label,
        "by": entry.by,
        "version": entry.version,
        "stage": entry.stage,
        "was": {key: row and as_json(row) for key, row in entry.was.items()},
        "now": {key: row and as_json(row) for key, row in entry.now.items()},
        "order_was": list(entry.order_was),
        "order_now": list(entry.order_now),
        "fields": {name: list(values) for name, values in entry.fields.items()},
    }
