"""F28: a worker that is frozen past its lease and wakes up, and tasks that end the process that works on them."""

import os
import signal
import time

import pytest

from exercises.exchange import jobs
from programs.delivery import MOST_ATTEMPTS
from tests.faults import nursery, seeds
from tests.faults.places import Place
from tests.faults.servers import Sink, served

pytestmark = [pytest.mark.fault, pytest.mark.django_db, pytest.mark.asvs("V2.3.4")]


class Freezer(Sink):
    """Takes mail; stops the worker that hands over the first one, before it says so."""

    worker = None

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.taken) == 1:
            os.kill(self.worker.pid, signal.SIGSTOP)
        return answer


class Poison(Sink):
    """Takes mail; kills the worker that hands over one to p0."""

    worker = None

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address.startswith("p0@"):
            self.worker.kill()
        return await super().handle_RCPT(server, session, envelope, address, options)


def let_leases_run_out(place: Place, table: str) -> None:
    place.ask(f"UPDATE {table} SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL")


def sent(place: Place) -> list[tuple]:
    return place.ask("SELECT status, attempts, sent_at FROM programs_delivery ORDER BY id")


def test_a_frozen_workers_mail_is_taken_over_and_its_late_word_does_not_count(place):
    place.run(seeds.mails, 1)
    sink = Freezer()
    with served(sink) as port:
        sink.worker = place.worker(port, "--once")
        until(lambda: sink.taken)
        let_leases_run_out(place, "programs_delivery")
        place.worker(port, "--once").join(timeout=60)
        taken_over = sent(place)
        os.kill(sink.worker.pid, signal.SIGCONT)
        sink.worker.join(timeout=60)

    assert [status for status, *_ in taken_over] == ["sent"]
    assert sent(place) == taken_over
    assert len({mail.message_id for mail in sink.taken}) == 1
    assert place.ask("SELECT count(*) FROM clinics_auditentry WHERE action = 'sent handout mail'") == [(1,)]


def until(so) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_mail_that_kills_each_worker_is_given_up_and_the_others_go_out(place):
    place.run(seeds.mails, 3)
    first = "(SELECT min(id) FROM programs_delivery)"  # to p0@…, which is sealed
    place.ask(f"UPDATE programs_delivery SET attempts = ? WHERE id = {first}", MOST_ATTEMPTS - 2)
    sink, deaths = Poison(), 0
    with served(sink) as port:
        for _ in range(4):
            sink.worker = place.worker(port, "--once")
            sink.worker.join(timeout=60)
            deaths += sink.worker.exitcode != 0
            let_leases_run_out(place, "programs_delivery")

    assert deaths == 2
    assert [status for status, *_ in sent(place)] == ["failed", "sent", "sent"]


def test_an_import_that_ends_each_process_is_given_up_and_the_others_go_on(place):
    poison, other = place.run(seeds.imports_of, 1, 2)
    deaths = 0
    for _ in range(jobs.MOST_TRIES + 1):
        worker = nursery.start(place.database, seeds.die_of_import, poison)
        worker.join(timeout=60)
        deaths += worker.exitcode == -signal.SIGABRT
        let_leases_run_out(place, "exercises_catalogimport")

    states = dict(place.ask("SELECT id, state FROM exercises_catalogimport"))
    assert deaths == jobs.MOST_TRIES
    assert states == {poison: "failed", other: "checked"}
