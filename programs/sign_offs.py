"""A trainer's program waits for a therapist when the patient needs one: asking, deciding, what still holds."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import User
from patients.screening import ScreeningState
from programs.models import Program, SignOff


class CannotAsk(Exception):
    """There is nothing to ask for; the text is the sentence the page shows."""


class CannotDecide(Exception):
    """The answer can't be taken; the text is the sentence the page shows."""


class AskingAttention(Protocol):
    """A precaution, of the database or of the catalog in memory."""

    @property
    def name(self) -> str: ...
    @property
    def sign_off(self) -> bool: ...


def reasons_for(
    state: ScreeningState, *, deficit: bool, precautions: Iterable[AskingAttention], avoided: Iterable[str] = ()
) -> list[str]:
    """Return why a trainer may not issue alone for this patient, one sentence each; empty when they may.

    `avoided` says what the program holds that should be avoided.
    """
    reasons = ["A red-flag question was answered yes."] if state.positive else []
    if deficit:
        reasons.append("The leg has weakness, numbness or a lost reflex.")
    reasons += [f"{row.name}: a therapist looks at the program first." for row in precautions if row.sign_off]
    return [*reasons, *avoided]


def why_stopped(reasons: Sequence[str], latest: SignOff | None, *, version: int, assessed_at: datetime.datetime) -> str:
    """Return the sentence that stops a trainer from issuing, or nothing.

    `latest` is the program's latest sign-off; a yes holds for that version and for findings before it alone.
    """
    if not reasons:
        return ""
    if latest and _still_holds(latest, version, assessed_at) and set(reasons) <= set(latest.reasons):
        return ""
    return f"A therapist must sign this program off. {' '.join(reasons)} {_standing(latest)}".strip()


def _still_holds(latest: SignOff, version: int, assessed_at: datetime.datetime) -> bool:
    """Whether it is a yes to this very program on these very findings."""
    if not latest.approved or latest.decided_at is None:
        return False
    return latest.program_version == version and assessed_at <= latest.decided_at


def _standing(latest: SignOff | None) -> str:
    if latest is None:
        return ""
    if latest.decided_at is None:
        return f"Asked on {latest.asked_at:%d %B}; waiting for an answer."
    if latest.approved:
        return "It was signed off, but the program or the assessment changed after that."
    return f"{latest.decided_by} said no: {latest.answer}"


def waiting_on(program: Program) -> SignOff | None:
    """Return the request that waits for an answer, if any."""
    return program.sign_offs.waiting().first()


@transaction.atomic
def ask(program: Program, *, reasons: list[str], question: str, by: User) -> SignOff:
    """Put a request on the therapists' Today page; asking again while one waits updates it."""
    if not reasons:
        raise CannotAsk("This program needs no sign-off.")
    request, created = SignOff.objects.get_or_create(
        program=program, decided_at=None, defaults={"asked_by": by, "reasons": reasons, "question": question}
    )
    if not created:
        request.reasons, request.question = reasons, question
        request.save(update_fields=["reasons", "question"])
    _record("ask for sign-off", request, by)
    return request


@transaction.atomic
def decide(request: SignOff, *, approved: bool, answer: str, seen_version: int, by: User) -> None:
    """Record a therapist's answer; a yes holds for the program as the therapist saw it, until its next edit.

    `seen_version` is the program's version on the page. Raises CannotDecide.
    """
    check_may(by, Can.SIGN_OFF, request.program.patient.clinic_id)
    program = Program.objects.select_for_update().get(pk=request.program_id)
    waiting = SignOff.objects.filter(pk=request.pk, decided_at=None)
    if not waiting.exists():
        raise CannotDecide("Somebody else answered this request already.")
    if program.version != seen_version:
        raise CannotDecide("The program changed since you opened this page. Look at it again before you answer.")
    waiting.update(
        decided_at=timezone.now(),
        decided_by=by,
        approved=approved,
        answer=answer,
        program_version=seen_version,
    )
    _record("sign program off" if approved else "refuse sign-off", request, by)


def _record(action: str, request: SignOff, by: User) -> None:
    patient = request.program.patient
    audit.about(patient, action, by=by, subject=request)
