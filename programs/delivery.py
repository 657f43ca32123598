"""The outbox: a handout that was queued is sent at least once, and a double sending carries the same Message-ID.

A row is claimed by a lease before its mail goes out and marked sent only after the mail server took it. A
worker that dies in between leaves the lease to run out, and the next worker sends again.
"""

import datetime
import secrets
import smtplib
from dataclasses import dataclass
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone

from clinics import audit
from clinics.models import User
from programs.models import Delivery, Issue

LEASE = datetime.timedelta(seconds=90)
MOST_ATTEMPTS = 14
WAITS = [datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480)]
GIVE_UP_AFTER = datetime.timedelta(hours=72)


class CannotSend(Exception):
    """The handout can't be sent; the text is the sentence the page shows."""


def new_form_key() -> str:
    """Return a key for one send form: the same key never queues two mails."""
    return secrets.token_urlsafe(24)


def queue_handout(issue: Issue, *, to: str, form_key: str, by: User) -> Delivery:
    """Put the issued handout into the outbox, once per form."""
    if issue.program.patient.archived_at:
        raise CannotSend("This patient is archived. Bring the patient back before sending.")
    known = Delivery.objects.filter(form_key=form_key).first()
    if known:
        return known
    try:
        with transaction.atomic():
            delivery = Delivery.objects.create(
                issue=issue, to=to, message_id=_message_id(), form_key=form_key, queued_by=by
            )
            patient = issue.program.patient
            audit.about(patient, "queue handout mail", by=by, subject=delivery)
    except IntegrityError:  # the same form came twice at once
        return Delivery.objects.get(form_key=form_key)
    return delivery


def claim(now: datetime.datetime) -> Delivery | None:
    """Take the next due mail for one lease, or return None."""
    due = Delivery.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), status="queued", next_at__lte=now)
    for candidate in due.order_by("next_at", "id")[:10]:
        token = secrets.token_hex(16)
        taken = due.filter(pk=candidate.pk).update(
            lease_until=now + LEASE, lease_token=token, attempts=F("attempts") + 1
        )
        if taken:
            return (
                Delivery.objects.filter(pk=candidate.pk, lease_token=token)
                .select_related("issue__program__patient__clinic", "issue__pdf", "issue__issued_by", "queued_by")
                .first()
            )
    return None


def send(delivery: Delivery) -> None:
    """Hand a claimed mail to the mail server and note how it went; a late worker's word doesn't count."""
    trouble = _attempt(delivery)
    now = timezone.now()
    claimed = Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token)
    if trouble is None:
        changes = {"status": "sent", "sent_at": now, "trouble": ""}
    elif trouble.final or delivery.attempts >= MOST_ATTEMPTS or now - delivery.queued_at > GIVE_UP_AFTER:
        changes = {"status": "failed", "trouble": trouble.sentence}
    else:
        wait = WAITS[min(delivery.attempts, len(WAITS)) - 1]
        changes = {"next_at": now + wait, "trouble": trouble.sentence}
    with transaction.atomic():
        if claimed.update(**changes, lease_until=None, lease_token=""):
            _log(delivery, "sent" if trouble is None else "tried")


@dataclass(frozen=True, slots=True)
class _Trouble:
    sentence: str
    final: bool


def _attempt(delivery: Delivery) -> _Trouble | None:
    try:
        compose(delivery).send()
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        return _refused(code, words)
    except smtplib.SMTPResponseException as refusal:
        return _refused(refusal.smtp_code, refusal.smtp_error)
    except (OSError, smtplib.SMTPException) as trouble:
        return _Trouble(f"The mail server can't be reached ({type(trouble).__name__}).", final=False)
    except ValueError:  # a header that can't be sent, such as an address with a line break
        return _Trouble("The mail could not be written; check the address.", final=True)
    return None


def _refused(code: int, words: bytes | str) -> _Trouble:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return _Trouble(f"The mail server said {code} {text[:200]}", final=code >= 500)


def compose(delivery: Delivery) -> EmailMessage:
    """Return the mail: no diagnosis and no date of birth in it, the handout as it was issued attached."""
    patient = delivery.issue.program.patient
    page = {"clinic": patient.clinic, "clinician": delivery.issue.issued_by}
    mail = EmailMessage(
        subject=f"Your exercise program from {patient.clinic.name}",
        body=render_to_string("email/handout.txt", page),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[delivery.to],
        reply_to=[patient.clinic.email] if patient.clinic.email else [],
        headers={"Message-ID": delivery.message_id, "Date": format_datetime(delivery.queued_at)},
    )
    mail.attach("exercise-program.pdf", bytes(delivery.issue.pdf.content), "application/pdf")
    return mail


def _message_id() -> str:
    domain = settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].rstrip(">")
    return f"<{secrets.token_hex(16)}@{domain}>"


def _log(delivery: Delivery, what: str) -> None:
    patient = delivery.issue.program.patient
    audit.about(patient, f"{what} handout mail", by=None, subject=delivery, attempt=delivery.attempts)
