"""F02: delivery workers are killed in the middle of sending; nothing is lost, and doubles share their Message-ID.

Its own SQLite database and its own workers, so that the kills are real.
"""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings

MAILS, KILLS = (100, 30) if os.environ.get("RELEASEFIRST_DEEP") else (12, 5)

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


class Sink:
    """A mail server that takes mail, and after each of the first few kills the worker before it can note that."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.worker: subprocess.Popen[bytes] | None = None
        self.kills = 0

    async def handle_DATA(self, server, session, envelope) -> str:
        message = message_from_bytes(envelope.content)
        self.taken.append((message["Message-ID"], envelope.content))
        if self.kills < KILLS and self.worker and len(self.taken) % 2:
            self.kills += 1
            self.worker.send_signal(signal.SIGKILL)
            time.sleep(0.05)
        return "250 taken"


@pytest.fixture
def place(tmp_path: Path):
    """A database of its own with queued mails, and the environment for workers on it."""
    environment = {
        **os.environ,
        "RELEASEFIRST_ENV": "test",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'outbox.sqlite3'}",
        "VAR_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    run(environment, "manage.py", "migrate", "-v0")
    run(environment, "-c", SEED.format(mails=MAILS))
    return environment, tmp_path / "outbox.sqlite3"


def run(environment, *words: str) -> None:
    subprocess.run([sys.executable, *words], env=environment, check=True, cwd=settings.BASE_DIR)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def parts(content: bytes) -> tuple[str, ...]:
    """What a person gets: date, text and attachments, without the mail's own boundaries."""
    message = message_from_bytes(content)
    return (message["Date"], *(str(part.get_payload()) for part in message.walk() if not part.is_multipart()))


def let_leases_run_out(database: Path) -> None:
    with sqlite3.connect(database, timeout=20) as connection:
        connection.execute("UPDATE programs_delivery SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL")


def rows(database: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(database, timeout=20) as connection:
        return connection.execute("SELECT message_id, status FROM programs_delivery").fetchall()


@pytest.mark.fault
def test_killed_workers_lose_nothing_and_doubles_share_their_id(place):
    environment, database = place
    sink = Sink()
    port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()

    try:
        for _ in range(KILLS + 5):
            sink.worker = subprocess.Popen(
                [sys.executable, "manage.py", "deliver", "--once"],
                env={**environment, "EMAIL_URL": f"smtp://127.0.0.1:{port}"},
                cwd=settings.BASE_DIR,
            )
            sink.worker.wait(timeout=60)
            let_leases_run_out(database)
            if all(status == "sent" for _, status in rows(database)):
                break
    finally:
        controller.stop()

    arrived = Counter(message_id for message_id, _ in sink.taken)
    assert sink.kills == KILLS
    assert {message_id for message_id, _ in rows(database)} == set(arrived)
    assert all(status == "sent" for _, status in rows(database))
    assert sum(arrived.values()) - len(arrived) <= KILLS
    for message_id in arrived:
        assert len({parts(content) for known, content in sink.taken if known == message_id}) == 1
