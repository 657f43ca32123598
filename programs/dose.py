"""How long a dose takes."""

from typing import Protocol

SECONDS_PER_MOVING_REP = 4


class Dosed(Protocol):
    """Anything with a dose: an item of a program."""

    sets: int
    reps: int | None
    hold_s: int | None
    minutes: int | None
    times_per_day: int
    side: str


def seconds_a_day(item: Dosed) -> int:
    """Return the seconds a day: sets × reps × (hold, or 4 s) × sides × times a day, or the stated minutes."""
    if item.minutes:
        return item.minutes * 60 * item.times_per_day
    sides = 2 if item.side == "each" else 1
    return item.sets * (item.reps or 1) * (item.hold_s or SECONDS_PER_MOVING_REP) * sides * item.times_per_day


def minutes(seconds: int) -> int:
    """Return whole minutes as a person would say them: rounded, and at least one when there is anything."""
    return max(1, round(seconds / 60)) if seconds else 0
