"""The builder's page, search and edits on SQLite and PostgreSQL: how they grow with catalog and program.

Each is measured beside a bare view of the same site in the same run. The catalog grows from the shipped exercises to
10,000, the program from 4 items to 40. Growth by the catalog is the ratio of ratios to the bare view, as the two
catalogs can't lie in one database at a time.
"""

import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from django.urls import include, path
from django.utils import timezone

from clinics import wall
from clinics.models import Clinic, Membership, Role, User
from exercises import catalog_files, known, loading
from exercises.models import Driver, Exercise, ExerciseText, Precaution
from patients import assessing, records
from programs import builder
from programs.models import Program, Stage

ROUNDS = int(os.environ.get("ROUNDS", "40"))
MANY = 10_000
SIZES = (4, 40)
ROOT = Path(settings.BASE_DIR)


def bare(request: HttpRequest) -> HttpResponse:
    """Answer a signed-in person with a word: what the site costs without a page."""
    return HttpResponse("ok")


# A page that clinics/access.csv doesn't name isn't served: this one goes by the name of one that it does.
urlpatterns = [path("bare/", bare, name="signed_in"), path("", include("config.urls"))]


@dataclass
class Timing:
    """Milliseconds of one candidate."""

    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def p95(self) -> float:
        return quantiles(self.rounds, n=20)[-1]


def main() -> None:
    found = {"sqlite": measured()} if "DATABASE_URL" not in os.environ else {"postgresql": measured()}
    if "postgresql" in found:
        print(json.dumps(found["postgresql"]))
        return
    again = [str(ROOT / "script" / "with-postgres"), sys.executable, "-W", "ignore", "-m", "benchmarks.builder"]
    said = subprocess.run(again, check=True, capture_output=True, text=True).stdout.splitlines()
    print("\n".join(said[:-1]))
    found["postgresql"] = json.loads(said[-1])
    worst = {
        part: {name: max(each[part][name] for each in found.values()) for name in found["sqlite"][part]}
        for part in ("growth", "ratio_bare")
    }
    print(json.dumps({**worst, **found}))


@wall.all_clinics("a benchmark makes its own clinics")
def measured() -> dict[str, dict[str, float]]:
    """Print a table and return growth and ratios on the database at hand."""
    settings.ROOT_URLCONF = "benchmarks.builder"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("migrate", verbosity=0)
        loading.load(catalog_files.read(settings.CATALOG_DIR))
        few = Exercise.objects.published().count()
        client, programs = clinic()
        timings = {few: round_by_round(client, programs)}
        grow(MANY - few)
        timings[MANY] = round_by_round(client, programs)
    finally:
        teardown_databases(databases, verbosity=0)
    return summary(timings, few)


def clinic() -> tuple[Client, dict[int, Program]]:
    """Return a signed-in therapist and a program of each size."""
    user = User.objects.create(email="bench@clinic.invalid", name="Bench Person", password="!")
    place = Clinic.objects.create(name="Bench", requires_second_factor=False)
    Membership.objects.create(clinic=place, user=user, role=Role.THERAPIST)
    driver = Driver.objects.get(slug="piriformis")
    suiting = list(Exercise.objects.published().filter(suits_primary=driver).order_by("slug"))
    rest = list(Exercise.objects.published().exclude(suits_primary=driver).order_by("slug"))
    programs = {}
    for size in SIZES:
        values = {"name": f"Bench {size}", "birth_date": None, "email": "", "phone": "", "contact_note": ""}
        patient = records.create(place, values, by=user)
        said = {
            "affected_side": "left",
            "driver": driver,
            "irritability": "moderate",
            "precautions": Precaution.objects.filter(slug="pregnancy"),
            "equipment": assessing.household(),
        }
        findings = assessing.usual_findings(driver, "left")
        assessing.save(patient, said, findings=findings, based_on=None, at=timezone.now(), by=user)
        program = builder.start(patient, protocol=None, by=user)
        chosen = [*suiting, *rest][:size]
        rows = [
            {
                "exercise": row,
                "phase": row.phase,
                "side": "left",
                "reps": row.reps,
                "hold_s": row.hold_s,
                "minutes": row.minutes,
            }
            for row in chosen
        ]
        stage = Stage.objects.get(program=program, slug="w0_2")
        builder.fill(stage, rows, seen_version=program.version, by=user)
        programs[size] = program
    client = Client(headers={"X-Requested-With": "fetch"}, SERVER_NAME="localhost")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client, programs


def round_by_round(client: Client, programs: dict[int, Program]) -> dict[str, Timing]:
    """Measure all candidates in turn; each is run twice before, to warm up."""
    timings: dict[str, Timing] = {}
    candidates = list(runs(client, programs))
    for number in range(ROUNDS + 2):
        for name, run, after in candidates:
            start = time.perf_counter()
            response = run()
            spent = (time.perf_counter() - start) * 1000
            assert response.status_code == 200, (name, response.status_code, response.content[:300])
            after()
            if number >= 2:
                timings.setdefault(name, Timing()).rounds.append(spent)
    return timings


Run = tuple[str, Callable[[], Any], Callable[[], object]]


def runs(client: Client, programs: dict[int, Program]) -> Iterator[Run]:
    """Yield name, what is timed, and what puts it back."""
    yield "bare", lambda: client.get("/bare/"), lambda: None
    words = itertools.cycle(("butt", "hamsting", "bridge chair", "pir", ""))
    for size, program in programs.items():
        page, edit, find = (f"/programs/{program.pk}/{end}" for end in ("", "edit/", "catalog/"))
        first = Stage.objects.get(program=program, slug="w0_2").items.order_by("position")[1].pk
        undo = _posting(client, edit, do="undo")
        newer = _typing(client, edit, first)  # so that no edit is one that was checked before
        yield f"page {size}", _getting(client, page), newer
        yield f"add {size}", _posting(client, edit, do="add:clamshell"), undo
        yield f"move {size}", _posting(client, edit, do=f"up:{first}"), _both(undo, newer)
        yield f"dose {size}", _typing(client, edit, first), lambda: None
        if size == SIZES[0]:
            yield "search", partial(_searching, client, find, words), lambda: None


def _searching(client: Client, address: str, words: Iterator[str]) -> Any:
    return client.get(address, {"q": next(words)})


def _both(first: Callable[[], object], second: Callable[[], object]) -> Callable[[], object]:
    return lambda: (first(), second())


def _getting(client: Client, address: str) -> Callable[[], Any]:
    return lambda: client.get(address)


def _typing(client: Client, address: str, item: int) -> Callable[[], Any]:
    numbers = itertools.cycle(("8", "9", "10", "11", "12"))
    return lambda: client.post(address, {"do": "dose", f"reps-{item}": next(numbers)})


def _posting(client: Client, address: str, **fields: str) -> Callable[[], Any]:
    return lambda: client.post(address, fields)


def grow(more: int) -> None:
    """Add published exercises: copies of the shipped ones with other names, levels and attributes."""
    rng = random.Random(7)
    shipped = list(Exercise.objects.published().with_links().prefetch_related("texts").order_by("slug"))
    links = {
        name: getattr(Exercise, name).through
        for name in ("releases", "strengthens", "suits_primary", "suits_secondary")
    }
    columns = {name: through._meta.get_fields()[2].attname for name, through in links.items()}
    copies = []
    for number in range(more):
        source = shipped[number % len(shipped)]
        attributes = [slug for slug in source.attributes if rng.random() > 0.1]
        values = {f.attname: getattr(source, f.attname) for f in Exercise._meta.concrete_fields if f.attname != "id"}
        values |= {
            "slug": f"{source.slug}-{number}",
            "name": f"{source.name} {number}",
            "level": rng.randint(1, 3),
            "attributes": attributes,
            "progression_id": None,
            "regression_id": None,
        }
        copies.append((source, Exercise(**values)))
    with transaction.atomic():
        Exercise.objects.bulk_create([copy for _, copy in copies], batch_size=500)
        ExerciseText.objects.bulk_create(
            [
                ExerciseText(exercise=copy, language=text.language, name=f"{text.name} {copy.pk}", steps=text.steps)
                for source, copy in copies
                for text in source.texts.all()
            ],
            batch_size=500,
        )
        for name, through in links.items():
            through.objects.bulk_create(
                [
                    through(exercise_id=copy.pk, **{columns[name]: other.pk})
                    for source, copy in copies
                    for other in getattr(source, name).all()
                ],
                batch_size=500,
            )
        known.edited()


def summary(timings: dict[int, dict[str, Timing]], few: int) -> dict[str, dict[str, float]]:
    print(f"{connection.vendor}, {ROUNDS} rounds; ratio is to a bare view of {timings[few]['bare'].median:.2f} ms")
    print(f"{'':12}{few:>5} exercises: median      p95    ratio   {MANY}: median      p95    ratio")
    for name in timings[few]:
        parts = []
        for found in timings.values():
            timing = found[name]
            parts.append(f"{timing.median:12.1f}{timing.p95:9.1f}{timing.median / found['bare'].median:9.2f}")
        print(f"{name:18}{'      '.join(parts)}")
    kinds = {"page": ["page"], "edit": ["add", "move", "dose"]}
    growth = {
        kind: max(
            *(by_catalog(timings, few, f"{name} {size}") for name in names for size in SIZES),
            *(found[f"{name} 40"].median / found[f"{name} 4"].median for name in names for found in timings.values()),
        )
        for kind, names in kinds.items()
    }
    growth["search"] = by_catalog(timings, few, "search")
    at_first = timings[few]
    ratio = {
        kind: max(at_first[f"{name} {size}"].median for name in names for size in SIZES) / at_first["bare"].median
        for kind, names in kinds.items()
    }
    return {
        "growth": {name: round(value, 2) for name, value in growth.items()},
        "ratio_bare": {name: round(value, 2) for name, value in ratio.items()},
    }


def by_catalog(timings: dict[int, dict[str, Timing]], few: int, name: str) -> float:
    small, large = timings[few], timings[MANY]
    return (large[name].median / large["bare"].median) / (small[name].median / small["bare"].median)


if __name__ == "__main__":
    main()
