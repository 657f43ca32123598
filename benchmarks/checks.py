"""How long the checks take on programs of nine items, and the catalog to load, against a fixed piece of Python work."""

import json
import random
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.management import call_command
from django.test.utils import setup_databases, teardown_databases

from benchmarks.timing import Timing, interleaved, table
from exercises import catalog_files, known, loading
from exercises.facts import CatalogFacts
from programs import checks
from programs.checks.facts import ItemFacts, PatientFacts, StageFacts

ROUNDS = 12
PROGRAMS = 24
ITEMS = 9
HOUSEHOLD = frozenset({"bed", "chair", "wall", "counter", "pillow", "towel", "mat"})


def main() -> None:
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("migrate", verbosity=0)
        start = time.perf_counter()
        loading.load(catalog_files.read(settings.CATALOG_DIR))
        load_s = time.perf_counter() - start
        catalog = known.catalog()
    finally:
        teardown_databases(databases, verbosity=0)
    programs = [program(catalog, seed) for seed in range(PROGRAMS)]
    candidates: dict[str, Callable[[], object]] = {"python work": python_work}
    for name, run in (("verdicts alone", checks.find), ("verdicts and fixes", checks.check)):
        candidates |= {f"{name} {number}": partial(run, stage) for number, stage in enumerate(programs)}
    measured = interleaved(candidates, rounds=ROUNDS)
    timings = {
        name: Timing(
            name, tuple(time for each, timing in measured.items() if each.startswith(name) for time in timing.rounds)
        )
        for name in ("python work", "verdicts alone", "verdicts and fixes")
    }
    print(f"{len(programs)} programs of {ITEMS} items, {len(catalog.exercises)} exercises")
    print(table(timings, reference="python work"))
    per_program = timings["verdicts and fixes"].median
    print(
        json.dumps(
            {
                "verdicts_ms": round(timings["verdicts alone"].median, 3),
                "checks_ms": round(per_program, 3),
                "ratio": round(per_program / timings["python work"].median, 3),
                "load_s": round(load_s, 2),
            }
        )
    )


def program(catalog: CatalogFacts, seed: int) -> StageFacts:
    """Return a stage of nine exercises that suit one driver, for a patient with two precautions."""
    rng = random.Random(seed)  # the same programs every time
    driver = list(catalog.drivers.values())[seed % len(catalog.drivers)]
    suited = [row for row in catalog.exercises.values() if driver.slug in row.primary_for | row.secondary_for]
    chosen = sorted(rng.sample(suited, ITEMS), key=lambda row: row.phase.rank)
    items = tuple(ItemFacts(key, row, row.phase) for key, row in enumerate(chosen, start=1))
    patient = PatientFacts(
        drivers=(driver,),
        irritability="high" if seed % 3 == 0 else "moderate",
        affected_side="left",
        precautions=tuple(rng.sample(list(catalog.precautions.values()), 2)),
        equipment=HOUSEHOLD,
        tight=dict.fromkeys(driver.tight, "both"),
        weak=dict.fromkeys(driver.weak, "both"),
    )
    return StageFacts(items, patient, "w0_2", catalog)


def python_work() -> int:
    """A fixed workload: sets, sorting and small objects, as the checks do."""
    total = 0
    for start in range(200):
        numbers = {(start * 7919 + step * 104729) % 1009 for step in range(60)}
        total += sum(sorted(numbers)[:10]) + len(frozenset(numbers) & frozenset(range(0, 1009, 3)))
    return total


main()
