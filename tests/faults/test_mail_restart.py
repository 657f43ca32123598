"""F05: PostgreSQL is restarted while mail is queued and sent; the worker goes on by itself, each mail goes out once.

A real worker as the site's own role, a mail server on the loopback, and somebody who queues mail all the while.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import DEEP
from tests.faults import own_postgres, seeds
from tests.faults.drill import Site
from tests.faults.places import Place
from tests.faults.servers import HOST, Sink, served
from tests.site_role import ROLE

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="other workers use the server that it restarts"),
]

MAILS, RESTARTS = (100, 20) if DEEP else (10, 4)
MOST_AWAY_S = 5


@dataclass
class Work:
    """A site on a database of its own, and where its worker finds it."""

    site: Site
    url: str
    place: Place


@pytest.fixture
def work(on_postgresql, transactional_db, tmp_path: Path) -> Iterator[Work]:
    database, url = own_postgres.make()
    owner = urlsplit(url)
    theirs = owner._replace(netloc=owner.netloc.replace(owner.username, ROLE)).geturl()
    site = Site(database, tmp_path)
    site.run(seeds.mails, MAILS)
    yield Work(site, theirs, Place(tmp_path))
    own_postgres.drop()


@dataclass
class Restarter(Sink):
    """Takes mail, and restarts the database whenever it is told how: between taking a mail and saying so."""

    data: Path = field(kw_only=True)
    how: str = ""

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.how:
            own_postgres.restart(self.data, self.how)
            self.how = ""
        return answer


@pytest.mark.asvs("V16.5.2")
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_restart_of_postgresql_loses_no_mail_and_doubles_none(work, tmp_path, how):
    data = own_postgres.folder()
    sink, acked, over = Restarter(data=data), tmp_path / "acked", tmp_path / "over"
    away = []

    with served(sink) as port:
        worker = work.place.start("manage.py", "deliver", DATABASE_URL=work.url, EMAIL_URL=f"smtp://{HOST}:{port}")
        queuer = work.site.start(seeds.queue_on, str(acked), str(over))
        wait_until(lambda: len(sink.taken) > 3, 60)
        for number in range(RESTARTS):
            if number % 2:
                own_postgres.restart(data, how)
            else:
                sink.how = how
                wait_until(lambda: not sink.how, 60)
            begun, before = time.monotonic(), len(sink.taken)
            wait_until(lambda before=before: len(sink.taken) > before + 1, 30)
            away.append(time.monotonic() - begun)
        over.touch()
        queuer.join(timeout=60)
        wait_until(lambda: work.site.run(seeds.waiting) == 0, 60)
        held = work.site.run(seeds.let_leases_run_out)  # mails whose claim was cut off: each waits for its lease
        wait_until(lambda: work.site.run(seeds.unsent) == 0, 30)
        assert worker.poll() is None
        worker.terminate()
        assert worker.wait(timeout=60) == 0

    rows = work.site.run(seeds.queued)
    assert queuer.exitcode == 0
    assert set(acked.read_text().split()) <= set(rows)
    assert {status for _, status in rows.values()} == {"sent"}
    assert Counter(mail.message_id for mail in sink.taken) == Counter(message_id for message_id, _ in rows.values())
    assert held <= RESTARTS
    assert max(away) < MOST_AWAY_S, away


def wait_until(is_so: Callable[[], bool], most_s: float) -> None:
    """Wait so long at most; what isn't so then is seen by what is asserted afterwards."""
    end = time.monotonic() + most_s
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
