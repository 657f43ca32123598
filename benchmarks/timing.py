"""Timing for benchmarks: interleaved rounds, so that a slow minute of the machine hits all candidates alike."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one candidate over all rounds."""

    name: str
    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.rounds)


def interleaved(candidates: dict[str, Callable[[], object]], *, rounds: int, settle: float = 0) -> dict[str, Timing]:
    """Run each candidate once to warm up, then all in turn, `rounds` times; return their timings by name.

    Before each the garbage of the others is collected, and `settle` seconds pass for what they do on the side.
    """
    for run in candidates.values():
        run()
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            gc.collect()
            time.sleep(settle)
            start = time.perf_counter()
            run()
            found[name].append((time.perf_counter() - start) * 1000)
    return {name: Timing(name, tuple(times)) for name, times in found.items()}


def table(timings: dict[str, Timing], *, reference: str) -> str:
    """Return a table of median, fastest and slowest milliseconds, and the ratio to the reference's median."""
    base = timings[reference].median
    lines = [f"{'':24}{'median ms':>10}{'min':>9}{'max':>9}{'ratio':>8}"]
    for timing in timings.values():
        low, high = min(timing.rounds), max(timing.rounds)
        lines.append(f"{timing.name:24}{timing.median:10.1f}{low:9.1f}{high:9.1f}{timing.median / base:8.2f}")
    return "\n".join(lines)
