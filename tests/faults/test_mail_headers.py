"""F15: whatever is written into names and addresses, a mail has one recipient and no header but our own."""

import itertools
from email import message_from_bytes, policy

import pytest
from django.core.management import call_command
from django.db import DataError, transaction

from programs import delivery
from programs.management.commands import deliver
from programs.models import Delivery
from tests.conftest import DEEP, make_user
from tests.faults.servers import HOST, Sink, served
from tests.programs.samples import make_issue, make_program

pytestmark = [pytest.mark.fault, pytest.mark.django_db]

TO = "maria@patients.invalid"
EVIL = "evil@elsewhere.invalid"
HEADERS = {"Subject", "From", "To", "Reply-To", "Message-ID", "Date", "MIME-Version", "Content-Type"}

PIECES = {
    "CRLF": f"a\r\nBcc: {EVIL}",
    "LF": f"a\nBcc: {EVIL}",
    "CR": f"a\rBcc: {EVIL}",
    "two CRLF": f"a\r\n\r\nX-Evil: 1\r\nBcc: {EVIL}",
    "LF at the end": "a\n",
    "LF in front": "\na",
    "LF and space": f"a\n Bcc: {EVIL}",
    "VT": f"a\x0bBcc: {EVIL}",
    "FF": f"a\x0cBcc: {EVIL}",
    "NUL": f"a\x00Bcc: {EVIL}",
    "ESC": "a\x1b[31mb",
    "FS": f"a\x1cBcc: {EVIL}",
    "NEL": f"a\x85Bcc: {EVIL}",
    "LS": f"a\u2028Bcc: {EVIL}",
    "PS": f"a\u2029Bcc: {EVIL}",
    "right to left": "a\u202eb",
    "comma": f"{TO}, {EVIL}",
    "semicolon": f"{TO}; {EVIL}",
    "angle": f"a <{EVIL}>",
    "quote": f'"a" <{EVIL}>, "b',
    "quoted comma": f'"a, b" {EVIL}',
    "group": f"all: {TO}, {EVIL};",
    "comment": f"a (b) {EVIL}",
    "backslash": '\\"\\\r\n',
    "encoded word": "=?utf-8?q?a=0D=0ABcc:_evil=40elsewhere.invalid?=",
    "base64 word": "=?utf-8?b?DQpCY2M6IGV2aWxAZWxzZXdoZXJlLmludmFsaWQ=?=",
    "percent": f"a%0d%0aBcc: {EVIL}",
    "emoji": "🦴 Söhne",
}
PLACES = ("to", "clinic name", "clinic e-mail", "clinic phone", "clinician", "credentials", "sent to by import")
CASES = list(itertools.product(PLACES, PIECES)) + [
    (place, f"{piece} after an address") for place in ("clinic e-mail", "sent to by import") for piece in ("CRLF", "LF")
]
KEPT = CASES if DEEP else CASES[:: len(CASES) // 40]


def piece(name: str) -> str:
    base = name.partition(" after an address")[0]
    return PIECES[base] if base == name else f"{TO}{PIECES[base][1:]}"


@pytest.fixture(autouse=True)
def plain_smtp(settings, monkeypatch):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", HOST
    settings.DEFAULT_FROM_EMAIL = "ReleaseFirst <no-reply@site.invalid>"
    monkeypatch.setattr(deliver, "close_old_connections", lambda: None)


def test_there_are_two_hundred_cases():
    assert len(CASES) >= 200
    assert len(KEPT) >= (200 if DEEP else 40)


@pytest.mark.asvs("V1.3.3", "V1.3.11")
@pytest.mark.filterwarnings("ignore")
def test_one_recipient_and_no_header_more(settings, give_signals_back):
    by = make_user()
    issue = make_issue(by=by)
    refused, stored = 0, []
    for number, (place, name) in enumerate(KEPT):
        row = queue(issue, place, piece(name), number)
        refused += row is None
        stored += [row] if row else []
    last = delivery.queue_handout(make_issue(by=by), to=TO, form_key="last", by=by)
    sink = Sink()

    with served(sink) as port:
        settings.EMAIL_PORT = port
        call_command("deliver", once=True)

    assert refused + len(stored) == len(KEPT)
    assert len(sink.taken) > len(KEPT) / 2  # names are made fit for a header, so that the mail still goes out
    assert not Delivery.objects.filter(status="queued").exists()
    assert last.message_id in {mail.message_id for mail in sink.taken}
    assert len(sink.taken) == Delivery.objects.filter(status="sent").count()
    for mail in sink.taken:
        assert mail.recipients == [TO]
        assert mail.sender == "no-reply@site.invalid"
        message = message_from_bytes(mail.content, policy=policy.default)
        assert set(message.keys()) <= HEADERS
        assert len(message.keys()) == len(set(message.keys()))
        assert [address.addr_spec for address in message["From"].addresses] == ["no-reply@site.invalid"]
        assert [address.addr_spec for address in message["To"].addresses] == [TO]
        assert len(message["Reply-To"].addresses if message["Reply-To"] else ()) <= 1
        assert EVIL not in str(message["Reply-To"])


def queue(issue, place: str, words: str, number: int) -> Delivery | None:
    """Queue a mail of an issue of its own with these words in that place; None if they get no further."""
    by = make_user()
    own = make_issue(make_program(by=by), by=by)
    clinic, clinician = own.program.patient.clinic, own.issued_by
    row = None
    if place != "to":
        row = delivery.queue_handout(own, to=TO, form_key=f"key-{number}", by=issue.issued_by)
    try:
        with transaction.atomic():
            if place == "to":
                return delivery.queue_handout(own, to=words, form_key=f"key-{number}", by=issue.issued_by)
            if place == "sent to by import":
                Delivery.objects.filter(pk=row.pk).update(to=words)
            elif place.startswith("clinic "):
                field = {"clinic name": "name", "clinic e-mail": "email", "clinic phone": "phone"}[place]
                type(clinic).objects.filter(pk=clinic.pk).update(**{field: words})
            else:
                field = {"clinician": "name", "credentials": "credentials"}[place]
                type(clinician).objects.filter(pk=clinician.pk).update(**{field: words})
    except (delivery.CannotSend, ValueError, DataError):  # PostgreSQL keeps no NUL and nothing too long
        if row:
            Delivery.objects.filter(pk=row.pk).delete()
        return None
    return row
