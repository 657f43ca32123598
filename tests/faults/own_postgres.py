"""A PostgreSQL database of a test's own that keeps what it answered, and restarts of its server."""

import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

BINARIES = Path("/usr/lib/postgresql")
NAME = f"work_live_{os.environ.get('PYTEST_XDIST_WORKER', '')}"


def make() -> tuple[dict[str, Any], str]:
    """Make a copy of the tests' database that keeps what it answered, which theirs needn't; return where it is."""
    own = connection.settings_dict
    connection.close()  # a database that somebody is in can't be copied
    on_server(f"CREATE DATABASE {NAME} TEMPLATE {own['NAME']}", f"ALTER DATABASE {NAME} SET synchronous_commit = on")
    return {**own, "NAME": NAME}, urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{NAME}").geturl()


def drop() -> None:
    on_server(f"DROP DATABASE {NAME} WITH (FORCE)")


def on_server(*orders: str) -> None:
    with connection._nodb_cursor() as cursor:
        for order in orders:
            cursor.execute(order)


def folder() -> Path:
    """Return where the tests' server keeps its data."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        found = Path(cursor.fetchone()[0])
    connection.close()  # it would be cut off
    return found


def restart(data: Path, how: str) -> None:
    """Restart the server of that folder as its own user; how is “fast” or “immediate”."""
    owner = data.stat().st_uid
    program = sorted(BINARIES.glob("*/bin/pg_ctl"))[-1]
    words = [program, "-D", data, "-m", how, "-w", "-l", data.parent / "log", "restart"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/", user=owner if os.getuid() == 0 else None)
