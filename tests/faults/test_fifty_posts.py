"""F08: a double click, the back button, a retry: one row, one mail, and the same answer for each."""

import pytest
from django.core.management import call_command
from django.db import connection

from programs import handout
from programs.management.commands import deliver
from tests.faults import fifty_posts, seeds
from tests.faults.fifty_posts import press_at_once
from tests.faults.servers import HOST, Sink, served

pytestmark = pytest.mark.fault


@pytest.mark.parametrize(("how", "links"), [("attach", 0), ("link", 1)])
def test_fifty_equal_posts_at_once_queue_one_mail(request, how, links):
    came, taken = on_this_database(request, how) if is_postgres() else on_a_file(request, how)

    assert came["answers"] == [(302, came["patient"])]
    assert (came["rows"], came["links"]) == (1, links)
    assert came["logged"] == ["queue handout mail", "record mail consent"]
    assert len(taken) == 1


@pytest.mark.asvs("V2.3.4")
@pytest.mark.parametrize(
    ("what", "entry"), [("add_patient_at_once", "create patient"), ("issue_at_once", "issue handout")]
)
def test_fifty_equal_posts_at_once_make_one_row(request, monkeypatch, what, entry):
    if is_postgres():
        monkeypatch.setattr(handout, "render_pdf", handout.render_pdf)  # which the test replaces
        came = getattr(fifty_posts, what)()
    else:
        came = request.getfixturevalue("place").run(seeds.posts, what)

    assert len(came["made"]) == 1
    assert came["answers"] == [(302, came["made"][0])]
    assert came["logged"] == [entry]


@pytest.fixture(autouse=True)
def each_database(transactional_db, give_signals_back):
    """Named so that it is asked on PostgreSQL too."""


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def on_a_file(request, how: str) -> tuple[dict, list]:
    """The tests' own SQLite lives in memory, which threads can't share as they share a file."""
    place, sink = request.getfixturevalue("place"), Sink()
    came = place.run(seeds.posts, "press_at_once", how)
    with served(sink) as port:
        place.worker(port, "--once").join(timeout=60)
    return came, sink.taken


def on_this_database(request, how: str) -> tuple[dict, list]:
    settings, monkeypatch = request.getfixturevalue("settings"), request.getfixturevalue("monkeypatch")
    sink, settings.SITE_ADDRESS = Sink(), "https://clinic.example"
    came = press_at_once(how)
    with served(sink) as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, port
        monkeypatch.setattr(deliver, "close_old_connections", lambda: None)
        call_command("deliver", once=True)
    return came, sink.taken
