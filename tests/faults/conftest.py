"""What the fault tests share."""

import os
import shutil
import signal
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults.drill import Site
from tests.faults.own_postgres import on_server
from tests.faults.places import empty_database, place

__all__ = ["empty_database", "place"]


@pytest.fixture
def give_signals_back() -> Iterator[None]:
    """`deliver` takes SIGTERM and SIGINT over when it runs in the tests' own process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def on_postgresql(db) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server")


@pytest.fixture
def sites(transactional_db, tmp_path, request):
    """A site with some rows in it, and an empty place, on the kind of database that the tests run on."""
    folders = [tmp_path / "live", tmp_path / "empty"]
    for folder in folders:
        folder.mkdir(mode=0o700)
    own = connection.settings_dict
    if connection.vendor == "sqlite":
        names = [str(folder / "site.sqlite3") for folder in folders]
        shutil.copy(request.getfixturevalue("empty_database"), names[0])
    else:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        names = [f"drill_live_{worker}", f"drill_empty_{worker}"]
        connection.close()  # a database that somebody is in can't be copied
        on_server(
            f"CREATE DATABASE {names[0]} TEMPLATE {own['NAME']}", f"CREATE DATABASE {names[1]} TEMPLATE template0"
        )
    yield [Site({**own, "NAME": name}, folder) for name, folder in zip(names, folders, strict=True)]
    if connection.vendor == "postgresql":
        on_server(*(f"DROP DATABASE {name} WITH (FORCE)" for name in names))
