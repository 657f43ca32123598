"""How long 10,000 exercises take to be compared and imported, from each format, and what memory that takes.

Each file goes the way of an upload: checked, then imported, which checks it again. Seconds are the processor's, so that
a busy machine says the same as an idle one; on PostgreSQL its server's aren't among them, so the clock's stand beside.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import setup_databases, teardown_databases

from clinics.models import User
from exercises import catalog_files, loading, row_values
from exercises.exchange import jobs, planning, writing
from exercises.exchange.columns import Cells
from exercises.models import CatalogImport, Exercise

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
COLUMNS = ("file MB", "check s", "import s", "both s", "clock s", "peak MB")


def main() -> None:
    databases = setup_databases(verbosity=0, interactive=False)
    found: dict[str, object] = {"rows": ROWS, "database": connection.vendor}
    print(f"{ROWS:,} rows, {connection.vendor}")
    print(f"{'':6}" + "".join(f"{name:>10}" for name in COLUMNS))
    try:
        call_command("migrate", verbosity=0)
        loading.load(catalog_files.read(settings.CATALOG_DIR))
        user = User.objects.create(email="editor@clinic.invalid", name="Editor", password="!")
        for kind in ("yaml", "csv", "xlsx"):
            numbers = measured(kind, user)
            print(f"{kind:6}" + "".join(f"{number:10.1f}" for number in numbers))
            found[kind] = dict(zip(COLUMNS, numbers, strict=True))
    finally:
        teardown_databases(databases, verbosity=0)
    print(json.dumps(found))


def copies(count: int) -> Iterator[Cells]:
    """Yield the shipped exercises again and again under other names."""
    known_columns = planning.all_columns()
    shipped = [planning.cells_of(row, known_columns) for row in row_values.with_values(Exercise)]
    for number in range(count):
        cells = shipped[number % len(shipped)]
        name = f"{cells['name']} {number}"
        yield cells | {"slug": f"copy-{number}", "name": name, "note": f"Copy {number} of {cells['slug']}."}


def measured(kind: str, user: User) -> list[float]:
    """Import a file and undo it; return what COLUMNS names."""
    content = b"".join(writing.write(copies(ROWS), kind, planning.all_columns()))
    forget_peak()
    with transaction.atomic():
        clock, start = time.perf_counter(), time.process_time()
        job = jobs.receive(f"bench.{kind}", content, by=user)
        state, checked = step(job), time.process_time()
        if state.state != "checked" or not state.plan:
            raise SystemExit(f"The benchmark's own file is wrong: {str(state.found)[:300]}")
        jobs.confirm(state, plan=state.plan, by=user)
        state, end = step(job), time.process_time()
        if state.state != "done":
            raise SystemExit(f"It wasn't imported: {state.state}, {state.trouble}")
        wall = time.perf_counter() - clock
        transaction.set_rollback(True)
    numbers = (len(content) / 1e6, checked - start, end - checked, end - start, wall, peak_mb())
    return [round(number, 1) for number in numbers]


def step(job: CatalogImport) -> CatalogImport:
    """Do the job's next step as the worker does; return the row that it leaves."""
    jobs.work.call(job.pk)
    return CatalogImport.objects.get(pk=job.pk)


def forget_peak() -> None:
    """Have Linux count the process's peak memory anew."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """Return the most memory that the process had since then, all of it: Python and Django, too."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    main()
