"""What row-level security costs the builder on PostgreSQL: its page and edits as the site's role, and as a superuser.

A superuser passes every policy by. Both are measured in turn, beside a bare view. Run it under script/with-postgres.
"""

import json
from statistics import median

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from benchmarks import builder
from clinics import row_security, wall
from exercises import catalog_files, loading

ROLE = "bench_site"
TURNS = 15  # in short turns, so that what else the machine does falls on both alike


def main() -> None:
    settings.ROOT_URLCONF = "benchmarks.builder"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("migrate", verbosity=0)
        loading.load(catalog_files.read(settings.CATALOG_DIR))
        found = measured()
    finally:
        teardown_databases(databases, verbosity=0)
    show(*found.values())


@wall.all_clinics("the benchmark makes its own clinic")
def measured() -> dict[str, dict[str, list[float]]]:
    """Return milliseconds by candidate, for each role."""
    client, programs = builder.clinic()
    run(*row_security.grants(ROLE), "ANALYZE")
    found: dict[str, dict[str, list[float]]] = {"RESET ROLE": {}, f"SET ROLE {ROLE}": {}}
    for _ in range(TURNS):
        for role, timings in found.items():
            run(role)
            for name, timing in builder.round_by_round(client, programs).items():
                timings.setdefault(name, []).extend(timing.rounds)
    run("RESET ROLE", f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}")
    return found


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def show(without: dict[str, list[float]], behind: dict[str, list[float]]) -> None:
    ratios = {}
    print(f"{'':12}{'without':>10}{'behind the wall':>18}{'ratio':>8}")
    for name, spent in without.items():
        before, after = median(spent), median(behind[name])
        ratios[name] = round(after / before, 2)
        print(f"{name:12}{before:10.1f}{after:18.1f}{ratios[name]:8.2f}")
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
