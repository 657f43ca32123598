"""A place of its own for real worker processes: a database file, and the environment that leads there."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.faults import nursery


class Place:
    """An SQLite database in a folder, and what is done on it in processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "outbox.sqlite3"
        self.environment = {
            **os.environ,
            "RELEASEFIRST_ENV": "test",
            "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }

    def start(self, *words: str, **also: str) -> "subprocess.Popen[bytes]":
        """Start Python anew with these words."""
        return subprocess.Popen([sys.executable, *words], env=self.environment | also, cwd=settings.BASE_DIR)

    def run(self, act: Callable[..., Any], *words: Any) -> Any:
        """Carry out a function of a module and return what it returned."""
        return nursery.run(self.database, act, *words)

    def worker(self, port: int, *words: str) -> BaseProcess:
        """Start a delivery worker that hands its mail to that port."""
        return nursery.start(self.database, nursery.deliver, port, *words)

    def opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self.database, timeout=20)

    def ask(self, sql: str, *values: Any) -> list[tuple]:
        with self.opened() as database:
            return database.execute(sql, values).fetchall()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Path:
    """Return a database file with all tables and no rows: a copy of the tests' own where one was made on SQLite."""
    place = Place(tmp_path_factory.mktemp("empty"))
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite" and connection.introspection.table_names():
            with sqlite3.connect(place.database) as copy:
                connection.connection.backup(copy)
        else:
            assert place.start("manage.py", "migrate", "-v0").wait(timeout=120) == 0
    return place.database


@pytest.fixture
def place(tmp_path: Path, empty_database: Path) -> Place:
    here = Place(tmp_path)
    shutil.copy(empty_database, here.database)
    return here
