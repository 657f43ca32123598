"""How long a backup and its restore take, and how large it is: script/bench backup, on SQLite.

The rows are handouts' PDFs of random bytes beside small ones, about as a clinic's are. RELEASEFIRST_DEEP=1 takes 1 GB.
Seconds are of the clock, as a person waits them; the disk's cache may be warm.
"""

import base64
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from clinics import backups
from clinics.models import Clinic, ClinicLogo

MEGABYTES = 1000 if os.environ.get("RELEASEFIRST_DEEP") else 50
PDF = 120_000  # bytes of a usual handout
SMALL_ROWS = 20  # the log and what else a handout brings with it


def main() -> None:
    found: dict[str, Any] = {"mb": MEGABYTES}
    with tempfile.TemporaryDirectory() as name:
        live, empty = Path(name) / "live", Path(name) / "empty"
        at(live)
        call_command("migrate", verbosity=0)
        fill()
        path, found["backup_s"] = timed(lambda: backups.make(live))
        found["backup_mb"] = round(path.stat().st_size / 1e6, 1)
        _, found["check_s"] = timed(lambda: backups.check(path))
        at(empty)
        _, found["restore_s"] = timed(lambda: backups.restore(path))
        connection.close()
    found["restore_s_per_gb"] = round(found["restore_s"] / found["backup_mb"] * 1000, 1)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for what, value in found.items():
        print(f"{what:20}{value:>10}")
    print(json.dumps(found))


def at(folder: Path) -> None:
    """Let the settings lead to that folder."""
    folder.mkdir(mode=0o700)
    settings.VAR_DIR, settings.FIGURES_DIR = folder, folder / "figures"
    settings.BACKUP_KEYS = [base64.b64encode(b"k" * 32).decode()]
    connection.close()
    connection.settings_dict["NAME"] = str(folder / "site.sqlite3")


def fill() -> None:
    for number in range(MEGABYTES * 1_000_000 // PDF):
        clinic = Clinic.objects.create(name=f"Clinic {number}")
        ClinicLogo.objects.create(clinic=clinic, png=os.urandom(PDF))
        Clinic.objects.bulk_create(
            Clinic(name=f"Clinic {number}-{small}", address="12 Shore Road") for small in range(SMALL_ROWS)
        )


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    came = act()
    return came, round(time.perf_counter() - start, 2)


if __name__ == "__main__":
    main()
