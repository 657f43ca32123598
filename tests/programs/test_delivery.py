"""The outbox: at least once, never silently lost, and the same Message-ID each time."""

import datetime
import smtplib

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinics.models import AuditEntry
from programs import delivery
from programs.models import Delivery
from tests.conftest import make_user
from tests.programs.samples import make_issue

pytestmark = pytest.mark.django_db

SOON = datetime.timedelta(seconds=1)


def queued(**changes):
    by = make_user()
    issue = make_issue(by=by)
    made = delivery.queue_handout(issue, to="maria@patients.invalid", form_key=delivery.new_form_key(), by=by)
    if changes:
        Delivery.objects.filter(pk=made.pk).update(**changes)
    return made


def fail_with(monkeypatch, trouble):
    def raise_it(self, fail_silently=False):
        raise trouble

    monkeypatch.setattr("django.core.mail.EmailMessage.send", raise_it)


def test_sends_the_issued_bytes_and_says_nothing_of_the_diagnosis():
    made = queued()

    delivery.send(delivery.claim(timezone.now() + SOON))

    made.refresh_from_db()
    sent = mail.outbox[0]
    assert made.status == "sent"
    assert sent.to == ["maria@patients.invalid"]
    assert sent.extra_headers["Message-ID"] == made.message_id
    assert sent.attachments[0].content == bytes(made.issue.pdf.content)
    assert made.issue.assessment.driver.name not in sent.body
    assert made.issue.program.patient.name not in sent.subject


def test_one_form_queues_one_mail():
    by = make_user()
    issue = make_issue(by=by)
    key = delivery.new_form_key()

    first = delivery.queue_handout(issue, to="a@patients.invalid", form_key=key, by=by)
    second = delivery.queue_handout(issue, to="a@patients.invalid", form_key=key, by=by)

    assert first == second
    assert Delivery.objects.count() == 1


def test_a_claimed_mail_is_not_claimed_twice():
    queued()
    now = timezone.now() + SOON

    assert delivery.claim(now) is not None
    assert delivery.claim(now) is None


def test_a_dead_workers_mail_is_taken_again_with_the_same_id():
    made = queued()
    now = timezone.now() + SOON
    delivery.claim(now)

    again = delivery.claim(now + delivery.LEASE + SOON)

    assert again is not None
    assert (again.pk, again.message_id, again.attempts) == (made.pk, made.message_id, 2)


def test_a_late_worker_does_not_overwrite_the_one_who_took_over(monkeypatch):
    made = queued()
    now = timezone.now() + SOON
    late = delivery.claim(now)
    delivery.send(delivery.claim(now + delivery.LEASE + SOON))

    fail_with(monkeypatch, ConnectionRefusedError())
    delivery.send(late)

    made.refresh_from_db()
    assert made.status == "sent"


@pytest.mark.parametrize(
    ("trouble", "status", "said"),
    [
        (ConnectionRefusedError(), "queued", "can't be reached"),
        (TimeoutError(), "queued", "can't be reached"),
        (smtplib.SMTPServerDisconnected("gone"), "queued", "can't be reached"),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), "queued", "450 greylisted"),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), "failed", "550 no such user"),
        (smtplib.SMTPDataError(554, b"refused"), "failed", "554 refused"),
        (smtplib.SMTPDataError(452, b"full"), "queued", "452 full"),
        (ValueError("bad header"), "failed", "check the address"),
    ],
    ids=["refused", "stalled", "dropped", "450", "550", "554", "452", "bad header"],
)
def test_trouble_is_tried_again_or_shown(monkeypatch, trouble, status, said):
    made = queued()
    fail_with(monkeypatch, trouble)

    delivery.send(delivery.claim(timezone.now() + SOON))

    made.refresh_from_db()
    assert made.status == status
    assert said in made.trouble
    assert made.lease_until is None


def test_waits_longer_each_time_and_gives_up_at_last(monkeypatch):
    made = queued()
    fail_with(monkeypatch, ConnectionRefusedError())
    waits = []

    while True:
        made.refresh_from_db()
        claimed = delivery.claim(made.next_at + SOON)
        if claimed is None:
            break
        before = timezone.now()
        delivery.send(claimed)
        made.refresh_from_db()
        waits.append(round((made.next_at - before).total_seconds() / 60))

    assert made.status == "failed"
    assert made.attempts == delivery.MOST_ATTEMPTS
    assert waits[:4] == [1, 5, 15, 60]


def test_gives_up_after_three_days(monkeypatch):
    made = queued(queued_at=timezone.now() - datetime.timedelta(hours=73))
    fail_with(monkeypatch, ConnectionRefusedError())

    delivery.send(delivery.claim(timezone.now() + SOON))

    made.refresh_from_db()
    assert made.status == "failed"


def test_an_archived_patient_gets_no_mail():
    by = make_user()
    issue = make_issue(by=by)
    issue.program.patient.archived_at = timezone.now()

    with pytest.raises(delivery.CannotSend, match="archived"):
        delivery.queue_handout(issue, to="a@patients.invalid", form_key="k", by=by)


def test_queueing_and_sending_are_logged():
    queued()
    delivery.send(delivery.claim(timezone.now() + SOON))

    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["queue handout mail", "sent handout mail"]


def test_the_database_keeps_message_ids_apart():
    first, second = queued(), queued()

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=second.pk).update(message_id=first.message_id)
