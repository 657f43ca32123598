"""The outbox: at least once, never silently lost, and the same Message-ID each time."""

import datetime
import smtplib
import ssl
import time

import pytest
from django.core import mail
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django_tasks import task_backends
from django_tasks.base import Task
from django_tasks.exceptions import InvalidTaskError

from clinics.models import AuditEntry
from programs import delivery, mail_server, patient_link
from programs.models import Delivery, PatientLink
from tests.conftest import make_user
from tests.programs.samples import make_issue

pytestmark = pytest.mark.django_db

SOON = datetime.timedelta(seconds=1)
TO = "maria@patients.invalid"


@pytest.fixture(autouse=True)
def with_links(settings):
    settings.SITE_ADDRESS = "https://clinic.example"


@pytest.fixture
def issue():
    return make_issue(by=make_user())


def queue(issue, *, key="", to=TO, **also):
    return delivery.queue_handout(issue, to=to, form_key=key or delivery.new_form_key(), by=issue.issued_by, **also)


def queued(**changes):
    made = queue(make_issue(by=make_user()))
    if changes:
        Delivery.objects.filter(pk=made.pk).update(**changes)
    return made


def claimed_next(now):
    due = delivery.next_due(now)
    return delivery.claim(now, due) if due else None


def send_next():
    delivery.send(claimed_next(timezone.now() + SOON))


def fail_with(monkeypatch, trouble):
    def raise_it(self, messages):
        raise trouble

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", raise_it)


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_sends_the_issued_bytes_under_the_rows_message_id():
    made = queued()

    send_next()

    made.refresh_from_db()
    sent = mail.outbox[0]
    assert (made.status, made.trouble, made.lease_until) == ("sent", "", None)
    assert sent.to == [TO]
    assert sent.extra_headers["Message-ID"] == made.message_id
    assert sent.attachments[0].content == bytes(made.issue.pdf.content)


def test_sends_a_link_of_its_own_that_is_made_with_the_row(issue):
    made = queue(issue, how="link")

    send_next()

    link = PatientLink.objects.get()
    assert made.link == link
    assert (link.way, link.issue, link.made_by) == ("mail", issue, issue.issued_by)
    assert patient_link.address(link.seed) in mail.outbox[0].body
    assert mail.outbox[0].attachments == []


def test_one_form_queues_one_mail(issue):
    first, second = (queue(issue, key="key", how="link") for _ in range(2))

    assert first == second
    assert (Delivery.objects.count(), PatientLink.objects.count()) == (1, 1)


def test_one_form_does_not_pass_another_mail_off_as_sent(issue):
    queue(issue, key="key")

    with pytest.raises(delivery.CannotSend, match=f"that mail is on its way to {TO}"):
        queue(issue, key="key", to="other@patients.invalid")
    with pytest.raises(delivery.CannotSend) as elsewhere:
        queue(make_issue(by=make_user()), key="key")

    assert TO not in str(elsewhere.value)
    assert Delivery.objects.count() == 1


def test_leaves_no_row_when_it_cannot_be_logged(issue, monkeypatch):
    def fail(*args, **also):
        raise RuntimeError("no log")

    monkeypatch.setattr("clinics.audit.record", fail)

    with pytest.raises(RuntimeError):
        queue(issue, how="link")
    assert (Delivery.objects.count(), PatientLink.objects.count()) == (0, 0)


def test_a_claimed_mail_is_not_claimed_twice():
    made = queued()
    now = timezone.now() + SOON

    assert delivery.claim(now, made.pk) is not None
    assert delivery.claim(now, made.pk) is None
    assert delivery.next_due(now) is None


def test_a_dead_workers_mail_is_taken_again_with_the_same_id():
    made = queued()
    now = timezone.now() + SOON
    claimed_next(now)

    again = claimed_next(now + delivery.LEASE + SOON)

    assert again is not None
    assert (again.pk, again.message_id, again.attempts) == (made.pk, made.message_id, 2)


def test_a_late_worker_does_not_overwrite_the_one_who_took_over(monkeypatch):
    made = queued()
    now = timezone.now() + SOON
    late = claimed_next(now)
    delivery.send(claimed_next(now + delivery.LEASE + SOON))
    told = actions()

    for trouble in (ConnectionRefusedError(), smtplib.SMTPDataError(554, b"no")):
        fail_with(monkeypatch, trouble)
        delivery.send(late)

    made.refresh_from_db()
    assert (made.status, made.trouble) == ("sent", "")
    assert actions() == told


def away(monkeypatch, times: int) -> None:
    """Let the database fail so often when it is noted that a mail was taken."""
    write, left = delivery._log, [OperationalError("gone")] * times
    monkeypatch.setattr(delivery, "NOTE_AGAIN_AFTER_S", (0.01, 0.01))

    def fail_or_write(made, what):
        if left:
            raise left.pop()
        write(made, what)

    monkeypatch.setattr(delivery, "_log", fail_or_write)


def test_a_mail_that_was_taken_is_noted_when_the_database_is_back(monkeypatch):
    made = queued()
    away(monkeypatch, 2)

    send_next()

    made.refresh_from_db()
    assert (made.status, made.lease_until, len(mail.outbox)) == ("sent", None, 1)
    assert actions().count("sent handout mail") == 1


def test_while_the_database_stays_away_the_mail_is_left_to_its_lease(monkeypatch, caplog):
    made = queued()
    away(monkeypatch, 3)

    send_next()

    made.refresh_from_db()
    assert made.status == "queued"
    assert made.lease_until > timezone.now()
    assert caplog.text.count("can't be noted") == 3


@pytest.mark.parametrize(
    ("trouble", "status", "said"),
    [
        (ConnectionRefusedError(), "queued", "can't be reached"),
        (TimeoutError(), "queued", "can't be reached"),
        (smtplib.SMTPServerDisconnected("gone"), "queued", "can't be reached"),
        (ssl.SSLCertVerificationError("self-signed"), "queued", "certificate isn’t trusted"),
        (smtplib.SMTPNotSupportedError("STARTTLS not supported"), "queued", "STARTTLS not supported"),
        (smtplib.SMTPConnectError(421, b"busy"), "queued", "421 busy"),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), "queued", "450 greylisted"),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), "failed", "550 no such user"),
        (smtplib.SMTPDataError(554, b"5.7.1 refused\n5.7.1 as spam\x0b"), "failed", "554 5.7.1 refused 5.7.1 as spam"),
        (smtplib.SMTPDataError(452, b"full"), "queued", "452 full"),
        (smtplib.SMTPAuthenticationError(535, b"bad password"), "failed", "535 bad password"),
        (ValueError("bad header"), "failed", "check the address"),
        (KeyError("anything else"), "failed", "check the address"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore")
def test_trouble_is_tried_again_or_shown(monkeypatch, trouble, status, said):
    made = queued()
    fail_with(monkeypatch, trouble)

    send_next()

    made.refresh_from_db()
    assert made.status == status
    assert said in made.trouble
    assert made.lease_until is None


def test_never_says_handed_over_where_no_server_took_it(settings):
    made = queued()
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    send_next()

    made.refresh_from_db()
    assert (made.status, made.trouble) == ("failed", "No mail server is set up here.")


def test_never_says_handed_over_when_the_backend_took_none(monkeypatch):
    made = queued()
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda self, messages: 0)

    send_next()

    made.refresh_from_db()
    assert made.status == "failed"


def test_waits_longer_each_time_and_gives_up_at_last(monkeypatch):
    made = queued()
    fail_with(monkeypatch, ConnectionRefusedError())
    waits = []

    while True:
        made.refresh_from_db()
        claimed = claimed_next(made.next_at + SOON)
        if claimed is None:
            break
        before = timezone.now()
        delivery.send(claimed)
        made.refresh_from_db()
        waits.append(round((made.next_at - before).total_seconds() / 60))

    assert made.status == "failed"
    assert made.attempts == delivery.MOST_ATTEMPTS == 14
    assert waits[:-1] == [1, 5, 15, 60, 120, 240, *[480] * 7]
    assert datetime.timedelta(minutes=sum(waits[:-1])) < delivery.GIVE_UP_AFTER


def test_gives_up_after_three_days(monkeypatch):
    made = queued(queued_at=timezone.now() - datetime.timedelta(hours=73))
    fail_with(monkeypatch, ConnectionRefusedError())

    send_next()

    made.refresh_from_db()
    assert made.status == "failed"


def test_gives_up_a_mail_that_kills_each_worker():
    made = queued(attempts=delivery.MOST_ATTEMPTS)

    send_next()

    made.refresh_from_db()
    assert (made.status, made.trouble) == ("failed", "Given up after 14 tries that didn’t end.")
    assert mail.outbox == []


def test_queues_nothing_where_there_is_no_mail_server(issue, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    with pytest.raises(delivery.CannotSend, match="No mail server is set up here"):
        queue(issue)
    assert not Delivery.objects.exists()


def test_an_archived_patient_gets_no_mail(issue):
    issue.program.patient.archived_at = timezone.now()

    with pytest.raises(delivery.CannotSend, match="archived"):
        queue(issue)


@pytest.mark.parametrize(
    ("policy", "consent", "how", "reason"),
    [
        ("none", "attach", "attach", "This clinic sends nothing"),
        ("none", "attach", "link", "This clinic sends nothing"),
        ("link", "attach", "attach", "only a link"),
        ("link", "attach", "link", ""),
        ("attach", "attach", "attach", ""),
        ("attach", "attach", "link", ""),
        ("attach", "link", "attach", "agreed to a link alone"),
        ("attach", "link", "link", ""),
        ("attach", "none", "link", "wants nothing by e-mail"),
        ("attach", "", "link", "Ask the patient"),
        ("attach", "", "attach", "Ask the patient"),
    ],
)
def test_sends_the_lesser_of_policy_and_consent(issue, policy, consent, how, reason):
    patient = issue.program.patient
    patient.clinic.mail_policy, patient.mail_consent = policy, consent

    if reason:
        with pytest.raises(delivery.CannotSend, match=reason):
            queue(issue, how=how)
    else:
        queue(issue, how=how)

    assert Delivery.objects.exists() is not bool(reason)


def test_sends_no_links_while_they_lead_nowhere(issue, settings):
    settings.SITE_ADDRESS = ""

    with pytest.raises(delivery.CannotSend, match="Links can’t be sent yet"):
        queue(issue, how="link")


@pytest.mark.parametrize("withdrawn", ["consent", "policy", "archive", "link"])
def test_asks_again_before_a_mail_that_waited_goes_out(issue, withdrawn):
    made, patient = queue(issue, how="link"), issue.program.patient
    if withdrawn == "consent":
        type(patient).objects.update(mail_consent="none")
    elif withdrawn == "policy":
        type(patient.clinic).objects.update(mail_policy="none")
    elif withdrawn == "archive":
        type(patient).objects.update(archived_at=timezone.now())
    else:
        patient_link.revoke(made.link, by=issue.issued_by)

    send_next()

    made.refresh_from_db()
    assert made.status == "failed"
    assert made.trouble
    assert mail.outbox == []


def test_a_mail_makes_up_for_another(issue):
    first = queue(issue)

    second = queue(issue, again_for=first)

    assert list(first.again.all()) == [second]
    assert second.message_id != first.message_id
    assert AuditEntry.objects.first().detail == {"how": "attach", "again_for": first.pk}


def test_what_came_back_is_kept_once(issue):
    made = queue(issue)
    with pytest.raises(delivery.CannotNote):
        delivery.note_bounce(made, "no such user", by=issue.issued_by)
    send_next()

    delivery.note_bounce(made, "no such user", by=issue.issued_by)

    with pytest.raises(delivery.CannotNote):
        delivery.note_bounce(made, "another", by=issue.issued_by)
    assert made.bounced_at is not None
    assert made.bounce_note == "no such user"
    assert actions()[-1] == "note bounced mail"


def test_queueing_and_sending_are_logged():
    queued()
    send_next()

    assert actions()[-2:] == ["queue handout mail", "sent handout mail"]


def test_the_log_holds_no_address():
    queued()
    send_next()

    assert TO not in str(list(AuditEntry.objects.values()))


def test_the_database_keeps_message_ids_apart():
    first, second = queued(), queued()

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=second.pk).update(message_id=first.message_id)


def test_the_task_sends_what_is_due_and_nothing_twice():
    made = queued()

    for _ in range(2):
        delivery.send_due.call(made.pk)

    assert len(mail.outbox) == 1


def test_the_task_leaves_what_is_not_due():
    made = queued()
    later = timezone.now() + delivery.LEASE

    result = delivery.send_due.using(run_after=later).enqueue(made.pk)
    delivery.send_due.call(made.pk)

    made.refresh_from_db()
    assert (made.next_at, made.status) == (later, "queued")
    assert (result.id, result.status) == (str(made.pk), "READY")
    assert mail.outbox == []


def test_a_mail_that_went_out_is_not_made_due_again():
    made = queued()
    send_next()
    made.refresh_from_db()

    delivery.send_due.enqueue(made.pk)

    assert Delivery.objects.get(pk=made.pk).next_at == made.next_at


def test_the_outbox_takes_no_task_that_it_would_lose():
    with pytest.raises(InvalidTaskError, match="keeps mails only"):
        task_backends["default"].task_class(func=delivery.new_form_key)


def test_another_queue_may_carry_the_task(issue, monkeypatch):
    now = {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}
    monkeypatch.setattr(task_backends, "settings", {"default": now})
    monkeypatch.setattr(Task, "get_backend", lambda self: task_backends.create_connection("default"))

    made = queue(issue)

    made.refresh_from_db()
    assert made.status == "sent"
    assert len(mail.outbox) == 1


def test_no_server_is_waited_for_longer_than_allowed():
    begun = time.monotonic()

    with pytest.raises(TimeoutError), mail_server.at_most(0.05):
        time.sleep(5)

    assert time.monotonic() - begun < 1
