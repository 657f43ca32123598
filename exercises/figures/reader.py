"""Takes numbers, names and lists out of pose data and keeps a sentence for each that can't be one."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from exercises.figures.geometry import Array, unit, vector

FAR_AWAY = 150.0
WAYS = {
    "down": (0.0, 0.0, -1.0),
    "up": (0.0, 0.0, 1.0),
    "right": (1.0, 0.0, 0.0),
    "left": (-1.0, 0.0, 0.0),
    "near": (0.0, -1.0, 0.0),
    "far": (0.0, 1.0, 0.0),
}


class Reader:
    """Reads the data of one exercise; `where` is the frame, “” for the whole pose."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[str] = []
        self.told: set[str] = set()

    def wrong(self, where: str, what: str) -> None:
        """Keep a mistake; one that a later frame takes over is told once, where it was made."""
        if what in self.told:
            return
        self.told.add(what)
        self.mistakes.append(f"{self.name}, {where}: {what}" if where else f"{self.name}: {what}")

    def number(self, where: str, what: str, value: Any, low: float = -FAR_AWAY, high: float = FAR_AWAY) -> float:
        """Return a number between two limits, or 0."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            self.wrong(where, f"{what} is {value!r}; it must be a number")
            return 0.0
        if not low <= value <= high:
            limit = high if value > high else low
            self.wrong(where, f"{what} is {value:g}, the limit is {limit:g}")
            return 0.0
        return float(value)

    def numbers(self, where: str, what: str, value: Any, count: int = 3) -> list[float]:
        """Return a list of so many numbers, or of zeros."""
        if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != count:
            self.wrong(where, f"{what} is {value!r}; it must be a list of {count} numbers")
            return [0.0] * count
        return [self.number(where, what, each) for each in value]

    def direction(self, where: str, what: str, value: Any) -> Array:
        """Return a direction, given by name or as three numbers."""
        if isinstance(value, str) and value in WAYS:
            return vector(WAYS[value])
        return unit(vector(self.numbers(where, what, value)))

    def choice(self, where: str, what: str, value: Any, allowed: Sequence[str]) -> str:
        """Return one of the names that are allowed, or the first of them."""
        if not isinstance(value, str) or value not in allowed:
            self.wrong(where, f"{what} is {value!r}; it must be one of {', '.join(allowed)}")
            return allowed[0]
        return value

    def items(self, where: str, what: str, value: Any) -> Sequence[Any]:
        """Return a list, or an empty one."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.wrong(where, f"{what} is {value!r}; it must be a list")
            return []
        return value

    def mapping(self, where: str, what: str, value: Any, known: Sequence[str] = ()) -> Mapping[str, Any]:
        """Return named values; `known` are the names there may be."""
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            self.wrong(where, f"{what} is {value!r}; it must have named values")
            return {}
        for key in value:
            if known and key not in known:
                self.wrong(where, f"{key!r} isn't known in {what}; known are {', '.join(known)}")
        return value
