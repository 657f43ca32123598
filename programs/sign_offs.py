"""A trainer's program waits for a therapist when the patient needs one: asking, deciding, what still holds."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from clinics import audit
from clinics.access import Can, check_may, may
from clinics.models import User
from patients.models import Assessment
from patients.screening import ScreeningState
from programs.models import Program, SignOff


class CannotAsk(Exception):
    """There is nothing to ask for; the text is the sentence the page shows."""


class CannotDecide(Exception):
    """The answer can't be taken; the text is the sentence the page shows."""


def reasons_for(assessment: Assessment, state: ScreeningState, avoided: Sequence[str] = ()) -> list[str]:
    """Return why a trainer may not issue alone for this patient, one sentence each; empty when they may.

    `avoided` says what the program holds that should be avoided.
    """
    reasons = []
    if state.positive:
        reasons.append("A red-flag question was answered yes.")
    if assessment.neurological_deficit:
        reasons.append("The leg has weakness, numbness or a lost reflex.")
    reasons += [
        f"{precaution.name}: a therapist looks at the program first."
        for precaution in assessment.precautions.all()
        if precaution.sign_off
    ]
    reasons += avoided
    return reasons


def why_stopped(
    program: Program, assessment: Assessment, state: ScreeningState, avoided: Sequence[str] = (), *, by: User
) -> str:
    """Return the sentence that stops this person from issuing, or nothing."""
    if may(by, Can.SIGN_OFF, program.patient.clinic_id):
        return ""
    reasons = reasons_for(assessment, state, avoided)
    if not reasons:
        return ""
    latest = program.sign_offs.first()
    if latest and _still_holds(latest, program, assessment) and set(reasons) <= set(latest.reasons):
        return ""
    return f"A therapist must sign this program off. {' '.join(reasons)} {_standing(latest)}".strip()


def _still_holds(latest: SignOff, program: Program, assessment: Assessment) -> bool:
    """Whether it is a yes to this very program on these very findings."""
    if not latest.approved or latest.decided_at is None:
        return False
    return latest.program_version == program.version and assessment.at <= latest.decided_at


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
