"""Form fields for what the catalog keeps as lists and rules: lines, groups of things, rows of several columns.

All of them work without script: a list has a line each, rows have a few empty ones at their end, and a row whose
fields are emptied is gone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

Choices = Callable[[], Iterable[tuple[str, str]]]
Row = dict[str, str]

EMPTY_ROWS = 2
MOST_ROWS = 200


class LineListField(forms.CharField):
    """A list of short lines, edited as one line each."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 4, "cols": 80}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(line) for line in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """A list has none of a text's limits."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class GroupsField(LineListField):
    """Things that are needed, a line each; what does as well follows after a slash: “Mat or carpet / Firm bed”.

    `names` are the slugs there are, with their names.
    """

    def __init__(self, *, names: Choices, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = names

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        names = dict(self.names())
        return super().prepare_value([" / ".join(names.get(slug, slug) for slug in group) for group in value])

    def clean(self, value: Any) -> Any:
        names = dict(self.names())
        known = {spelt.casefold(): slug for slug in names for spelt in (slug, slug.replace("_", " "), names[slug])}
        return [[_slug_of(word, known, names) for word in _words(line, known)] for line in super().clean(value)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or []) != self.clean(data))
        except ValidationError:
            return True


def _words(line: str, known: Mapping[str, str]) -> list[str]:
    """Return what stands between slashes; between commas or “or” too, unless a name has them."""
    parts = [" ".join(part.split()) for part in line.split("/") if part.strip()]
    found = [[part] if part.casefold() in known else re.split(r"\s+or\s+|,", part) for part in parts]
    return [word.strip() for words in found for word in words if word.strip()]


def _slug_of(word: str, known: Mapping[str, str], names: Mapping[str, str]) -> str:
    found = known.get(word.casefold())
    if found is None:
        raise ValidationError(f"There is no equipment called “{word}”. There is: {'; '.join(sorted(names.values()))}.")
    return found


def in_plain_words(field: forms.IntegerField) -> forms.IntegerField:
    """Have a field for whole numbers say what it takes, in place of Django's “Ensure this value …”."""
    low, most = field.min_value or 0, field.max_value
    takes = f"Type a whole number from {low} to {most}." if most else f"Type a whole number, {low} or more."
    too_large = takes if most else "This number is too large."
    field.error_messages |= {"invalid": takes, "min_value": takes, "max_value": too_large}
    return field


@dataclass(frozen=True, slots=True)
class Column:
    """One part of each row. With `choices` it is chosen, else typed; `wide` ones get a line of their own.

    `offers` are slugs, with words, that are offered as one types: one of them, or several with commas between.
    """

    name: str
    label: str
    choices: Choices | None = None
    wide: bool = False
    language: str = ""
    offers: Choices | None = None

    def drawn(self, name: str, value: Any, choices: list[tuple[str, str]], field: str) -> SafeString:
        attrs = {"id": f"id_{name}", "aria-describedby": f"id_{field}_helptext"}
        attrs |= {"lang": self.language} if self.language else {}
        attrs |= {"list": self.list_of(field), "autocomplete": "off"} if self.offers else {}
        if self.choices is None:
            return forms.TextInput(attrs=attrs).render(name, value)
        # What went away stays until somebody chooses otherwise.
        gone = [(str(value), str(value))] if value and value not in dict(choices) else []
        return forms.Select(attrs=attrs, choices=[("", "—"), *choices, *gone]).render(name, value)

    def list_of(self, field: str) -> str:
        """Return the key of the list of what is offered."""
        return f"id_{field}-offers-{self.name}"


class RowsWidget(forms.Widget):
    """Rows of a few fields each, and empty ones for more; `name-0-level` is the first row's level.

    A row without a word is dropped when it comes back.
    """

    template_name = "admin/catalog/rows.html"

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = columns

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = [*(value or []), *({} for _ in range(EMPTY_ROWS))]
        choices = {column.name: list(column.choices()) for column in self.columns if column.choices}
        shown = [
            [(column, *_cell(f"{name}-{place}", column, row, choices, name)) for column in self.columns]
            for place, row in enumerate(rows)
        ]
        lists = [(column.list_of(name), column.offers()) for column in self.columns if column.offers]
        context = {"id": (attrs or {}).get("id", f"id_{name}"), "rows": shown, "lists": lists}
        return SafeString(render_to_string(self.template_name, context))

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0-{self.columns[0].name}" if id_ else id_

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        rows = []
        for place in range(MOST_ROWS):
            names = {column.name: f"{name}-{place}-{column.name}" for column in self.columns}
            if not any(typed in data for typed in names.values()):
                break
            rows.append({part: str(data.get(typed) or "").strip() for part, typed in names.items()})
        return [row for row in rows if any(row.values())]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(key.startswith(f"{name}-0-") for key in data)


def _cell(
    prefix: str, column: Column, row: Row, choices: Mapping[str, list[tuple[str, str]]], field: str
) -> tuple[str, SafeString]:
    """Return the key that a label names, and the field."""
    own = f"{prefix}-{column.name}"
    return f"id_{own}", column.drawn(own, row.get(column.name, ""), choices.get(column.name, []), field)


class RowsField(forms.Field):
    """A list of rows. `needed` are the columns that a row can't be without."""

    def __init__(self, *, columns: Sequence[Column], needed: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": RowsWidget(columns), **kwargs})
        self.columns, self.needed = columns, needed

    def prepare_value(self, value: Any) -> Any:
        return [self.typed(row) for row in value] if isinstance(value, list) else value

    def typed(self, row: Mapping[str, Any]) -> Row:
        """Return a stored row as it is typed."""
        return {column.name: "" if row.get(column.name) is None else str(row[column.name]) for column in self.columns}

    def to_python(self, value: Any) -> Any:
        rows = value or []
        if trouble := [line for place, row in enumerate(rows, start=1) for line in self._lacks(place, row)]:
            raise ValidationError(trouble)
        return [self.stored(row) for row in rows]

    def stored(self, row: Row) -> dict[str, Any]:
        """Return a typed row as it is stored. Raises ValidationError."""
        return {name: value for name, value in row.items() if value}

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = self.prepare_value(initial) or []
        return bool(before != (data or []))

    def _lacks(self, place: int, row: Row) -> list[str]:
        labels = {column.name: column.label for column in self.columns}
        return [f"Row {place}: “{labels[name]}” is missing." for name in self.needed if not row[name]]
