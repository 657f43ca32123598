"""A place of its own for real worker processes: a database file, and the environment that leads there."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


class Place:
    """An SQLite database in a folder, and commands run on it in processes of their own."""

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

    def run(self, *words: str, **also: str) -> str:
        """Run Python with these words to its end; return what it printed."""
        ended = subprocess.run(
            [sys.executable, *words],
            env=self.environment | also,
            check=True,
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        return ended.stdout

    def worker(self, port: int, *words: str) -> "subprocess.Popen[bytes]":
        """Start a delivery worker that hands its mail to that port."""
        return subprocess.Popen(
            [sys.executable, "manage.py", "deliver", *words],
            env=self.environment | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"},
            cwd=settings.BASE_DIR,
        )

    def ask(self, sql: str) -> list[tuple]:
        with sqlite3.connect(self.database, timeout=20) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with all tables and no rows, made once per run."""
    place = Place(tmp_path_factory.mktemp("empty"))
    place.run("manage.py", "migrate", "-v0")
    place.ask("PRAGMA wal_checkpoint(TRUNCATE)")
    return place.database


@pytest.fixture
def place(tmp_path: Path, empty_database: Path) -> Place:
    here = Place(tmp_path)
    shutil.copy(empty_database, here.database)
    return here
