"""F01 and F05: web workers are killed and PostgreSQL is restarted while people edit; what was answered is there, once.

An edit that got no answer is sent again under its name, as the builder's script does.
"""

import os
import random
import shutil
import signal
import sqlite3
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import pytest
from django.db import connection

from tests.conftest import DEEP
from tests.faults import building, own_postgres
from tests.faults.building import Editor, editing, wait_for_edits
from tests.faults.drill import Site
from tests.faults.places import Place
from tests.faults.websites import Website, served

pytestmark = pytest.mark.fault

KILLS, EDITORS, RESTARTS = (200, 4, 5) if DEEP else (5, 3, 1)
MOST_WAIT_S, GIVEN_UP_S, MOST_AWAY_S = 2, 10, 5  # the first on a machine that does nothing else


@dataclass
class Work:
    """A site that is served, who edits there, and the version and entries in the log that programs began with."""

    site: Site
    website: Website
    editors: list[Editor]
    first_version: int
    logged: int

    def check(self) -> None:
        """No edit that was answered is missing, none was done twice, and no program is torn."""
        for editor in self.editors:
            found = self.site.run(building.state, editor.program)
            assert editor.acked
            assert found.version == self.first_version + editor.acked
            assert found.positions == list(range(1, 5 + editor.acked % 2))
            assert found.logged == self.logged + editor.acked


@pytest.fixture
def work(transactional_db, tmp_path: Path, request) -> Iterator[Work]:
    place = Place(tmp_path)
    if connection.vendor == "sqlite":
        shutil.copy(request.getfixturevalue("empty_database"), place.database)
        database, url = {**connection.settings_dict, "NAME": str(place.database)}, place.environment["DATABASE_URL"]
    else:
        database, url = own_postgres.make()
    site = Site(database, tmp_path)
    session, programs, version = site.run(building.programs, EDITORS)
    logged = site.run(building.state, programs[0]).logged
    with served(place, DATABASE_URL=url) as website:
        cookies = f"sessionid={session}; csrftoken={building.TOKEN}"
        website.headers = {"Cookie": cookies, "X-CSRFToken": building.TOKEN}
        yield Work(site, website, [Editor(website, program) for program in programs], version, logged)
    if connection.vendor == "postgresql":
        own_postgres.drop()


@pytest.mark.asvs("V2.3.3", "V16.5.2")
def test_killed_web_workers_lose_no_edit_that_was_answered(work):
    chance = random.Random(8)
    waits = []
    with editing(work.editors):
        wait_for_edits(work.editors, 1)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0, 0.05))
            os.kill(chance.choice(work.website.workers()), signal.SIGKILL)
            waits.append(answered_after(work.website))
            assert is_whole(work.site)

    assert statistics.median(waits) < MOST_WAIT_S
    assert max(waits) < GIVEN_UP_S
    assert sum(editor.retried for editor in work.editors) > 0
    work.check()


def answered_after(website: Website) -> float:
    """Return how many seconds it takes until a page is answered."""
    begun = time.monotonic()
    while time.monotonic() - begun < GIVEN_UP_S:
        try:
            if website.ask("GET", "/patients/")[0] == 200:
                break
        except (OSError, HTTPException):
            continue
    return time.monotonic() - begun


def is_whole(site: Site) -> bool:
    if connection.vendor == "postgresql":
        return True  # it looks at its pages itself
    with sqlite3.connect(site.database["NAME"], timeout=20) as database:
        return database.execute("PRAGMA quick_check").fetchone() == ("ok",)


@pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="other workers use the server that it restarts")
@pytest.mark.asvs("V16.5.2")
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_restart_of_postgresql_loses_nothing_and_is_over_soon(on_postgresql, work, how):
    with editing(work.editors):
        for _ in range(RESTARTS):
            wait_for_edits(work.editors, 3)
            own_postgres.restart(own_postgres.folder(), how)
            begun = time.monotonic()
            wait_for_edits(work.editors, 1)
            assert time.monotonic() - begun < MOST_AWAY_S

    assert sum(editor.retried for editor in work.editors) > 0
    work.check()
