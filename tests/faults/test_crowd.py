"""F06 and F07: many write at once; nobody is turned away, and nothing is overwritten unseen."""

import pytest
from django.db import connection

from tests.conftest import DEEP
from tests.faults import crowd, nursery, seeds

pytestmark = pytest.mark.fault

WRITERS, TIMES = (50, 100) if DEEP else (10, 10)
SAVES = 50 if DEEP else 3


@pytest.fixture(autouse=True)
def each_database(transactional_db):
    """Named so that it is asked on PostgreSQL too."""


@pytest.mark.asvs("V2.3.4")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite alone")
def test_fifty_processes_write_to_sqlite_and_none_is_locked_out(place):
    clinic = place.run(seeds.clinic)
    ends = []
    for number in range(WRITERS):
        ours, theirs = nursery.forking.Pipe(duplex=False)
        words = (TIMES, clinic, f"w{number}")
        ends.append((ours, nursery.start(place.database, nursery.answer, theirs, crowd.write, words)))
        theirs.close()
    told = [ours.recv() for ours, _ in ends]

    took = sorted(second for seconds, _ in told for second in seconds)
    assert sum(failed for _, failed in told) == 0
    assert place.ask("SELECT version - 1 FROM clinics_clinic") == [(WRITERS * TIMES,)]
    assert place.ask("SELECT count(*) FROM clinics_user WHERE email LIKE 'w%'") == [(WRITERS * TIMES,)]
    assert place.ask("PRAGMA quick_check") == [("ok",)]
    p95, p99 = (took[int(len(took) * part)] for part in (0.95, 0.99))
    assert took[-1] < (5 if DEEP else 20)
    assert not DEEP or (p95 < 0.1 and p99 < 1), (p95, p99, took[-1])


def at_once(request, what: str, *words: object):
    """Carry out what many do at once, where threads can share the database."""
    if connection.vendor == "sqlite":
        return request.getfixturevalue("place").run(seeds.together, what, *words)
    return getattr(crowd, what)(*words)


@pytest.mark.asvs("V2.3.4")
def test_eight_editors_of_one_note_overwrite_nothing_unseen(request):
    came = at_once(request, "edit_together", SAVES)

    assert came["count"] == came["versions"] == came["answers"][200] == crowd.EDITORS * SAVES
    assert set(came["answers"]) <= {200, 409}
    assert came["unshown"] == []


@pytest.mark.asvs("V2.3.4")
def test_what_is_removed_while_others_edit_it_is_a_conflict_and_no_error(request):
    assert 409 in (answers := at_once(request, "remove_while_edited"))
    assert answers <= {200, 409}
