"""A year of a clinic's audit log: how long the report takes on 1,000,000 entries, and what sealing costs a writer.

The database is the one of DATABASE_URL, in a test database of its own; run it under script/with-postgres, too.
"""

import datetime
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from clinics import audit, audit_chain, wall
from clinics.models import AuditEntry, Clinic, Membership, User
from patients import access_log
from patients.models import Patient

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
PATIENTS, PEOPLE, WRITES, WRITERS = 2_000, 10, 500, 4
NOW = timezone.now()


@wall.all_clinics("a benchmark makes its own clinics")
def main() -> None:
    databases = setup_databases(verbosity=0, interactive=False)
    found: dict[str, object] = {"database": connection.vendor, "rows": ROWS}
    try:
        call_command("migrate", verbosity=0)
        clinic = Clinic.objects.create(name="Lakeside")
        people = [User.objects.create(email=f"p{one}@x.invalid", name=f"Person {one}") for one in range(PEOPLE)]
        Membership.objects.bulk_create(Membership(clinic=clinic, user=one, role="therapist") for one in people)
        names = [Patient(clinic=clinic, name=f"P {one}", folded_name=f"p {one}") for one in range(PATIENTS)]
        patients = [row.pk for row in Patient.objects.bulk_create(names)]
        found["seal_us"] = said("one entry, sealed (µs)", took(lambda: write(clinic, people[0])) / WRITES * 1e6)
        if connection.vendor == "postgresql":
            found |= crowd(people[0])
        audit_chain.uninstall(connection)
        for part in parts(clinic, people, patients):
            AuditEntry.objects.bulk_create(part)
        audit_chain.install(connection)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        blank: dict[str, object] = {"since": (NOW - datetime.timedelta(days=365)).date(), "until": NOW.date()}
        blank |= {"person": "", "patient": None, "action": "", "sort": "newest"}
        questions: dict[str, dict[str, object]] = {
            "all": {},
            "by person": {"sort": "person"},
            "by action": {"sort": "action"},
            "one patient": {"patient": patients[7]},
            "one person": {"person": str(people[3].pk)},
            "prints": {"action": "print"},
        }
        for name, asked in questions.items():
            found[name] = said(f"{name} (s)", took(partial(page, clinic, {**blank, **asked})))
    finally:
        teardown_databases(databases, verbosity=0)
    print(json.dumps(found))


def parts(clinic: Clinic, people: list[User], patients: list[int], size: int = 10_000) -> Iterator[list[AuditEntry]]:
    """Yield a year of entries: of ten one is a list of 50 patients, and one a print.

    They are numbered as if sealed, for the triggers would make it minutes.
    """
    step = datetime.timedelta(days=364) / ROWS
    first = AuditEntry.objects.count() + 1
    for start in range(0, ROWS, size):
        part = []
        for place in range(start, min(start + size, ROWS)):
            by, listed = people[place * 7 % PEOPLE], place % 10 == 0
            names = [patients[(place + other) % PATIENTS] for other in range(50)] if listed else []
            part.append(
                AuditEntry(
                    at=NOW - datetime.timedelta(days=364) + step * place,
                    by=by,
                    by_name=by.name,
                    clinic=clinic,
                    action="list patients" if listed else "print handout" if place % 10 == 1 else "view patient",
                    subject="patients" if listed else f"patient:{place}",
                    patient_id=None if listed else patients[place * 13 % PATIENTS],
                    detail={"patients": names} if listed else {},
                    chain=clinic.pk,
                    number=first + place,
                    digest="0" * 64,
                )
            )
        yield part


def page(clinic: Clinic, asked: dict[str, object]) -> None:
    """Ask what a page of the report asks: how many there are, the first hundred, and their patients."""
    found = access_log.entries(clinic, asked)
    found.count()
    access_log.lines(clinic, found[:100])


def write(clinic: Clinic, by: User) -> None:
    for _ in range(WRITES):
        audit.record("view patient", by=by, clinic_id=clinic.pk, subject="patient:1", patient_id=1)


def crowd(by: User) -> dict[str, object]:
    """Time WRITERS at once: in one clinic, in a clinic each, and in one clinic without any seal."""
    clinics = [Clinic.objects.create(name=f"Clinic {one}") for one in range(WRITERS)]
    found: dict[str, object] = {}
    for name, theirs, sealed in (
        ("one clinic", clinics[:1] * WRITERS, True),
        ("a clinic each", clinics, True),
        ("no seal", clinics[:1] * WRITERS, False),
    ):
        if not sealed:
            audit_chain.uninstall(connection)
        threads = [threading.Thread(target=alone, args=(clinic, by)) for clinic in theirs]
        seconds = took(partial(run, threads))
        found[f"{name} writes/s"] = said(f"{WRITERS} writers, {name} (writes/s)", WRITERS * WRITES / seconds)
    audit_chain.install(connection)
    return found


def run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@wall.all_clinics("a benchmark makes its own clinics")
def alone(clinic: Clinic, by: User) -> None:
    write(clinic, by)
    connection.close()


def took(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def said(name: str, value: float) -> float:
    print(f"{name:44}{value:12.2f}")
    return round(value, 3)


if __name__ == "__main__":
    main()
