"""What a person reads about an exercise: its lines with the side filled in, and its dose in words.

Plain Python without Django. Every page and every handout takes these words from here, in any known language.
"""

from collections.abc import Iterable

from exercises import languages
from exercises.languages import fill

OTHER_SIDE = {"left": "right", "right": "left"}
SHOWN_FIRST = "right"


def line_for(line: str, side: str, language: str = "en") -> str:
    """Return one line with {side} and {other} as words; without a single side it reads for the right.

    {side_f} and {other_f} are the feminine forms.
    """
    if "{" not in line:
        return line
    forms = languages.of(language).words.sides_in_text
    near, far = (forms[shown] for shown in _near_and_far(side))
    return fill(line, side=near.side, side_f=near.side_f, other=far.side, other_f=far.side_f)


def steps_for(steps: Iterable[str], side: str, language: str = "en") -> list[str]:
    """Return the steps with the side filled in; for each side, a last step says to do the other one too.

    With no side given, that last step comes only when a step names a side.
    """
    lines = list(steps)
    filled = [line_for(line, side, language) for line in lines]
    both = side == "each" or (side not in OTHER_SIDE and filled != lines)
    return [*filled, languages.of(language).words.then_the_other] if both else filled


def dose_words(
    sets: int | None,
    reps: int | None,
    hold_s: int | None,
    minutes: int | None,
    times_per_day: int | None,
    days_per_week: int | None,
    side: str = "",
    tempo_s: int | None = None,
    rest_s: int | None = None,
    *,
    language: str = "en",
) -> list[str]:
    """Return a dose as short phrases: “Hold 30 seconds”, “3 times”, “left side”, “2 times a day”.

    What goes without saying is left out: one set, and every day of the week. `tempo_s` is seconds each way,
    `rest_s` the rest between sets.
    """
    said = languages.of(language)
    dose = said.words.dose
    words = [
        said.counted(dose.minutes, minutes) if minutes else "",
        fill(dose.hold, time=_time(said, hold_s)) if hold_s else "",
        said.counted(dose.times, reps) if reps else "",
        fill(dose.each_way, time=_time(said, tempo_s)) if tempo_s else "",
    ]
    if sets and sets > 1:
        words.append(said.counted(dose.sets, sets))
        words.append(fill(dose.rest, time=_time(said, rest_s)) if rest_s else "")
    words.append(dose.sides.get(side, ""))
    words.append(said.counted(dose.times_a_day, times_per_day) if times_per_day else "")
    if days_per_week and days_per_week < 7:
        words.append(said.counted(dose.days_a_week, days_per_week))
    return [word for word in words if word]


def range_words(low: int | None, high: int | None, unit: str) -> str:
    """Return “8 to 12 times”, or “” when the dose has no upper end; the unit is singular. English alone."""
    return f"{low} to {high} {unit}s" if low and high and high > low else ""


def _near_and_far(side: str) -> tuple[str, str]:
    near = side if side in OTHER_SIDE else SHOWN_FIRST
    return near, OTHER_SIDE[near]


def _time(said: languages.Language, seconds: int) -> str:
    whole_minutes, rest = divmod(seconds, 60)
    if whole_minutes > 1 and not rest:
        return said.counted(said.words.dose.minutes, whole_minutes)
    return said.counted(said.words.dose.seconds, seconds)
