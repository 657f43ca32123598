"""What a row of a file changes in an exercise, and the exercise as it would then be. Nothing is written here."""

from copy import copy
from dataclasses import dataclass, field
from typing import Any

from exercises import gates, reviewing, row_values
from exercises.evidence import Citation
from exercises.exercise_entries import ExerciseEntry
from exercises.loading import NEIGHBOURS, exercise_values
from exercises.models import Exercise, ExerciseText
from exercises.syncing import Values

Words = tuple[str, str, str]
# The columns whose field has another name.
FIELDS = {"primary": "suits_primary", "secondary": "suits_secondary"}
TEXT = ("name", "other_names", "steps", "feel", "stop_if", "mistakes")


@dataclass(slots=True)
class Change:
    """What a row does: the exercise it is about, None when new, and each field with the words before and after."""

    line: int
    entry: ExerciseEntry
    row: Exercise | None
    fields: list[Words] = field(default_factory=list)

    @property
    def slug(self) -> str:
        return self.entry.slug

    def values(self) -> Values:
        """Return the values that are written: all of a new exercise, else those of the fields that change."""
        values = exercise_values(self.entry) | {link: getattr(self.entry, link) for link in NEIGHBOURS}
        if self.row is None:
            return values
        names = {_field(name) for name, *_ in self.fields}
        return {name: value for name, value in values.items() if name in names}

    def texts(self) -> list[ExerciseText]:
        """Return the words of each language that the change is about; a language is never taken away."""
        texts = []
        stored = {text.language: text for text in self.row.texts.all()} if self.row else {}
        changed = {name for name, *_ in self.fields}
        for language, entry in self.entry.text.items():
            mine = {name for name in TEXT if f"{language}_{name}" in changed}
            if language == "en" and "name" in changed:
                mine.add("name")
            if language in stored and not mine:
                continue
            said = {name: getattr(entry, name) for name in TEXT} | {"name": entry.name or self.entry.name}
            text = copy(stored.get(language) or ExerciseText(language=language))
            for name in mine if language in stored else TEXT:
                setattr(text, name, said[name])
            texts.append(text)
        return texts

    def new_problems(self, known: gates.Known) -> list[str]:
        """Return what a published exercise would lack that it doesn't lack now; of others nothing, without a query.

        Its row comes `row_values.with_values` and with its uploads.
        """
        if self.row is None or self.row.status != "published":
            return []
        return reviewing.new_problems(self._after(self.row), gates.lacks(self.row, known), known)

    def _after(self, row: Exercise) -> Exercise:
        """Return the exercise as it would be, to be looked at and never saved."""
        after: Any = row_values.trial(row, self.values())
        texts = {text.language: text for text in (*row.texts.all(), *self.texts())}
        citations = [Citation(slug=slug) for slug in self.entry.citations]
        after._prefetched_objects_cache = {
            "uploads": row.uploads.all(),
            "texts": list(texts.values()),
            "citations": citations,
        }
        return after


def _field(column: str) -> str:
    """Return the field that a column is about."""
    return FIELDS.get(column) or (column if column == "dose_source" else column.removeprefix("dose_"))
