"""The catalog's pages with 10,000 exercises and 2,000 programs, on SQLite and PostgreSQL: queries, time, size.

Lists, searches and filters of the admin, the list of exercises, how they are used, the builder's panel. Each is
measured beside a bare view of the same site in the same run, with the shipped catalog first. The last line is JSON: the
worst of both databases at 10,000.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases
from django.utils import timezone

from benchmarks import builder as builder_benchmark
from clinics import wall
from clinics.models import Clinic, User
from exercises import catalog_files, loading
from exercises.models import Driver, Exercise
from patients.models import Assessment, Patient
from programs.models import ExerciseUse, Item, Program, Stage

ROUNDS = int(os.environ.get("ROUNDS", "5"))
PROGRAMS, ITEMS, EDITS = 2_000, 6, 10
MANY = builder_benchmark.MANY
ADMIN = "/admin/exercises/exercise/"
COMPLETE = "/admin/autocomplete/?app_label=exercises&model_name=exercise&field_name=progression&term="
EDITORS = {
    "list": "/exercises/",
    "list, last page": "/exercises/?page=9999",
    "list, search": "/exercises/?q=stretch+hip",
    "list, phase": "/exercises/?phase=strengthen",
    "list, driver": "/exercises/?driver=disc",
    "admin": ADMIN,
    "admin, later page": f"{ADMIN}?p=60",
    "admin, search": f"{ADMIN}?q=bridge",
    "admin, filters": f"{ADMIN}?status__exact=published&phase__exact=strengthen",
    "admin, driver": f"{ADMIN}?suits_primary__id__exact=1",
    "admin, complete": f"{COMPLETE}bri",
    "use": "/catalog/use/",
    "use, unused": "/catalog/use/?list=unused",
    "use, overridden": "/catalog/use/?list=overridden",
    "use, replaced": "/catalog/use/?list=replaced",
    "use of one": "/catalog/use/bridge/",
}


@dataclass
class Measured:
    """One page: how many queries, how many milliseconds in each round, how many KB."""

    queries: int
    kb: float
    rounds: list[float] = field(default_factory=list)

    @property
    def ms(self) -> float:
        return median(self.rounds)


def main() -> None:
    found = {connection.vendor: measured()}
    if "DATABASE_URL" in os.environ:
        print(json.dumps(found["postgresql"]))
        return
    again = [str(builder_benchmark.ROOT / "script" / "with-postgres"), sys.executable]
    said = subprocess.run(
        [*again, "-W", "ignore", "-m", "benchmarks.catalog"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    print("\n".join(said[:-1]))
    found["postgresql"] = json.loads(said[-1])
    print(json.dumps({"most": worst(list(found.values())), **found}))


def worst(found: list[dict[str, dict[str, float]]]) -> dict[str, float]:
    pages = [page for each in found for page in each.values()]
    return {name: max(page[name] for page in pages) for name in ("queries", "ms", "ratio_bare", "kb")}


@wall.all_clinics("a benchmark makes its own clinics")
def measured() -> dict[str, dict[str, float]]:
    """Print a table and return what each page took at 10,000 exercises."""
    settings.ROOT_URLCONF = "benchmarks.builder"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("migrate", verbosity=0)
        loading.load(catalog_files.read(settings.CATALOG_DIR))
        few = Exercise.objects.published().count()
        client, programs = builder_benchmark.clinic()
        pages = dict.fromkeys(("bare",), "/bare/") | EDITORS
        program = f"/programs/{programs[4].pk}/"
        builders = {"builder": program, "builder, search": f"{program}catalog/?q=stretch"}
        by = editor()
        small = round_by_round(by, pages) | round_by_round(client, builders)
        builder_benchmark.grow(MANY - few)
        use()
        large = round_by_round(by, pages) | round_by_round(client, builders)
    finally:
        teardown_databases(databases, verbosity=0)
    return summary(small, large, few)


def editor() -> Client:
    user = User.objects.create(email="editor@bench.invalid", name="Ed", password="!", is_staff=True, is_superuser=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def use() -> None:
    """Put every third exercise into programs of as many patients, with edits, swaps and accepted warnings."""
    by, place = User.objects.get(email="bench@clinic.invalid"), Clinic.objects.get()
    drivers = list(Driver.objects.order_by("order"))
    exercises = list(Exercise.objects.published().order_by("slug")[::3])
    patients = Patient.objects.bulk_create(
        [Patient(clinic=place, name=f"Use {number}", folded_name=f"use {number}") for number in range(PROGRAMS)],
        batch_size=500,
    )
    Assessment.objects.bulk_create(
        Assessment(patient=patient, by=by, affected_side="left", irritability="low", driver=drivers[number % 6])
        for number, patient in enumerate(patients)
    )
    chosen = [[exercises[(number * 5 + at * at) % len(exercises)] for at in range(ITEMS)] for number in range(PROGRAMS)]
    programs = Program.objects.bulk_create(
        [
            Program(patient=patient, created_by=by, accepted=_accepted(rows[0]), edits=_edits(rows))
            for patient, rows in zip(patients, chosen, strict=True)
        ],
        batch_size=500,
    )
    stages = Stage.objects.bulk_create([Stage(program=program, slug=program.stage_slug) for program in programs])
    Item.objects.bulk_create(
        [
            Item(stage=stage, exercise=row, position=at, phase=row.phase, reps=10)
            for stage, rows in zip(stages, chosen, strict=True)
            for at, row in enumerate(rows, start=1)
        ],
        batch_size=500,
    )
    ExerciseUse.objects.bulk_create([ExerciseUse(clinic=place, exercise=row, times=7) for row in exercises])


def _accepted(row: Exercise) -> dict[str, Any]:
    said = {"reason": "Agreed with the patient.", "by": "Bench", "sentence": "Late.", "exercise": row.slug}
    return {"w0_2": {"phase_order:1:Late": said}}


def _edits(rows: list[Exercise]) -> dict[str, Any]:
    """Return a program's last edits: a third swap an exercise, the others change a dose."""
    done = []
    for number in range(EDITS):
        was, now = rows[number % ITEMS], rows[(number + (number % 3 == 0)) % ITEMS]
        row = {"key": 1, "phase": was.phase, "reps": 10, "sets": 2}
        done.append(
            {
                "label": "Edited",
                "by": "Bench",
                "version": number,
                "stage": "w0_2",
                "was": {"1": row | {"exercise": was.slug}},
                "now": {"1": row | {"exercise": now.slug, "reps": 12}},
                "order_was": [],
                "order_now": [],
                "fields": {},
            }
        )
    return {"done": done, "undone": [], "sent": [], "at": str(timezone.now())}


def round_by_round(client: Client, pages: dict[str, str]) -> dict[str, Measured]:
    """Measure all pages in turn, each once before to warm up and to count its queries."""
    found = {}
    for name, address in pages.items():
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        assert response.status_code == 200, (name, response.status_code)
        found[name] = Measured(len(captured), len(response.content) / 1024)
    for _ in range(ROUNDS):
        for name, address in pages.items():
            start = time.perf_counter()
            client.get(address)
            found[name].rounds.append((time.perf_counter() - start) * 1000)
    return found


def summary(small: dict[str, Measured], large: dict[str, Measured], few: int) -> dict[str, dict[str, float]]:
    bare = large["bare"].ms
    print(f"{connection.vendor}, {ROUNDS} rounds; ratio is to a bare view of {bare:.2f} ms")
    print(f"{'':20}{few:>6} exercises: queries     ms  {MANY} and {PROGRAMS} programs: queries     ms   ratio      KB")
    for name, page in large.items():
        before = small[name]
        print(
            f"{name:20}{before.queries:>26}{before.ms:>7.0f}"
            f"{page.queries:>39}{page.ms:>7.0f}{page.ms / bare:>8.1f}{page.kb:>8.0f}"
        )
    return {
        name: {
            "queries": page.queries,
            "ms": round(page.ms, 1),
            "ratio_bare": round(page.ms / bare, 1),
            "kb": round(page.kb),
        }
        for name, page in large.items()
    }


if __name__ == "__main__":
    main()
