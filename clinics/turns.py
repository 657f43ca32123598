"""A queue for work that a process does one at a time, fair between those for whom it is done."""

from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Event, Lock


class Full(Exception):
    """As many wait as may; try again in a moment."""


class Turns:
    """Lets one thread in at a time: of those that wait, the first of each clinic in turn, however many one has.

    `most` threads may be in or wait, so that the others of the process are left for what is quick, and `most_of_one`
    of them for one clinic.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self.most, self.most_of_one = most, most_of_one
        self._door = Lock()
        self._lines: dict[Hashable, deque[Event]] = {}  # whose turn is next comes first
        self._inside: list[Hashable] = []

    @contextmanager
    def of(self, whose: Hashable) -> Iterator[None]:
        """Wait for a turn. Raises Full at once when there is no room to wait."""
        self._line_up(whose).wait()
        try:
            yield
        finally:
            self._leave()

    def has_room(self, whose: Hashable) -> bool:
        """Return whether one more could wait just now; for those who'd have much to do before."""
        with self._door:
            return self._has_room(whose)

    def waiting(self) -> int:
        """Return how many wait."""
        return sum(map(len, self._lines.values()))

    def _line_up(self, whose: Hashable) -> Event:
        turn = Event()
        with self._door:
            if not self._has_room(whose):
                raise Full
            if self._inside:
                self._lines.setdefault(whose, deque()).append(turn)
            else:
                self._inside.append(whose)
                turn.set()
        return turn

    def _has_room(self, whose: Hashable) -> bool:
        theirs = len(self._lines.get(whose, ())) + self._inside.count(whose)
        return theirs < self.most_of_one and self.waiting() + len(self._inside) < self.most

    def _leave(self) -> None:
        """Let the first of the next clinic in, and put that clinic behind the others."""
        with self._door:
            self._inside.clear()
            if not self._lines:
                return
            whose = next(iter(self._lines))
            line = self._lines.pop(whose)
            self._inside.append(whose)
            line.popleft().set()
            if line:
                self._lines[whose] = line
