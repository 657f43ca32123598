"""Whole databases that journeys begin with. On SQLite each is a file: made once in a run, copied in milliseconds."""

import fcntl
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from exercises import known
from tests import kept

_catalogs: dict[str, dict] = {}


def make(folder: Path, name: str, maker: Callable[[], None]) -> None:
    """Fill the empty database as `maker` does, with what the first process of this run made, which lies in `folder`."""
    if connection.vendor != "sqlite":
        kept.make(name, maker)
        return
    file = folder / f"{name}.sqlite3"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if file.exists():
            put_back(file)
        else:
            maker()
            keep(file)
    if name not in _catalogs:
        known.forget()
        known.catalog()
        _catalogs[name] = dict(known._read)
    known._read.update(_catalogs[name])


def keep(file: Path) -> None:
    """Write the whole database into a new file."""
    unready = file.with_suffix(".unready")
    with closing(sqlite3.connect(unready)) as target:
        connection.connection.backup(target)
    unready.rename(file)


def put_back(file: Path) -> None:
    """Have the database be as it was when it was written into the file."""
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as source:
        source.backup(connection.connection)
    ContentType.objects.clear_cache()
