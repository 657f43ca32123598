"""F02: delivery workers are killed in the middle of sending; nothing is lost, and doubles share their Message-ID.

A database and workers of their own, so that the kills are real.
"""

import time
from collections import Counter
from email import message_from_bytes
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

import pytest

from programs.delivery import LEASE
from tests.conftest import DEEP
from tests.faults import seeds
from tests.faults.places import Place
from tests.faults.servers import HOST, Sink, served

MAILS, KILLS = (100, 30) if DEEP else (12, 5)

pytestmark = pytest.mark.fault


class Killer(Sink):
    """A mail server that kills the worker, at the recipient's name or right after it took a mail, every second time."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self.stage = stage
        self.worker: BaseProcess | None = None
        self.kills = 0

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        answer = await super().handle_RCPT(server, session, envelope, address, options)
        if self.stage == "before it is taken":
            self._kill()
        return answer

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.stage == "before it is noted":
            self._kill()
        return answer

    def _kill(self) -> None:
        if self.kills < KILLS and self.worker and self.asked % 2:
            self.kills += 1
            self.worker.kill()
            wait([self.worker.sentinel], timeout=30)


def parts(content: bytes) -> tuple[str, ...]:
    """What a person gets: date, text and attachments, without the mail's own boundaries."""
    message = message_from_bytes(content)
    return (message["Date"], *(str(part.get_payload()) for part in message.walk() if not part.is_multipart()))


def let_leases_run_out(place: Place) -> None:
    place.ask("UPDATE programs_delivery SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL")


def rows(place: Place) -> list[tuple]:
    return place.ask("SELECT message_id, status FROM programs_delivery")


@pytest.mark.parametrize("stage", ["before it is taken", "before it is noted"])
def test_killed_workers_lose_nothing_and_doubles_share_their_id(place, stage):
    place.run(seeds.mails, MAILS)
    sink = Killer(stage)

    with served(sink) as port:
        for _ in range(KILLS + 5):
            sink.worker = place.worker(port, "--once")
            sink.worker.join(timeout=120)
            let_leases_run_out(place)
            if all(status == "sent" for _, status in rows(place)):
                break

    arrived = Counter(mail.message_id for mail in sink.taken)
    doubles = sum(arrived.values()) - len(arrived)
    assert sink.kills == KILLS
    assert {message_id for message_id, _ in rows(place)} == set(arrived)
    assert all(status == "sent" for _, status in rows(place))
    assert doubles == (KILLS if stage == "before it is noted" else 0)
    for message_id in arrived:
        assert len({parts(mail.content) for mail in sink.taken if mail.message_id == message_id}) == 1


def test_two_workers_that_live_send_each_mail_once(place):
    place.run(seeds.mails, MAILS)
    sink = Sink()

    with served(sink) as port:
        workers = [place.worker(port, "--once") for _ in range(2)]
        for worker in workers:
            worker.join(timeout=120)

    arrived = Counter(mail.message_id for mail in sink.taken)
    assert arrived == Counter(message_id for message_id, _ in rows(place))
    assert place.ask("SELECT DISTINCT status, attempts FROM programs_delivery") == [("sent", 1)]


def test_a_killed_workers_mail_waits_no_longer_than_its_lease(place):
    """The worker is started as an operator starts it, and stopped so."""
    place.run(seeds.mails, 1)
    ends_in = 2
    lease = f"strftime('%Y-%m-%d %H:%M:%f', 'now', '+{ends_in} seconds')"
    place.ask(f"UPDATE programs_delivery SET lease_until = {lease}, lease_token = 'dead', attempts = 1")
    killed, sink = time.monotonic(), Sink()

    with served(sink) as port:
        worker = place.start("manage.py", "deliver", EMAIL_URL=f"smtp://{HOST}:{port}")
        while not sink.taken and time.monotonic() - killed < ends_in + 5:
            time.sleep(0.02)
        waited = time.monotonic() - killed
        worker.terminate()
        worker.wait(timeout=30)

    assert ends_in - 0.5 < waited < ends_in + 5
    assert LEASE.total_seconds() == 90
    assert worker.returncode == 0


def test_a_worker_that_waits_shows_a_refusal_within_ten_seconds(place):
    place.run(seeds.mails, 1)
    sink = Sink(says=lambda stage, count: "550 5.1.1 no such user" if stage == "rcpt" else None)

    with served(sink) as port:
        worker = place.worker(port)
        try:
            first = until_failed(place, 1)
            place.run(seeds.another_mail)
            queued = time.monotonic()
            second = until_failed(place, 2)
            waited = time.monotonic() - queued
        finally:
            worker.terminate()
            worker.join(timeout=30)

    assert first
    assert second
    assert waited < 10
    assert worker.exitcode == 0


def until_failed(place: Place, count: int) -> bool:
    """Wait for so many failed mails, ten seconds and a little at most; return whether they came."""
    begun = time.monotonic()
    while time.monotonic() - begun < 11:
        if len([status for _, status in rows(place) if status == "failed"]) == count:
            return True
        time.sleep(0.02)
    return False
