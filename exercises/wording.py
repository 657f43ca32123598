"""What a person reads about an exercise: its lines with the side filled in, and its dose in words.

Plain Python without Django. Every page and every handout takes these words from here.
"""

from collections.abc import Iterable

OTHER_SIDE = {"left": "right", "right": "left"}
SIDE_WORDS = {"left": "left side", "right": "right side", "each": "each side"}
SHOWN_FIRST = "right"
THEN_THE_OTHER = {
    "en": "Then do the same on your other side.",
    "es": "Luego haga lo mismo con el otro lado.",
}
# Spanish has two genders: “el pie derecho”, “la pierna derecha”.
SIDES_IN_TEXT = {
    "en": {"left": ("left", "left"), "right": ("right", "right")},
    "es": {"left": ("izquierdo", "izquierda"), "right": ("derecho", "derecha")},
}


def line_for(line: str, side: str, language: str = "en") -> str:
    """Return one line with {side} and {other} as words; without a single side it reads for the right.

    {side_f} and {other_f} are the feminine forms.
    """
    near = side if side in OTHER_SIDE else SHOWN_FIRST
    words = SIDES_IN_TEXT[language]
    for name, (masculine, feminine) in (("side", words[near]), ("other", words[OTHER_SIDE[near]])):
        line = line.replace(f"{{{name}}}", masculine).replace(f"{{{name}_f}}", feminine)
    return line


def steps_for(steps: Iterable[str], side: str, language: str = "en") -> list[str]:
    """Return the steps with the side filled in; for each side, a last step says to do the other one too.

    With no side given, that last step comes only when a step names a side.
    """
    lines = list(steps)
    filled = [line_for(line, side, language) for line in lines]
    both = side == "each" or (side not in OTHER_SIDE and filled != lines)
    return [*filled, THEN_THE_OTHER[language]] if both else filled


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
) -> list[str]:
    """Return a dose as short phrases: “Hold 30 seconds”, “3 times”, “left side”, “2 times a day”.

    What goes without saying is left out: one set, and every day of the week. `tempo_s` is seconds each way,
    `rest_s` the rest between sets.
    """
    words = [_duration(minutes), f"Hold {_seconds(hold_s)}" if hold_s else "", _count(reps, "time")]
    if tempo_s:
        words.append(f"{_seconds(tempo_s)} each way")
    if sets and sets > 1:
        words.append(_count(sets, "set"))
        words.append(f"rest {_seconds(rest_s)} between sets" if rest_s else "")
    words.append(SIDE_WORDS.get(side, ""))
    if times_per_day:
        words.append("once a day" if times_per_day == 1 else f"{times_per_day} times a day")
    if days_per_week and days_per_week < 7:
        words.append(f"{_count(days_per_week, 'day')} a week")
    return [word for word in words if word]


def range_words(low: int | None, high: int | None, unit: str) -> str:
    """Return “8 to 12 times”, or “” when the dose has no upper end; the unit is singular."""
    return f"{low} to {high} {unit}s" if low and high and high > low else ""


def _count(number: int | None, noun: str) -> str:
    if not number:
        return ""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _duration(minutes: int | None) -> str:
    return _count(minutes, "minute")


def _seconds(seconds: int) -> str:
    whole_minutes, rest = divmod(seconds, 60)
    return _count(whole_minutes, "minute") if whole_minutes > 1 and not rest else _count(seconds, "second")
