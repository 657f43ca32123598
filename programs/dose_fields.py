"""The dose of an item as the fields of its line: which are shown, with which units, limits and usual range."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exercises import wording
from exercises.facts import Dose, ExerciseFacts
from programs import typed_dose
from programs.rows import ItemRow
from programs.vocabulary import ITEM_SIDES

SIDES = ITEM_SIDES
# Name, words before and after the number, and the singular of its unit.
WORDS = {
    "minutes": ("", "minutes", "minute"),
    "hold_s": ("hold", "s", "second"),
    "reps": ("", "times", "time"),
    "tempo_s": ("", "s each way", "second"),
    "sets": ("", "sets", "set"),
    "rest_s": ("rest", "s", "second"),
    "times_per_day": ("", "× a day", "time"),
    "days_per_week": ("", "days a week", "day"),
}
LABELS = {**typed_dose.LABELS, "reps": "repetitions", "rest_s": "rest between sets in seconds"}
ALWAYS = ("minutes", "reps", "sets", "times_per_day", "side")

BULK = [(name, *WORDS[name][:2], typed_dose.MOST[name]) for name in ("hold_s", "reps", "sets", "times_per_day")]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed and refused: the value per input, and the sentence that says what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def items(self) -> frozenset[int]:
        """The keys of the items that something was typed for."""
        ends = (name.rpartition("-")[2] for name in (*self.values, *self.errors))
        return frozenset(int(end) for end in ends if end.isdecimal())


@dataclass(frozen=True, slots=True)
class DoseField:
    """One input of a line. `usual` says the catalog's range; a side has no number."""

    name: str
    input: str
    value: str
    label: str
    before: str = ""
    after: str = ""
    most: int = 0
    usual: str = ""
    error: str = ""

    @property
    def is_side(self) -> bool:
        return self.name == "side"


def of(row: ItemRow, exercise: ExerciseFacts, typed: Typed) -> tuple[tuple[DoseField, ...], tuple[DoseField, ...]]:
    """Return the fields that stand in the line, and those that are folded away because they aren't used.

    A hold stands there where the exercise has one; tempo, rest and days of the week where they are given.
    """
    applies = typed_dose.applies_to(exercise)
    shown: list[DoseField] = []
    folded: list[DoseField] = []
    for name in ("minutes", "hold_s", "reps", "tempo_s", "sets", "rest_s", "times_per_day", "days_per_week", "side"):
        if name in applies:
            place = shown if name in ALWAYS or _used(name, row, exercise) else folded
            place.append(_field(name, row, exercise, typed))
    return tuple(shown), tuple(folded)


def _used(name: str, row: ItemRow, exercise: ExerciseFacts) -> bool:
    value = getattr(row, name)
    if name == "days_per_week":
        return value != 7
    return value is not None or (name == "hold_s" and exercise.dose.hold_s is not None)


def _field(name: str, row: ItemRow, exercise: ExerciseFacts, typed: Typed) -> DoseField:
    key = f"{name}-{row.key}"
    value = getattr(row, name)
    text = typed.values.get(key, "" if value is None else str(value))
    before, after, unit = WORDS.get(name, ("", "", ""))
    return DoseField(
        name,
        key,
        text,
        label=f"{exercise.name}: {LABELS[name]}",
        before=before,
        after=unit if value == 1 and after == f"{unit}s" else after,
        most=typed_dose.MOST.get(name, 0),
        usual=_usual(name, exercise.dose, unit),
        error=typed.errors.get(key, ""),
    )


def _usual(name: str, dose: Dose, unit: str) -> str:
    """Return “usually 8 to 12 times”, or nothing where the catalog doesn't say."""
    low = getattr(dose, name, None)
    if low is None:
        return ""
    one = f"{low} {unit}" if low == 1 else f"{low} {unit}s"
    return f"usually {wording.range_words(low, getattr(dose, f'{name}_max', None), unit) or one}"
