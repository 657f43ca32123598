"""F03: the mail server goes wrong in every way it can; mail is tried again or shown as failed, and nobody waits long.

Real servers on the loopback, the worker's own command, and a clock that the tests move.
"""

import datetime
import html
import socket
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from programs import delivery, mail_server
from programs.management.commands import deliver
from programs.models import Delivery
from tests.conftest import DEEP, make_user, signed_in
from tests.faults.servers import DRIP, DROP, HOST, STALL, BrokenServer, Sink, free_port, self_signed, served
from tests.programs.samples import make_issue

pytestmark = [pytest.mark.fault, pytest.mark.django_db]

MAILS = 20 if DEEP else 1
PATIENCE_S, LONG_PATIENCE_S = 0.1, 0.4
TO = "maria@patients.invalid"


class Clock:
    """The time as the code sees it, ahead of the real one by what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = datetime.timedelta()
        real = timezone.now
        monkeypatch.setattr("django.utils.timezone.now", lambda: real() + self.ahead)

    def move_to(self, moment: datetime.datetime) -> None:
        self.ahead += moment - timezone.now() + datetime.timedelta(seconds=1)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def plain_smtp(settings, monkeypatch, give_signals_back):
    """Mail really leaves; the command leaves the test's database connection alone."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = HOST, 10
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    monkeypatch.setattr(deliver, "close_old_connections", lambda: None)


@pytest.fixture
def by():
    return make_user()


def queue(by, count=MAILS) -> list[Delivery]:
    issue = make_issue(by=by)
    return [
        delivery.queue_handout(issue, to=f"p{number}.{TO}", form_key=delivery.new_form_key(), by=by)
        for number in range(count)
    ]


def work(settings, port: int) -> None:
    settings.EMAIL_PORT = port
    call_command("deliver", once=True)


def states() -> Counter:
    return Counter(Delivery.objects.values_list("status", flat=True))


def troubles() -> set[str]:
    return set(Delivery.objects.values_list("trouble", flat=True))


@contextmanager
def nobody():
    yield free_port()


@contextmanager
def broken(stage: str, fault: str):
    with BrokenServer(stage, fault) as server:
        yield server.port


def refusing(stage: str, reply: str):
    return served(Sink(says=lambda at, count: reply if at == stage else None))


CANNOT = "can't be reached"
# What the server does, and the words that the clinician reads while the mail waits.
FOR_NOW = {
    "down": (nobody, CANNOT),
    "421 at once": (lambda: broken("greeting", "421 busy"), "421 busy"),
    "450 greylisted": (lambda: refusing("rcpt", "450 4.7.1 greylisted"), "450 4.7.1 greylisted"),
    "451 local trouble": (lambda: refusing("rcpt", "451 later"), "451 later"),
    "452 full": (lambda: refusing("data", "452 full"), "452 full"),
    "silent when called": (lambda: broken("greeting", STALL), CANNOT),
    "silent after EHLO": (lambda: broken("ehlo", STALL), CANNOT),
    "silent after RCPT": (lambda: broken("rcpt", STALL), CANNOT),
    "silent after DATA": (lambda: broken("data", STALL), CANNOT),
    "silent after the dot": (lambda: broken("dot", STALL), CANNOT),
    "gone in the middle of DATA": (lambda: broken("middle", DROP), CANNOT),
    "gone after the dot": (lambda: broken("dot", DROP), CANNOT),
}
# What is final at once.
FOR_GOOD = {
    "550 no such user": ("rcpt", "550 5.1.1 no such user"),
    "552 too big": ("data", "552 too big"),
    "554 refused": ("data", "554 refused as spam"),
}


@pytest.mark.asvs("V16.5.2")
@pytest.mark.parametrize("mode", FOR_NOW)
def test_tries_again_and_sends_once_the_server_is_well(by, clock, settings, mode):
    server, words = FOR_NOW[mode]
    queue(by)
    begun = timezone.now()

    settings.EMAIL_TIMEOUT = PATIENCE_S if "silent" in mode else 10
    with server() as port:
        work(settings, port)
        assert states() == {"queued": MAILS}
        assert all(words in said for said in troubles())
        clock.move_to(max(Delivery.objects.values_list("next_at", flat=True)))
        work(settings, port)
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {2}
    clock.move_to(max(Delivery.objects.values_list("next_at", flat=True)))
    sink, settings.EMAIL_TIMEOUT = Sink(), 10
    with served(sink) as port:
        work(settings, port)

    assert states() == {"sent": MAILS}
    assert troubles() == {""}
    assert sorted(mail.message_id for mail in sink.taken) == sorted(
        Delivery.objects.values_list("message_id", flat=True)
    )
    waited = timezone.now() - begun
    assert datetime.timedelta(minutes=6) <= waited <= datetime.timedelta(minutes=8)


@pytest.mark.parametrize("mode", FOR_GOOD)
def test_fails_at_once_and_the_clinician_sees_it(by, settings, mode):
    stage, reply = FOR_GOOD[mode]
    rows = queue(by)
    begun = time.monotonic()

    with refusing(stage, reply) as port:
        work(settings, port)
    client = signed_in(by)
    pages = {
        "today": client.get("/"),
        "patient": client.get(reverse("patient", args=[rows[0].issue.program.patient_id])),
        "mail": client.get(reverse("delivery", args=[rows[0].pk])),
    }

    assert time.monotonic() - begun < 10
    assert states() == {"failed": MAILS}
    texts = {name: html.unescape(page.content.decode()) for name, page in pages.items()}
    assert all(f"The mail server said {reply}" in text for text in texts.values())
    assert "Mail that didn't arrive" in texts["today"]
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_gives_a_dead_server_up_after_fourteen_tries_in_three_days(by, clock, settings):
    queue(by, 1)
    waits, begun, port = [], timezone.now(), free_port()

    while states() == {"queued": 1}:
        work(settings, port)
        row = Delivery.objects.get()
        if row.status == "queued":
            waits.append(round((row.next_at - timezone.now()).total_seconds() / 60))
            clock.move_to(row.next_at)

    assert waits == [1, 5, 15, 60, 120, 240, *[480] * 7]
    assert (row.status, row.attempts) == ("failed", 14)
    assert timezone.now() - begun < datetime.timedelta(hours=72)
    assert CANNOT in html.unescape(signed_in(by).get("/").content.decode())


@pytest.mark.asvs("V12.3.2")
def test_sends_nothing_to_a_server_whose_certificate_nobody_vouches_for(by, settings, tmp_path):
    settings.EMAIL_USE_SSL, settings.EMAIL_TIMEOUT = True, 5
    queue(by)
    sink = Sink()

    with served(sink, ssl_context=self_signed(tmp_path)) as port:
        work(settings, port)

    assert (sink.asked, sink.taken) == (0, [])
    assert states() == {"queued": MAILS}
    assert troubles() == {"The mail server’s certificate isn’t trusted, so nothing was given to it."}


@pytest.mark.asvs("V12.3.1")
def test_sends_nothing_in_clear_where_encryption_is_asked_for(by, settings):
    settings.EMAIL_USE_TLS = True
    queue(by)
    sink = Sink()

    with served(sink) as port:
        work(settings, port)

    assert (sink.asked, sink.taken) == (0, [])
    assert states() == {"queued": MAILS}
    assert "STARTTLS" in troubles().pop()


@pytest.mark.parametrize("stage", ["greeting", "rcpt", "dot"])
def test_a_server_that_drips_holds_a_worker_no_longer_than_one_that_is_silent(by, settings, monkeypatch, stage):
    monkeypatch.setattr(mail_server, "LONGEST_S", 0.3)
    monkeypatch.setattr(mail_server, "GOODBYE_S", 0.1)
    queue(by, 1)

    with broken(stage, DRIP) as port:
        begun = time.monotonic()
        work(settings, port)
        held = time.monotonic() - begun

    assert held < 1.5
    assert states() == {"queued": 1}


def test_no_server_holds_a_worker_for_more_than_thirty_seconds():
    from config import settings as shipped

    assert shipped.EMAIL_TIMEOUT == 20
    assert mail_server.LONGEST_S + mail_server.GOODBYE_S <= 30
    assert delivery.LEASE.total_seconds() > 30


def test_a_mail_that_was_taken_is_not_sent_again_for_a_server_that_hangs_up_badly(by, settings):
    """The word after the dot counts, not how the server says goodbye."""
    settings.EMAIL_TIMEOUT = LONG_PATIENCE_S  # for a server that answers, however busy the machine
    queue(by, 1)

    with BrokenServer("quit", STALL) as server:
        work(settings, server.port)

    assert states() == {"sent": 1}


@pytest.mark.asvs("V16.5.2")
def test_the_page_that_queues_a_mail_speaks_to_no_server(by, settings, monkeypatch):
    def refuse(self, address):
        raise AssertionError(f"a page connected to {address}")

    made = make_issue(by=by)
    client = signed_in(by)
    connection.ensure_connection()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    typed = {"to": TO, "address_given": "on", "consent": "attach", "how": "attach", "form_key": "key"}

    response = client.post(reverse("send", args=[made.pk]), typed)

    assert response.status_code == 302
    assert states() == {"queued": 1}
