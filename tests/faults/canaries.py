"""The main job with a word of its own in each field that somebody types into, and where those words are found after.

Runs in a process of its own, on a database file of its own, through the pages.
"""

import datetime
import io
import logging
import re
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import timezone
from django.utils.module_loading import import_string

from clinics.models import Role
from exercises.models import Precaution
from patients import records
from patients.models import Patient, RaisedFlag
from programs import delivery
from programs.models import Delivery, Issue, Program, SignOff
from tests.conftest import make_driver, make_exercise, make_user, signed_in
from tests.programs.clinical import FOUR, make_question, make_rest
from tests.programs.home import at_home, key_of
from tests.programs.samples import items_of
from tests.reading import shown

PATIENTS, REWRITTEN = 3, 16
BORN, DUE = datetime.date(1931, 1, 1), timezone.localdate() + datetime.timedelta(days=150)


class Run:
    """Words that were typed, by field of the inventory; addresses that were asked or linked to; what was logged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.typed: dict[str, list[str]] = {}
        self.addresses: set[str] = set()
        self.log = io.StringIO()
        self.by = make_user(Role.THERAPIST)
        self.clinic = self.by.memberships.get().clinic
        self.desk = signed_in(self.by)

    def word(self, field: str, form: str = "{}") -> str:
        """Return a text with a word that stands nowhere else."""
        canary = f"kanari{secrets.token_hex(5)}"
        return self.known(field, canary, form.format(canary))

    def known(self, field: str, canary: str, text: str) -> str:
        self.typed.setdefault(field, []).append(canary)
        return text

    def get(self, client: Client, path: str) -> HttpResponse:
        return self._seen(client.get(path))

    def post(self, client: Client, path: str, **fields: object) -> HttpResponse:
        answer = self._seen(client.post(path, fields))
        assert answer.status_code in {200, 302}, (path, answer.status_code, shown(answer)[-2000:])
        return answer

    def _seen(self, answer: Any) -> HttpResponse:
        self.addresses.add(answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"])
        self.addresses.add(answer.get("Location", ""))
        if "html" in answer.get("Content-Type", ""):
            self.addresses |= set(re.findall(r'(?:href|src|action)="([^"]*)"', answer.content.decode()))
        return answer


def main_job(folder: str) -> dict[str, Any]:
    """Do the main job for some patients; return what was typed and in which places each word was found."""
    setup_test_environment()
    settings.VAR_DIR = Path(folder)
    settings.FIGURES_DIR = settings.VAR_DIR / "figures"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint = 0")  # so that the write-ahead log holds all that was written
        cursor.execute("PRAGMA synchronous = OFF")  # the disk needn't be waited for
    run = Run(Path(folder))
    listen(run.log)
    make_catalog()
    programs = [treat(run, number) for number in range(PATIENTS)]
    sign_off(run, programs[1])
    give(run, programs[0])
    fail(run)
    name = Patient.objects.latest("pk").name
    admin = signed_in(make_user(Role.CLINIC_ADMIN, clinic=run.clinic))
    searches = [(run.desk, "/patients/"), (run.desk, f"/programs/{programs[0].pk}/copy/")]
    for client, path in [*searches, (admin, f"/clinic/{run.clinic.pk}/records/")]:
        assert name in shown(run.get(client, run.post(client, path, q=name)["Location"]))
    for path in ("/", "/patients/", *(f"/patients/{program.patient_id}/" for program in programs)):
        assert run.get(run.desk, path).status_code == 200
    return {
        "typed": run.typed,
        "addresses": sorted(run.addresses),
        "log": run.log.getvalue(),
        "files": {path.name: path.stat().st_size for path in run.folder.rglob("*") if path.is_file()},
        "found": found(run),
    }


def listen(log: io.StringIO) -> None:
    """Take down what the site logs, in its own manner and more of it than it does."""
    handler = logging.StreamHandler(log)
    handler.setFormatter(import_string(settings.LOGGING["formatters"]["line"]["()"])())
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.INFO


def make_catalog() -> None:
    make_driver()
    Precaution.objects.create(slug="pregnancy", name="Pregnancy", needs_due_date=True)
    make_question()
    make_rest()
    for name in FOUR[1:]:
        make_exercise(name)


def treat(run: Run, number: int) -> Program:
    """Admit, screen, close the flag, assess, and build a program with notes and an accepted warning."""
    post, desk, word = run.post, run.desk, run.word
    patient = admit(run, number)
    at = f"/patients/{patient.pk}"
    post(desk, f"{at}/screening/", **{"answer-fever": "yes", "version": 0, "then": "finish"})
    flag = RaisedFlag.objects.get(patient=patient)
    seen = {"assessed_by": word("patients.RaisedFlag.assessed_by"), "assessed_on": "2026-03-02"}
    post(desk, f"/flags/{flag.pk}/close/", outcome=word("patients.RaisedFlag.outcome", "Seen, {}."), **seen)
    due = (DUE + datetime.timedelta(days=number)).isoformat()
    found = {"affected_side": "left", "driver": "piriformis", "irritability": "low", "precautions": ["pregnancy"]}
    also = {"directional_preference": "not_tested", "based_on": "", "neurological_deficit": "on" if number == 1 else ""}
    also["due_date"] = run.known("patients.Assessment.due_date", due, due)
    post(desk, f"{at}/assessment/", note=word("patients.Assessment.note"), **found, **also)
    tell(run, at)
    post(desk, f"{at}/programs/new/", protocol="")
    program = Program.objects.get(patient=patient)
    for name in FOUR:
        edit(run, program, f"add:{name.lower().replace(' ', '-')}")
    for _ in range(REWRITTEN):  # what was there before can be undone, so that it is kept
        edit(run, program, "dose", **{f"note-{item.pk}": word("programs.Item.note") for item in items_of(program)})
    edit(run, program, "next-visit", next_visit=word("programs.Program.next_visit"))
    rest = items_of(program)[0]
    edit(run, program, f"place:{rest.pk}", phase="integrate")
    warning = f"phase_order:{rest.pk}:Lying rest comes too late"
    edit(run, program, f"accept:{warning}", **{f"reason:{warning}": word("programs.Program.accepted", "Agreed: {}")})
    program.refresh_from_db()
    assert program.accepted_now
    assert all(item.note for item in items_of(program))
    return program


def tell(run: Run, at: str) -> None:
    """Note a disclosure and hold the record; correct an address, which keeps the old one."""
    word = run.word
    said = {name: word(f"patients.Disclosure.{name}") for name in ("recipient", "what", "why")}
    run.post(run.desk, f"{at}/disclosures/", on="2026-03-02", **said)
    admin = signed_in(make_user(Role.CLINIC_ADMIN, clinic=run.clinic, name="Ada Lundgren"))
    run.post(admin, f"{at}/record/hold/", why=word("patients.LegalHold.why"))
    patient = Patient.objects.latest("pk")
    kept = {name: getattr(patient, name) for name in ("name", "phone", "contact_note", "language", "version")}
    email = word("patients.Patient.email", "{}@mail.invalid")
    run.post(run.desk, f"{at}/edit/", **kept, birth_date=patient.birth_date.isoformat(), email=email)


def admit(run: Run, number: int) -> Patient:
    digits, born = f"{secrets.randbelow(10**10):010}", (BORN + datetime.timedelta(days=number)).isoformat()
    run.post(
        run.desk,
        "/patients/new/",
        name=run.word("patients.Patient.name", "Maria {}"),
        email=run.word("patients.Patient.email", "{}@mail.invalid"),
        phone=run.known("patients.Patient.phone", digits, digits),
        birth_date=run.known("patients.Patient.birth_date", born, born),
        contact_note=run.word("patients.Patient.contact_note", "Call {} first"),
        language="en",
        version=1,
    )
    return Patient.objects.latest("pk")


def edit(run: Run, program: Program, do: str, **fields: object) -> None:
    program.refresh_from_db()
    run.post(run.desk, f"/programs/{program.pk}/edit/", do=do, version=program.version, **fields)


def sign_off(run: Run, program: Program) -> None:
    trainer = signed_in(make_user(Role.TRAINER, clinic=run.clinic, name="Milo Hartmann"))
    run.post(trainer, f"/programs/{program.pk}/sign-off/", question=run.word("programs.SignOff.question"))
    asked = SignOff.objects.get()
    program.refresh_from_db()
    answer = {"approved": "yes", "answer": run.word("programs.SignOff.answer"), "version": program.version}
    run.post(run.desk, f"/sign-offs/{asked.pk}/", **answer)


def give(run: Run, program: Program) -> None:
    """Issue, print, send by mail and hear that it came back; the patient opens the link and notes something."""
    post, desk = run.post, run.desk
    post(desk, f"/programs/{program.pk}/issue/", number=1, version=program.version, **reasons(run, program))
    issue = Issue.objects.get()
    assert run.get(desk, f"/issues/{issue.pk}/handout.pdf").status_code == 200
    to = run.word("programs.Delivery.to", "{}@elsewhere.invalid")
    mail = {"consent": "attach", "how": "attach", "address_given": "on", "form_key": delivery.new_form_key()}
    post(desk, f"/issues/{issue.pk}/send/", to=to, **mail)
    sent = Delivery.objects.get()
    delivery.send_due.call(sent.pk)
    run.get(desk, f"/deliveries/{sent.pk}/")
    post(desk, f"/deliveries/{sent.pk}/came-back/", note=run.word("programs.Delivery.bounce_note"))
    post(desk, f"/issues/{issue.pk}/links/new/")
    link = issue.links.latest("pk")
    phone = at_home(link)
    assert run.get(phone, "/p/").status_code == 200
    post(phone, "/p/score/", day=timezone.localdate().isoformat(), score=4, key=key_of(link))


def reasons(run: Run, program: Program) -> dict[str, str]:
    """Return a reason for each warning that is asked about on the page of issuing."""
    page = run.get(run.desk, f"/programs/{program.pk}/issue/").content.decode()
    asked = re.findall(r'name="(reason-[^"]+)"', page)
    assert asked
    return {name: run.word("programs.Issue.overrides", "Agreed: {}") for name in asked}


def fail(run: Run) -> None:
    """Let a page fail in the middle of saving what was typed, and one be asked for that isn't there."""
    desk = signed_in(run.by)
    desk.raise_request_exception = False
    create, records.create = records.create, fails
    try:
        typed = {name: run.word(f"patients.Patient.{name}") for name in ("name", "contact_note")}
        assert desk.post("/patients/new/", {**typed, "version": 1}).status_code == 500
    finally:
        records.create = create
    desk.get("/patients/999/")


def fails(clinic: object, values: dict[str, Any], **_: object) -> Patient:
    raise RuntimeError(f"It failed with {values}.")


def found(run: Run) -> dict[str, list[str]]:
    """Return the fields whose words were found, by place: each file as it lies there, sessions and cache opened."""
    places = {path.name: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    places["sessions"] = repr([session.get_decoded() for session in Session.objects.all()]).encode()
    places["cache"] = repr([cache.get(key) for key in cached()]).encode()
    places["log"] = run.log.getvalue().encode()
    places["addresses"] = repr(run.addresses).encode()
    return {
        place: sorted(field for field, words in run.typed.items() if any(word.encode() in content for word in words))
        for place, content in places.items()
    }


def cached() -> list[str]:
    """Return the keys of the shared store, as they are asked for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        return [key.split(":", 2)[2] for (key,) in cursor.fetchall()]
