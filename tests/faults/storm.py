"""One clinic asks for many handouts within seconds while another one works; how long each waits is measured."""

import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread

from tests.faults.websites import Website

LAYOUTS = ("standard", "large", "compact", "cards", "checklist")
GIVEN_UP_S = 400  # so that figures come out on a machine that is far too busy, too
PDF_EVERY_S, PAGE_EVERY_S = 1.0, 0.1


@dataclass
class Waits:
    """Seconds that people waited for what they asked, and what they were answered on the way."""

    seconds: list[float] = field(default_factory=list, repr=False)
    answers: dict[int, int] = field(default_factory=dict)
    all_done_s: float = 0
    _door: Lock = field(default_factory=Lock)

    def note(self, status: int) -> None:
        with self._door:
            self.answers[status] = self.answers.get(status, 0) + 1

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1] if len(self.seconds) > 1 else max(self.seconds)


def person(website: Website, session: str) -> Website:
    """Return the site as somebody of a clinic asks it."""
    return replace(website, headers={"Cookie": f"sessionid={session}"}, patience_s=GIVEN_UP_S)


def flood(website: Website, programs: Sequence[int], *, count: int, within_s: float) -> Waits:
    """Ask for so many handouts, one after the other without waiting for any; return when all are there."""
    waits, begun = Waits(), time.monotonic()

    def ask(number: int) -> None:
        time.sleep(max(0, begun + number * within_s / count - time.monotonic()))
        address = f"/programs/{programs[number % len(programs)]}/preview.pdf?layout={LAYOUTS[number % len(LAYOUTS)]}"
        _fetch(website, address, waits)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(ask, range(count)))
    waits.all_done_s = time.monotonic() - begun
    return waits


def _fetch(website: Website, address: str, waits: Waits) -> None:
    """Ask as a browser does, which asks again when it is told to."""
    begun = time.monotonic()
    while time.monotonic() - begun < GIVEN_UP_S:
        status, headers, content = website.ask("GET", address)
        waits.note(status)
        if status != 503:
            assert (status, content[:4]) == (200, b"%PDF")
            waits.seconds.append(time.monotonic() - begun)
            return
        time.sleep(int(headers["Retry-After"]))
    raise AssertionError(f"{address} never came")


@contextmanager
def at_work(website: Website, program: int) -> Iterator[tuple[Waits, Waits]]:
    """Ask for pages and now and then for a handout meanwhile; yields how long the pages and the handouts took."""
    pages, sheets, over = Waits(), Waits(), Event()

    def look() -> None:
        while not (over.wait(PAGE_EVERY_S) and pages.seconds):
            begun = time.monotonic()
            pages.note(website.ask("GET", f"/programs/{program}/")[0])
            pages.seconds.append(time.monotonic() - begun)

    def draw() -> None:
        while not (over.wait(PDF_EVERY_S) and sheets.seconds):
            _fetch(website, f"/programs/{program}/preview.pdf", sheets)

    people = [Thread(target=look), Thread(target=draw)]
    for one in people:
        one.start()
    try:
        yield pages, sheets
    finally:
        over.set()
        for one in people:
            one.join()
