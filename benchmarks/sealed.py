"""What sealing costs the pages that name many patients: script/bench sealed, on SQLite.

The same pages with 1,000 patients, as they are and with opening what is sealed left out; interleaved, so that the ratio
is what sealing costs. And how long it takes to open a handout's PDF, and to seal all anew with another key.
"""

import datetime
import itertools
import json
import time
from collections.abc import Callable
from functools import partial
from unittest import mock

from django.conf import settings
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from benchmarks.timing import interleaved, table
from clinics import resealing, secrets
from patients.models import Patient, fold
from tests.conftest import make_user, signed_in

PATIENTS, ROUNDS = 1000, 15
PDF = 120_000  # bytes of a usual handout
PAGES = {"today": "/", "list": "/patients/"}
PHONE = "999999"


def main() -> None:
    before = setup_databases(verbosity=0, interactive=False)
    try:
        measured()
    finally:
        teardown_databases(before, verbosity=0)


def measured() -> None:
    client = fill()
    found: dict[str, float] = {}
    found_by_phone = client.post("/patients/", {"q": PHONE})["Location"]
    for name, address in (PAGES | {"search by phone": found_by_phone}).items():
        ways: dict[str, Callable[[], object]] = {
            "nothing sealed": partial(without_opening, client, address),
            "sealed": partial(shown, client, address),
        }
        timings = interleaved(ways, rounds=ROUNDS)
        print(name, table(timings, reference="nothing sealed"), sep="\n")
        plain, sealed = (min(timings[way].rounds) for way in ways)  # what else the machine does only adds to them
        found[f"{name} ratio"], found[f"{name} ms more"] = round(sealed / plain, 2), round(sealed - plain, 1)
    pdf = secrets.seal_bytes(b"%" * PDF, about="pdf")
    opening = interleaved({"pdf": lambda: secrets.unseal_bytes(pdf, about="pdf")}, rounds=ROUNDS)
    found["open a PDF ms"] = round(opening["pdf"].median, 2)
    settings.FIELD_KEYS = [b"n" * 32, *settings.FIELD_KEYS]
    start = time.perf_counter()
    found["values sealed anew"] = resealing.rotate().total()
    found["values a second"] = round(found["values sealed anew"] / (time.perf_counter() - start))
    print(json.dumps(found))


def fill() -> Client:
    """Make the patients of a clinic; return the browser of somebody who works there."""
    user = make_user()
    clinic, born = user.memberships.get().clinic, datetime.date(1950, 1, 1)
    names = (f"Patient {number:04}" for number in itertools.count())
    Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            name=name,
            folded_name=fold(name),
            email=f"p{number}@patients.invalid",
            phone=f"5550100{number:03}",
            birth_date=born + datetime.timedelta(days=number),
            contact_note="Call after 5 pm, please.",
        )
        for number, name in zip(range(PATIENTS), names, strict=False)
    )
    client = signed_in(user)
    client.defaults["HTTP_HOST"] = "localhost"
    return client


def shown(client: Client, address: str) -> None:
    if client.get(address).status_code != 200:
        raise RuntimeError(f"{address} isn't shown.")


def made_up(_: str, *, about: str) -> str:
    return "1950-01-01" if about.endswith("_date") else "5550100000"


def without_opening(client: Client, address: str) -> None:
    """Show a page for which nothing is opened: each value is a made-up one."""
    with mock.patch.object(secrets, "unseal", made_up):
        shown(client, address)


if __name__ == "__main__":
    main()
