"""The columns of an exercise in a file: one flat row, each cell a text that is the same for the same value.

No Django in here. A list of slugs stands in one cell with commas, a list of sentences with a line break after each.
Equipment is “mat or bed, strap”: a mat or a bed, and a strap. Rules are JSON. Tidy cells can be compared as they are.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

Cells = dict[str, str]
Path = tuple[str, ...]

YES, NO = "yes", "no"
FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
RULE_DEFAULTS: dict[str, Any] = {"citations": ["practice"], "from_week": 0, "care": {}}
RULE_EXAMPLE = '{"disc": {"level": "caution", "reason": "…"}}'
LISTS = {"slugs", "set", "lines", "groups"}


class BadCell(ValueError):
    """A cell that can't be what its column asks; the message says why."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, where its value stands in an entry of the shipped files and in a row's values, its kind.

    Kinds: text, number, flag, slugs, set (slugs whose order means nothing), lines, groups, rules.
    """

    name: str
    path: Path
    values: Path
    kind: str = "text"

    def cell(self, value: Any) -> str:
        """Return a value as a tidy cell; raise BadCell for one of another shape."""
        if value is None or value == "":
            return ""
        try:
            return _WRITE[self.kind](value)
        except (TypeError, ValueError, AttributeError) as trouble:
            raise BadCell(f"isn’t {_SHAPES[self.kind]}") from trouble

    def value(self, cell: str) -> Any:
        """Return what a cell says; raise BadCell when it says nothing that this column knows."""
        if not cell and self.kind not in LISTS:
            return {} if self.kind == "rules" else None
        return _READ[self.kind](cell)

    def tidy(self, cell: str) -> str:
        """Return a cell as somebody typed it in the one way that this column writes it."""
        return self.cell(self.value(cell.replace("\r\n", "\n").replace("\r", "\n").strip()))


@cache
def columns(languages: tuple[str, ...] = ("en", "es")) -> dict[str, Column]:
    """Return the columns by name, in the order of a file, with the words of these languages."""
    found = [Column(name, (name,), (name,), kind) for name, kind in BEFORE_DOSE]
    found += [Column(f"dose_{name}", ("dose", name), (name,), "number") for name in DOSE]
    found.append(Column("dose_source", ("dose", "source"), ("dose_source",)))
    found += [Column(name, ("suits", name), (f"suits_{name}",), "set") for name in ("primary", "secondary")]
    found += [Column(name, (name,), (name,), kind) for name, kind in AFTER_SUITS]
    for code in languages:
        found += [Column(f"{code}_{name}", ("text", code, name), ("texts", code, name), kind) for name, kind in WORDS]
    return {column.name: column for column in found}


def cells_of_entry(entry: Mapping[str, Any], known: dict[str, Column]) -> tuple[Cells, dict[str, str]]:
    """Return the cells of a document as it ships, and why by column where it doesn't hold what it should.

    What the document leaves out is empty; of a language that it leaves out there are no cells. Keys that no column
    is for are among the reasons.
    """
    cells: Cells = {}
    paths = _paths(known)
    wrong = {key: "isn’t known" for key in _keys(entry) if key not in paths}
    for column in known.values():
        value = _at(entry, column.path)
        if column.path[0] == "text" and not _at(entry, column.path[:2]):
            continue
        try:
            cells[column.name] = column.tidy(column.cell(value))
        except BadCell as reason:
            wrong[column.name] = str(reason)
    return cells, wrong


def cells_of_values(values: Mapping[str, Any], known: dict[str, Column]) -> Cells:
    """Return the cells of a row's values, as `row_values.read` gives them."""
    cells = {column.name: column.tidy(column.cell(_at(values, column.values))) for column in known.values()}
    if cells["en_name"] == cells["name"]:
        cells["en_name"] = ""  # as in the files: English has the exercise's own name
    return cells


def entry_of(cells: Cells, known: dict[str, Column]) -> dict[str, Any]:
    """Return the cells as an entry of the shipped files; what is empty and may be left out is."""
    entry: dict[str, Any] = {"dose": {}, "suits": {}, "text": {}}
    spoken = {column.path[1] for column in known.values() if column.path[0] == "text" and cells.get(column.name)}
    for column in known.values():
        if column.name not in cells or (column.path[0] == "text" and column.path[1] not in spoken):
            continue
        value = column.value(cells[column.name])
        if value is None:
            continue
        inside = entry
        for key in column.path[:-1]:
            inside = inside.setdefault(key, {})
        inside[column.path[-1]] = value
    return entry


def column_at(place: Iterable[int | str], known: dict[str, Column]) -> str:
    """Return the column that holds a place in an entry, or the place itself in words."""
    keys = tuple(str(key) for key in place)
    for column in known.values():
        if keys[: len(column.path)] == column.path:
            return column.name
    return "_".join(keys[1:] if len(keys) > 1 and keys[0] in {"text", "suits"} else keys)


def typed_at(entry: Mapping[str, Any], column: Column | None) -> str:
    """Return what a document says in a column, whatever its shape; nothing where that is nothing."""
    value = _at(entry, column.path) if column else None
    return "" if value is None else str(value)


def _at(values: Any, path: Path) -> Any:
    for key in path:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _keys(entry: Mapping[str, Any], above: Path = ()) -> Iterable[str]:
    """Yield the dotted keys of a document, down to where columns begin."""
    for key, value in entry.items():
        path = (*above, str(key))
        deeper = path[0] in {"dose", "suits"} if len(path) == 1 else path[0] == "text" and len(path) < 3
        if (deeper or path == ("text",)) and isinstance(value, Mapping):
            yield from _keys(value, path)
        else:
            yield ".".join(path)


def _paths(known: dict[str, Column]) -> set[str]:
    return {".".join(column.path) for column in known.values()}


def _items(cell: str, between: str) -> list[str]:
    return [item for part in cell.split(between) if (item := part.strip())]


def _number(cell: str) -> int:
    plain = cell.removesuffix(".0")
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        raise BadCell(f"“{_short(cell)}” isn’t a whole number: type digits alone, such as 3")
    return int(plain)


def _flag(cell: str) -> bool:
    if cell.casefold() not in FLAGS:
        raise BadCell(f"“{_short(cell)}” isn’t yes or no: type one of these words")
    return FLAGS[cell.casefold()]


def _rules(cell: str) -> dict[str, Any]:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError) as trouble:
        raise BadCell(f"isn’t JSON: {trouble}. Write it like {RULE_EXAMPLE}") from trouble
    if not isinstance(found, dict) or not all(isinstance(rule, dict) for rule in found.values()):
        raise BadCell(f"isn’t {_SHAPES['rules']}")
    return found


def _write_rules(rules: Mapping[str, Mapping[str, Any]]) -> str:
    plain = {
        slug: {key: value for key, value in rule.items() if key not in RULE_DEFAULTS or value != RULE_DEFAULTS[key]}
        for slug, rule in rules.items()
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True) if plain else ""


def _each(values: Any) -> list[str]:
    if not isinstance(values, list | tuple) or any(isinstance(value, list | dict) for value in values):
        raise TypeError
    return [str(value) for value in values]


def _plain(value: Any) -> str:
    if isinstance(value, list | dict | bool):
        raise TypeError
    return str(value)


def _write_flag(value: Any) -> str:
    if not isinstance(value, bool):
        return str(value)
    return YES if value else NO


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"


_WRITE: dict[str, Any] = {
    "text": _plain,
    "number": _plain,
    "flag": _write_flag,
    "slugs": lambda value: ", ".join(_each(value)),
    "set": lambda value: ", ".join(sorted(_each(value))),
    "lines": lambda value: "\n".join(_each(value)),
    "groups": lambda value: ", ".join(" or ".join(_each(group)) for group in value),
    "rules": _write_rules,
}
_READ: dict[str, Any] = {
    "text": str,
    "number": _number,
    "flag": _flag,
    "slugs": lambda cell: _items(cell.replace("\n", ","), ","),
    "set": lambda cell: sorted(_items(cell.replace("\n", ","), ",")),
    "lines": lambda cell: _items(cell, "\n"),
    "groups": lambda cell: [_items(group, " or ") for group in _items(cell.replace("\n", ","), ",")],
    "rules": _rules,
}
_SHAPES = {
    "text": "a text",
    "number": "a whole number",
    "flag": "yes or no",
    "slugs": "a list of words",
    "set": "a list of words",
    "lines": "a list of lines",
    "groups": "a list of lists",
    "rules": "rules by name",
}
BEFORE_DOSE = (
    ("slug", "text"), ("name", "text"), ("other_names", "lines"), ("family", "text"), ("phase", "text"),
    ("kind", "text"), ("level", "number"), ("position", "text"), ("bed_ok", "flag"), ("equipment", "groups"),
    ("laterality", "text"), ("releases", "set"), ("strengthens", "set"), ("nerves", "slugs"),
    ("spinal_loading", "text"), ("attributes", "slugs"),
)  # fmt: skip
DOSE = ("sets", "reps", "reps_max", "hold_s", "hold_s_max", "minutes", "minutes_max", "times_per_day", "days_per_week")
AFTER_SUITS = (
    ("driver_overrides", "rules"), ("precaution_overrides", "rules"), ("progression", "text"),
    ("regression", "text"), ("evidence", "text"), ("citations", "set"), ("note", "text"),
)  # fmt: skip
WORDS = (
    ("name", "text"), ("other_names", "lines"), ("steps", "lines"), ("feel", "text"), ("stop_if", "text"),
    ("mistakes", "lines"),
)  # fmt: skip
