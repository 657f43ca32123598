"""F02: delivery workers are killed in the middle of sending; nothing is lost, and doubles share their Message-ID.

A database and workers of their own, so that the kills are real.
"""

import signal
import subprocess
import time
from collections import Counter
from email import message_from_bytes

import pytest

from programs.delivery import LEASE
from tests.conftest import DEEP
from tests.faults.places import Place
from tests.faults.servers import Sink, served

MAILS, KILLS = (100, 30) if DEEP else (12, 5)

SEED = """
import django; django.setup()
from tests.conftest import make_user
from tests.programs.samples import make_issue
from programs import delivery
by = make_user()
issue = make_issue(by=by)
for number in range({mails}):
    delivery.queue_handout(issue, to=f"p{{number}}@patients.invalid", form_key=f"key-{{number}}", by=by)
"""


class Killer(Sink):
    """A mail server that kills the worker, at the recipient's name or right after it took a mail, every second time."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self.stage = stage
        self.worker: subprocess.Popen[bytes] | None = None
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
            self.worker.send_signal(signal.SIGKILL)
            self.worker.wait()


def parts(content: bytes) -> tuple[str, ...]:
    """What a person gets: date, text and attachments, without the mail's own boundaries."""
    message = message_from_bytes(content)
    return (message["Date"], *(str(part.get_payload()) for part in message.walk() if not part.is_multipart()))


def let_leases_run_out(place: Place) -> None:
    place.ask("UPDATE programs_delivery SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL")


def rows(place: Place) -> list[tuple]:
    return place.ask("SELECT message_id, status FROM programs_delivery")


@pytest.mark.fault
@pytest.mark.parametrize("stage", ["before it is taken", "before it is noted"])
def test_killed_workers_lose_nothing_and_doubles_share_their_id(place, stage):
    place.run("-c", SEED.format(mails=MAILS))
    sink = Killer(stage)

    with served(sink) as port:
        for _ in range(KILLS + 5):
            sink.worker = place.worker(port, "--once")
            sink.worker.wait(timeout=120)
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


@pytest.mark.fault
def test_two_workers_that_live_send_each_mail_once(place):
    place.run("-c", SEED.format(mails=MAILS))
    sink = Sink()

    with served(sink) as port:
        workers = [place.worker(port, "--once") for _ in range(2)]
        for worker in workers:
            worker.wait(timeout=120)

    arrived = Counter(mail.message_id for mail in sink.taken)
    assert arrived == Counter(message_id for message_id, _ in rows(place))
    assert place.ask("SELECT DISTINCT status, attempts FROM programs_delivery") == [("sent", 1)]


@pytest.mark.fault
def test_a_killed_workers_mail_waits_no_longer_than_its_lease(place):
    place.run("-c", SEED.format(mails=1))
    ends_in = 4
    lease = f"strftime('%Y-%m-%d %H:%M:%S', 'now', '+{ends_in} seconds')"
    place.ask(f"UPDATE programs_delivery SET lease_until = {lease}, lease_token = 'dead', attempts = 1")
    killed, sink = time.monotonic(), Sink()

    with served(sink) as port:
        worker = place.worker(port)
        while not sink.taken and time.monotonic() - killed < ends_in + 5:
            time.sleep(0.1)
        waited = time.monotonic() - killed
        worker.terminate()
        worker.wait(timeout=30)

    assert ends_in - 1 < waited < ends_in + 5
    assert LEASE.total_seconds() == 90
    assert worker.returncode == 0
