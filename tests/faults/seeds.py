"""What workers find in a place of their own."""

import itertools
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.test.utils import setup_test_environment
from django.utils import timezone

from clinics.models import AuditEntry
from exercises.exchange import jobs
from exercises.models import CatalogImport
from patients.models import Patient
from programs import delivery, patient_link
from programs.models import Delivery, Issue
from tests.clinics.accounts import make_person
from tests.conftest import make_clinic, make_editor, make_exercise, make_user, signed_in
from tests.faults import building, crowd, fifty_posts, full
from tests.programs.home import make_link
from tests.programs.samples import make_issue

TEN = ("Lying rest", "Bridge", "Clam", "Squat", "Bird dog", "Plank", "Heel slide", "Step up", "Side lift", "Wall sit")


def mails(count: int) -> None:
    """Queue so many mails of one handout."""
    by = make_user()
    issue = make_issue(by=by)
    for number in range(count):
        delivery.queue_handout(issue, to=f"p{number}@patients.invalid", form_key=f"key-{number}", by=by)


def queue_on(acked: str, over: str) -> None:
    """Queue mail after mail until the file `over` is there, and write the key of each that was answered to `acked`.

    One that got no answer is queued again under its key, as a form is that is sent again.
    """
    issue = Issue.objects.get()
    with Path(acked).open("w") as told:
        for number in itertools.count():
            while not _queued(issue, f"p{number}@patients.invalid", f"live-{number}"):
                time.sleep(0.02)
            told.write(f"live-{number}\n")
            told.flush()
            if Path(over).exists():
                return
            time.sleep(0.1)


def _queued(issue: Issue, to: str, form_key: str) -> bool:
    try:
        delivery.queue_handout(issue, to=to, form_key=form_key, by=issue.issued_by)
    except DatabaseError:
        connection.close()
        return False
    return True


def queued() -> dict[str, tuple[str, str]]:
    """Return every mail's Message-ID and state, by the key of its form."""
    rows = Delivery.objects.values_list("form_key", "message_id", "status")
    return {form_key: (message_id, status) for form_key, message_id, status in rows}


def unsent() -> int:
    return Delivery.objects.filter(status="queued").count()


def waiting() -> int:
    """Return how many mails wait for a worker."""
    return Delivery.objects.filter(status="queued", lease_until=None).count()


def let_leases_run_out() -> int:
    """Return how many mails waited for that."""
    return Delivery.objects.exclude(lease_until=None).update(lease_until=timezone.now())


def another_mail() -> None:
    """Queue one more mail of the handout that is there."""
    issue = Issue.objects.get()
    delivery.queue_handout(issue, to="maria@patients.invalid", form_key="another", by=issue.issued_by)


def therapist() -> tuple[str, str]:
    """Sign a therapist in, who has a password; return the session's key and the e-mail address."""
    person = make_person()
    return signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value, person.email


def clinics(count: int, programs: int) -> list[tuple[str, list[int]]]:
    """Make clinics with programs of ten; return the session of a therapist of each, and its programs."""
    return [building.programs(programs, *TEN)[:2] for _ in range(count)]


def link() -> tuple[int, str, int]:
    """Make a patient's link; return its key, its token, and who made it."""
    made = make_link()
    return made.pk, patient_link.token_of(made.seed), made.made_by_id


def posts(what: str, *words: str) -> dict:
    """Press the button of one form many times at once; return what came of it."""
    setup_test_environment()
    return getattr(fifty_posts, what)(*words)


def fill_the_database() -> dict:
    """Add patients until no file may grow any more, and send what came back when it may again; return what came."""
    client = signed_in(make_user())
    client.raise_request_exception = False
    client.cookies["csrftoken"] = token = "a" * 32
    grown = Path(str(connection.settings_dict["NAME"]) + "-wal").stat().st_size

    def add(name: str) -> tuple[str, int, str]:
        typed = {"name": name, "language": "en", "version": 1, "csrfmiddlewaretoken": token}
        answer = client.post("/patients/new/", typed)
        return name, answer.status_code, answer.text

    setup_test_environment()
    with no_room_above(grown + 80_000):
        came = [add(f"Patient {number}") for number in range(40)]
        read = client.get("/p/sw.js").status_code
    kept = sorted(Patient.objects.values_list("name", flat=True))
    logged = AuditEntry.objects.filter(action="create patient").count()
    pages = [page for _, status, page in came if status == 503]
    again = [client.post(full.target(page), dict(full.kept(page)) | {"csrfmiddlewaretoken": token}) for page in pages]
    return {
        "answers": {status for _, status, _ in came},
        "answered": sorted(name for name, status, _ in came if status == 302),
        "kept": kept,
        "torn": len(kept) - logged,
        "while full": read,
        "pages": pages,
        "again": {answer.status_code for answer in again},
        "at last": sorted(Patient.objects.values_list("name", flat=True)),
    }


@contextmanager
def no_room_above(size: int) -> Iterator[None]:
    """Let no file grow above so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def clinic() -> int:
    return make_clinic().pk


def together(what: str, *words: Any) -> Any:
    """Carry out what many do at once; return what came of it."""
    setup_test_environment()
    return getattr(crowd, what)(*words)


def editor() -> tuple[str, str]:
    """Sign an editor of the catalog in; return the session's key and the slug of a draft."""
    client = signed_in(make_editor())
    return client.cookies[settings.SESSION_COOKIE_NAME].value, make_exercise("Bridge", status="draft").slug


def import_of(rows: int) -> int:
    """Queue an import of so many rows, each of them wrong; return its key."""
    return imports_of(rows)[0]


def imports_of(*rows: int) -> list[int]:
    """Queue imports of so many rows each; return their keys."""
    jobs.AT_ONCE_BYTES = 0
    contents = ["slug\n" + "".join(f"row-{number}\n" for number in range(count)) for count in rows]
    by = make_editor()
    return [jobs.receive("rows.csv", content.encode(), by=by).pk for content in contents]


def die_of_import(poison: int) -> None:
    """Work on imports; the process ends at once when it is that one's turn."""
    plan = jobs._planned

    def end(job: CatalogImport, *rest: Any) -> Any:
        return os.abort() if job.pk == poison else plan(job, *rest)

    jobs._planned = end
    while due := jobs.next_waiting():
        jobs.work.call(due)
