"""A dose: its fields, and how long it takes."""

from typing import Protocol

SECONDS_PER_MOVING_REP = 4
DOSE = ("sets", "reps", "hold_s", "minutes", "times_per_day", "days_per_week")


class Dosed(Protocol):
    """Anything with a dose: an item of a program, or the usual dose of an exercise."""

    @property
    def sets(self) -> int: ...
    @property
    def reps(self) -> int | None: ...
    @property
    def hold_s(self) -> int | None: ...
    @property
    def minutes(self) -> int | None: ...
    @property
    def times_per_day(self) -> int: ...


def seconds_a_day(dose: Dosed, side: str) -> int:
    """Return the seconds a day: sets × reps × (hold, or 4 s) × sides × times a day, or the stated minutes."""
    if dose.minutes:
        return dose.minutes * 60 * dose.times_per_day
    sides = 2 if side == "each" else 1
    return dose.sets * (dose.reps or 1) * (dose.hold_s or SECONDS_PER_MOVING_REP) * sides * dose.times_per_day


def minutes(seconds: int) -> int:
    """Return whole minutes as a person would say them: rounded, and at least one when there is anything."""
    return max(1, round(seconds / 60)) if seconds else 0
