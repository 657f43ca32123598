"""A dose: its fields, how long it takes, and how it is said."""

from typing import Protocol

from exercises import wording

SECONDS_PER_MOVING_REP = 4
DOSE = ("sets", "reps", "hold_s", "minutes", "times_per_day", "days_per_week")
# An item may say more than the catalog: seconds each way, and seconds of rest between sets.
GIVEN = (*DOSE, "tempo_s", "rest_s")


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
    def tempo_s(self) -> int | None: ...
    @property
    def rest_s(self) -> int | None: ...
    @property
    def times_per_day(self) -> int: ...
    @property
    def days_per_week(self) -> int: ...


def seconds_a_day(dose: Dosed, side: str) -> int:
    """Return the seconds a day: sets × reps × (hold, or 4 s) × sides × times a day, or the stated minutes.

    Where a tempo is given, a repetition takes that long there and back, besides its hold; rest between sets counts.
    """
    if dose.minutes:
        return dose.minutes * 60 * dose.times_per_day
    sides = 2 if side == "each" else 1
    moving = 2 * dose.tempo_s + (dose.hold_s or 0) if dose.tempo_s else dose.hold_s or SECONDS_PER_MOVING_REP
    once = dose.sets * (dose.reps or 1) * moving + (dose.sets - 1) * (dose.rest_s or 0)
    return once * sides * dose.times_per_day


def minutes(seconds: int) -> int:
    """Return whole minutes as a person would say them: rounded, and at least one when there is anything."""
    return max(1, round(seconds / 60)) if seconds else 0


def words_of(dose: Dosed, side: str, language: str = "en") -> list[str]:
    """Return all that a dose says as short phrases: “10 times”, “3 seconds each way”, “left side”, “once a day”."""
    return wording.dose_words(side=side, language=language, **{name: getattr(dose, name) for name in GIVEN})
