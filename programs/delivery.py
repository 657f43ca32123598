"""The outbox: a mail that was queued is handed to the mail server at least once, and a double has the same Message-ID.

A row is claimed by a lease before its mail goes out and marked as handed over only after the mail server took it. A
worker that dies in between leaves the lease to run out, and the next worker sends again; the dead one's word, should
it come late, doesn't count. Only this module writes the rows.
"""

import datetime
import logging
import secrets
import time

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from clinics import audit, wall
from clinics.models import User
from patients import mail_consent
from patients.models import Patient
from programs import mail_server, mails, patient_link
from programs.mail_server import Trouble
from programs.models import Delivery, DeliveryQuerySet, Issue

LEASE = datetime.timedelta(seconds=90)
MOST_ATTEMPTS = 14
WAITS = [datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480)]
GIVE_UP_AFTER = datetime.timedelta(hours=72)
NOTE_AGAIN_AFTER_S = (0.5, 1, 2, 4, 8, 16)

log = logging.getLogger(__name__)


class CannotSend(Exception):
    """The handout can't be sent; the text is the sentence the page shows."""


class CannotNote(Exception):
    """What came back can't be noted; the text is the sentence the page shows."""


def new_form_key() -> str:
    """Return a key for one send form: the same key never queues two mails."""
    return secrets.token_urlsafe(24)


def queue_handout(
    issue: Issue,
    *,
    to: str,
    form_key: str,
    by: User,
    how: str = "attach",
    again_for: Delivery | None = None,
) -> Delivery:
    """Put the issued handout, or a new link to it, into the outbox, once per form, in the patient's language.

    `again_for` is the mail that this one makes up for.
    """
    known = Delivery.objects.filter(form_key=form_key).first()
    if known:
        return _same(known, issue, to, how)
    check_can_send(issue, to=to, how=how)
    patient = issue.program.patient
    try:
        with transaction.atomic():
            delivery = Delivery.objects.create(
                issue=issue,
                to=to,
                how=how,
                language=mails.language_for(patient.language),
                link=patient_link.make(issue, seed=patient_link.new_seed(), way="mail", by=by)
                if how == "link"
                else None,
                again_for=again_for,
                message_id=mails.new_message_id(),
                form_key=form_key,
                queued_by=by,
            )
            again = {"again_for": again_for.pk} if again_for else {}
            audit.about(patient, "queue handout mail", by=by, subject=delivery, how=how, **again)
            send_due.enqueue(delivery.pk)
    except IntegrityError:  # the same form came twice at once
        return _same(Delivery.objects.get(form_key=form_key), issue, to, how)
    return delivery


def check_sends_to(patient: Patient) -> None:
    """Raise CannotSend if nothing at all may go to this patient, whatever the patient agrees to."""
    if patient.archived_at:
        raise CannotSend("This patient is archived. Bring the patient back before sending.")
    if not mail_server.is_set_up():
        raise CannotSend(mail_server.NOT_SET_UP)
    try:
        mail_consent.check_clinic_mails(patient.clinic)
    except mail_consent.MayNotMail as reason:
        raise CannotSend(str(reason)) from reason


def check_can_send(issue: Issue, *, to: str, how: str) -> None:
    """Raise CannotSend if this may not go to that address, or not at all."""
    check_sends_to(issue.program.patient)
    try:
        mail_consent.check_may_mail(issue.program.patient, how)
        mails.check_address(to)
    except (mail_consent.MayNotMail, mails.BadAddress) as reason:
        raise CannotSend(str(reason)) from reason


def _same(known: Delivery, issue: Issue, to: str, how: str) -> Delivery:
    """Return the mail that this form queued before; raise CannotSend if the form asked for another one then."""
    if (known.issue_id, known.to, known.how) == (issue.pk, to, how):
        return known
    where = f" to {known.to}" if known.issue_id == issue.pk else ""
    raise CannotSend(f"This form was sent before, and that mail is on its way{where}. Press Send to send another.")


@task
def send_due(delivery_id: int) -> None:
    """Hand this mail over if it is due and nobody else has it; calling it again does no harm."""
    claimed = claim(timezone.now(), delivery_id)
    if claimed:
        send(claimed)


def next_due(now: datetime.datetime) -> int | None:
    """Return the key of the mail that has been due the longest, if any."""
    return _due(now).order_by("next_at", "id").values_list("pk", flat=True).first()


def clinic_of(key: int) -> int | None:
    """Return the key of the clinic whose mail it is: its worker enters that one alone."""
    return Delivery.objects.filter(pk=key).values_list("issue__program__patient__clinic_id", flat=True).first()


def claim(now: datetime.datetime, key: int) -> Delivery | None:
    """Take that mail for one lease; return None if it isn't to be had."""
    token = secrets.token_hex(16)
    taken = _due(now).filter(pk=key).update(lease_until=now + LEASE, lease_token=token, attempts=F("attempts") + 1)
    if not taken:
        return None
    whole = Delivery.objects.select_related(
        "issue__program__patient__clinic", "issue__pdf", "issue__issued_by", "queued_by", "link"
    )
    whole = whole.defer("issue__snapshot", "issue__program__edits")
    return whole.filter(pk=key, lease_token=token).first()


def _due(now: datetime.datetime) -> DeliveryQuerySet:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Delivery.objects.filter(free, status="queued", next_at__lte=now)


def send(delivery: Delivery) -> None:
    """Hand a claimed mail to the mail server and note how it went; a late worker's word doesn't count.

    A database that was restarted meanwhile is waited for within the lease: else what was taken would go out again.
    """
    trouble = _too_late(delivery) or _attempt(delivery)
    for wait_s in (0, *NOTE_AGAIN_AFTER_S):
        time.sleep(wait_s)
        try:
            if wait_s:
                wall.reconnect()
            return _note(delivery, trouble)
        except DatabaseError:
            log.exception("It can't be noted how mail %s went; trying again for half a minute.", delivery.pk)
    return None


def _note(delivery: Delivery, trouble: Trouble | None) -> None:
    """Write down how it went. Done again it does no harm: the lease is given back with it."""
    now = timezone.now()
    spent = delivery.attempts >= MOST_ATTEMPTS or now - delivery.queued_at > GIVE_UP_AFTER
    claimed = Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token)
    free = {"lease_until": None, "lease_token": ""}
    with transaction.atomic():
        if trouble is None:
            if claimed.update(**free, status="sent", sent_at=now, trouble=""):
                _log(delivery, "sent handout mail")
        elif trouble.final or spent:
            if claimed.update(**free, status="failed", trouble=trouble.sentence):
                _log(delivery, "failed handout mail")
        elif claimed.update(**free, trouble=trouble.sentence):
            wait = WAITS[min(delivery.attempts, len(WAITS)) - 1]
            send_due.using(run_after=now + wait).enqueue(delivery.pk)
            _log(delivery, "tried handout mail")


def _too_late(delivery: Delivery) -> Trouble | None:
    """Say why a mail may not go out any more, though it could when it was queued."""
    try:
        check_can_send(delivery.issue, to=delivery.to, how=delivery.how)
    except CannotSend as reason:
        return Trouble(str(reason), final=True)
    if delivery.link and not delivery.link.works(timezone.now()):
        return Trouble("The link in this mail no longer works.", final=True)
    if delivery.attempts > MOST_ATTEMPTS:  # each of them ended without a word, as when it kills the worker
        return Trouble(f"Given up after {MOST_ATTEMPTS} tries that didn’t end.", final=True)
    return None


def _attempt(delivery: Delivery) -> Trouble | None:
    try:
        return mail_server.hand_over(mails.compose(delivery))
    except DatabaseError:
        raise
    except Exception:  # one mail that can't be written must not keep the others waiting
        log.exception("Mail %s can't be written.", delivery.pk)
        return Trouble("The mail could not be written; check the address.", final=True)


def note_bounce(delivery: Delivery, note: str, *, by: User) -> None:
    """Keep what the mail came back with, once; raise CannotNote if it can't have come back."""
    with transaction.atomic():
        open_one = Delivery.objects.filter(pk=delivery.pk, status="sent", bounced_at=None)
        if not open_one.update(bounced_at=timezone.now(), bounce_note=note):
            raise CannotNote("This mail hasn’t been handed over yet, or it is noted already that it came back.")
        audit.about(delivery.issue.program.patient, "note bounced mail", by=by, subject=delivery)
    delivery.refresh_from_db(fields=["bounced_at", "bounce_note"])


def _log(delivery: Delivery, what: str) -> None:
    audit.about(delivery.issue.program.patient, what, by=None, subject=delivery, attempt=delivery.attempts)
