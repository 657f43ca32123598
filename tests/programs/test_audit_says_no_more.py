"""The audit log names records and fields; what was typed about a patient is in none of its columns, nor in the logs."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from clinics.models import AuditEntry, Role
from patients import mail_consent, records
from programs import clinic_protocols, delivery, sign_offs
from programs.models import Delivery
from tests.conftest import make_user, signed_in
from tests.patients.samples import close, make_flag
from tests.programs.clinical import make_question, make_ready
from tests.programs.samples import make_issue

# What callers may say besides who, where and which record: ids, counts, dates, codes and names of fields.
CODES = {"attempt", "command", "consent", "content_hash", "day", "fields", "how", "issue", "number", "patients"}
CODES |= {"asked", "since", "until", "person", "programs", "protocol", "red_flag", "source", "stage", "status"}
CODES |= {"address", "may", "method", "reason", "role", "was"}
CODES |= {
    "kind",
    "file",
    "version",
    "way",
    "again_for",
    "answered",
    "raised",
    "overrides",
    "density",
    "pages",
    "options",
}
ASIDE = {"by", "clinic_id", "patient_id", "subject"}
CANARY = "Kestrel"


def keywords() -> set[str]:
    """Return the names that callers of the log give to what they say."""
    found = set()
    for app in ("programs", "patients", "clinics", "exercises"):
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in {"audit.about", "audit.record"}:
                    found |= {word.arg for word in node.keywords if word.arg}
    return found - ASIDE


def test_callers_say_ids_and_codes_alone():
    assert keywords() <= CODES


@pytest.mark.django_db
@pytest.mark.asvs("V16.2.5")
def test_nothing_typed_reaches_the_log(caplog, settings):
    by = make_user()
    clinic = by.memberships.get().clinic
    blank = {"birth_date": None, "phone": f"{CANARY} 1", "language": "en", "contact_note": f"{CANARY} calls"}
    values = {"name": f"{CANARY} One", "email": f"{CANARY}@patients.invalid", **blank}
    patient = records.create(clinic, values, by=by)
    records.update(patient, {**values, "name": f"{CANARY} Two"}, seen_version=patient.version, by=by)
    mail_consent.record(patient, "attach", by=by)
    program = make_ready(by=by, patient=patient)
    close(make_flag(make_question("bladder"), patient=patient, by=by), by=by, outcome=f"{CANARY} scan was clear.")
    issue = make_issue(program, by=by)
    key = delivery.new_form_key()
    mail = delivery.queue_handout(issue, to=f"{CANARY}@patients.invalid", form_key=key, by=by)
    Delivery.objects.filter(pk=mail.pk).update(status="sent", sent_at=timezone.now())
    delivery.note_bounce(mail, f"{CANARY} unknown", by=by)
    trainer = make_user(Role.TRAINER, clinic=clinic)
    asked = sign_offs.ask(program, reasons=[CANARY], question=f"{CANARY}?", by=trainer)
    sign_offs.decide(asked, approved=False, answer=f"{CANARY}!", seen_version=program.version, by=by)
    clinic_protocols.save_program(program, title=CANARY, note=CANARY, shared=True, by=by)
    client = signed_in(by)
    pages = ["", "edit/", "screening/", "assessment/"]
    answers = [client.get(f"/patients/{patient.pk}/{page}") for page in pages]
    answers += [client.get(f"/programs/{program.pk}/"), client.get("/"), client.get("/patients/")]

    assert {answer.status_code for answer in answers} == {200}
    assert AuditEntry.objects.count() > 15
    assert CANARY.casefold() not in str(list(AuditEntry.objects.values())).casefold()
    assert CANARY.casefold() not in caplog.text.casefold()
