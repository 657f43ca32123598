"""How long 10,000 exercises take to be compared and imported, from each format, and what memory that takes.

Seconds are the processor's, so that a busy machine says the same as an idle one; the database is SQLite in memory.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator

from django.conf import settings
from django.core.management import call_command
from django.test.utils import setup_databases, teardown_databases

from clinics.models import User
from exercises import catalog_files, known, loading, row_values
from exercises.exchange import planning, storing, writing
from exercises.exchange.columns import Cells
from exercises.models import Exercise

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000


def main() -> None:
    databases = setup_databases(verbosity=0, interactive=False)
    found: dict[str, object] = {"rows": ROWS}
    print(f"{'':24}{'CPU s':>9}{'rows/s':>9}")
    try:
        call_command("migrate", verbosity=0)
        loading.load(catalog_files.read(settings.CATALOG_DIR))
        user = User.objects.create(email="editor@clinic.invalid", name="Editor", password="!")
        known_columns = planning.all_columns()
        rows = list(copies(ROWS))
        for kind in ("yaml", "csv", "xlsx"):
            content = b"".join(writing.write(rows, kind, known_columns))
            found |= dry_run(kind, content)
            if kind == "csv":
                found |= run(kind, content, user)
    finally:
        teardown_databases(databases, verbosity=0)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(found))


def copies(count: int) -> Iterator[Cells]:
    """Yield the shipped exercises again and again under other names."""
    known_columns = planning.all_columns()
    shipped = [planning.cells_of(row, known_columns) for row in row_values.with_values(Exercise)]
    for number in range(count):
        cells = shipped[number % len(shipped)]
        name = f"{cells['name']} {number}"
        yield cells | {"slug": f"copy-{number}", "name": name, "note": f"Copy {number} of {cells['slug']}."}


def dry_run(kind: str, content: bytes) -> dict[str, object]:
    start = time.process_time()
    plan = planning.plan(content, kind)
    seconds = time.process_time() - start
    if plan.mistakes:
        raise SystemExit(f"The benchmark's own file is wrong: {plan.mistakes[:3]}")
    return said(f"{kind} dry run", seconds) | {f"{kind}_mb": round(len(content) / 1e6, 1)}


def run(kind: str, content: bytes, user: User) -> dict[str, object]:
    """Import as a job does: compare, then write what is new; then compare what is all the same by now."""
    start = time.process_time()
    plan = planning.plan(content, kind)
    compared = time.process_time()
    storing.write(plan, by=user, edition=known.current_edition().number)
    written = time.process_time()
    return said(f"{kind} run", written - start) | said(f"{kind} write alone", written - compared)


def said(name: str, seconds: float) -> dict[str, object]:
    print(f"{name:24}{seconds:9.1f}{ROWS / seconds:9.0f}")
    return {f"{name.replace(' ', '_')}_s": round(seconds, 2)}


if __name__ == "__main__":
    main()
