"""Red-flag screening: unanswered is never “no”, a yes raises a flag at once, and only a therapist closes it.

A screening is complete when every question has an answer, and holds for 14 days (the 14th still counts).
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import User
from exercises.models import RedFlag, RedFlagGroup
from patients.models import Patient, RaisedFlag, Screening, ScreeningAnswer

VALID_DAYS = 14
SHORTEST_OUTCOME = 10

# What a form sends per question: "yes", "no", or nothing.
Answers = Mapping[str, bool]


class EditedMeanwhile(Exception):
    """Somebody else saved this screening since the form was shown; nothing was written."""


class CannotClose(Exception):
    """The flag can't be closed like this; the text is the sentence the page shows."""


@dataclass(frozen=True, slots=True)
class ScreeningState:
    """What a patient's screening means today.

    `status` is none, incomplete, expired, flagged or clear. `positive` says that some question of the latest
    round was answered yes, whether or not the flag is closed by now, or that a flag is open.
    """

    status: str
    completed_on: datetime.date | None
    open_blocking: tuple[RaisedFlag, ...]
    open_other: tuple[RaisedFlag, ...]
    positive: bool

    @property
    def emergency(self) -> bool:
        return any(flag.red_flag.urgency == "emergency" for flag in self.open_blocking)

    @property
    def blocks_issuing(self) -> bool:
        return self.status != "clear"

    @property
    def valid_until(self) -> datetime.date | None:
        return self.completed_on + datetime.timedelta(days=VALID_DAYS) if self.completed_on else None

    @property
    def words(self) -> str:
        """The state in a few words, for lists and bars."""
        if self.status == "flagged":
            return "Emergency flag open" if self.emergency else f"{len(self.open_blocking)} open"
        if self.status == "clear" and self.open_other:
            return f"{len(self.open_other)} to refer"
        found = "None open" if self.positive else "None found"
        return {
            "none": "Not screened",
            "incomplete": "Not finished",
            "expired": "Screen again",
            "clear": f"{found}, {self.completed_on:%d %b}" if self.completed_on else found,
        }[self.status]

    @property
    def sentence(self) -> str:
        """The state as a sentence that says what to do."""
        if self.status == "flagged":
            return f"An open red flag stops issuing: {_names(self.open_blocking)}. Print the referral sheet instead."
        found = "No open red flags."
        if self.open_other:
            found = f"No open red flag stops issuing. Still to refer: {_names(self.open_other)}."
        return {
            "none": "The red-flag questions haven't been asked yet.",
            "incomplete": "The red-flag screening isn't finished. Unanswered doesn't count as no.",
            "expired": f"The last complete screening is more than {VALID_DAYS} days old. Ask the questions again.",
            "clear": f"{found} Screen again by {self.valid_until:%d %B %Y}." if self.valid_until else "",
        }[self.status]


def _names(flags: Iterable[RaisedFlag]) -> str:
    return "; ".join(flag.red_flag.suspects for flag in flags)


def state_of(patient: Patient, at: datetime.datetime) -> ScreeningState:
    """Return the state of one patient: 2 queries."""
    return states_of([patient], at)[patient.pk]


def states_of(patients: Iterable[Patient], at: datetime.datetime) -> dict[int, ScreeningState]:
    """Return the states of many patients by their key: 2 queries, whatever their number."""
    ids = [patient.pk for patient in patients]
    rounds: dict[int, list[Screening]] = {key: [] for key in ids}
    flags: dict[int, list[RaisedFlag]] = {key: [] for key in ids}
    for screening in Screening.objects.filter(patient_id__in=ids).order_by("-started_at", "-id"):
        rounds[screening.patient_id].append(screening)
    for flag in RaisedFlag.objects.filter(patient_id__in=ids).select_related("red_flag__group"):
        flags[flag.patient_id].append(flag)
    return {key: state_from(rounds[key], flags[key], timezone.localdate(at)) for key in ids}


def state_from(rounds: Sequence[Screening], flags: Sequence[RaisedFlag], today: datetime.date) -> ScreeningState:
    """Return what a patient's rounds, the newest first, and flags mean on that day."""
    complete = [screening for screening in rounds if screening.completed_at]
    completed_on = timezone.localdate(complete[0].completed_at) if complete else None
    still_open = [flag for flag in flags if flag.closed_at is None]
    blocking = tuple(flag for flag in still_open if flag.red_flag.blocks)
    latest = {screening.pk for screening in (*rounds[:1], *complete[:1])}
    return ScreeningState(
        status=_status(rounds, completed_on, blocking, today),
        completed_on=completed_on,
        open_blocking=blocking,
        open_other=tuple(flag for flag in still_open if not flag.red_flag.blocks),
        positive=bool(still_open) or any(flag.screening_id in latest for flag in flags),
    )


def _status(
    rounds: Sequence[Screening],
    completed_on: datetime.date | None,
    blocking: Sequence[RaisedFlag],
    today: datetime.date,
) -> str:
    if blocking:
        return "flagged"
    if completed_on and (today - completed_on).days <= VALID_DAYS:
        return "clear"
    if any(screening.completed_at is None for screening in rounds):
        return "incomplete"
    return "expired" if completed_on else "none"


def groups() -> list[RedFlagGroup]:
    """Return the groups with their questions in order, without retired ones: 2 queries."""
    asked = RedFlag.objects.filter(retired=False).order_by("order")
    return [
        group
        for group in RedFlagGroup.objects.prefetch_related(Prefetch("questions", queryset=asked))
        if group.questions.all()
    ]


def open_round(patient: Patient) -> Screening | None:
    """Return the patient's unfinished screening with its answers, or None."""
    return Screening.objects.filter(patient=patient, completed_at=None).prefetch_related("answers__red_flag").first()


def answers_of(screening: Screening | None) -> dict[str, bool]:
    """Return what was answered so far, by the question's slug."""
    if screening is None:
        return {}
    return {answer.red_flag.slug: answer.yes for answer in screening.answers.all()}


@transaction.atomic
def save(
    patient: Patient, answers: Answers, *, seen_version: int, finish: bool, at: datetime.datetime, by: User
) -> Screening:
    """Write the answers of one round and raise a flag for each yes; with `finish`, complete it if it is.

    `seen_version` is the version of the unfinished round on the page, 0 when there was none. An answer taken
    back is removed; the flag that it raised stays open. A yes that was saved in this round before raises nothing
    again, so that a flag closed in the meantime stays closed. Raises EditedMeanwhile.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    screening = open_round(patient)
    if (screening.version if screening else 0) != seen_version:
        raise EditedMeanwhile
    if screening is None:
        screening = Screening.objects.create(patient=patient, started_by=by, started_at=at)
    questions = {question.slug: question for group in groups() for question in group.questions.all()}
    given = {slug: yes for slug, yes in answers.items() if slug in questions}
    before = answers_of(screening)
    screening.answers.all().delete()
    ScreeningAnswer.objects.bulk_create(
        ScreeningAnswer(screening=screening, red_flag=questions[slug], yes=yes) for slug, yes in given.items()
    )
    fresh = [questions[slug] for slug, yes in given.items() if yes and not before.get(slug)]
    raised = _raise(patient, screening, fresh, by=by, at=at)
    complete = finish and bool(questions) and len(given) == len(questions)
    if complete:
        screening.completed_at, screening.completed_by = at, by
    screening.version = seen_version + 1
    screening.save(update_fields=["completed_at", "completed_by", "version"])
    audit.about(
        patient,
        "finish screening" if complete else "save screening",
        by=by,
        subject=screening,
        answered=len(given),
        raised=[question.slug for question in raised],
    )
    return screening


def _raise(
    patient: Patient, screening: Screening, questions: Sequence[RedFlag], *, by: User, at: datetime.datetime
) -> list[RedFlag]:
    known = set(RaisedFlag.objects.filter(patient=patient).open().values_list("red_flag_id", flat=True))
    fresh = [question for question in questions if question.pk not in known]
    RaisedFlag.objects.bulk_create(
        RaisedFlag(patient=patient, screening=screening, red_flag=question, raised_by=by, raised_at=at)
        for question in fresh
    )
    return fresh


def flags_of(patient: Patient) -> list[RaisedFlag]:
    """Return all flags of a patient, the open and most urgent first: 1 query."""
    urgency = ["emergency", "same_day", "refer_urgent", "refer"]
    rows = RaisedFlag.objects.filter(patient=patient).select_related("red_flag", "raised_by", "closed_by")
    return sorted(rows, key=lambda flag: (flag.closed_at is not None, urgency.index(flag.red_flag.urgency), flag.pk))


@transaction.atomic
def close(
    flag: RaisedFlag,
    *,
    outcome: str,
    assessed_by: str,
    assessed_on: datetime.date | None,
    at: datetime.datetime,
    by: User,
) -> None:
    """Close a flag with name, date and outcome; emergency and same-day flags need a medical assessment."""
    check_may(by, Can.SIGN_OFF, flag.patient.clinic_id)
    check_can_close(flag, outcome=outcome, assessed_by=assessed_by, assessed_on=assessed_on, at=at)
    closed = RaisedFlag.objects.filter(pk=flag.pk, closed_at=None).update(
        closed_at=at,
        closed_by=by,
        outcome=outcome.strip(),
        assessed_by=assessed_by.strip(),
        assessed_on=assessed_on,
    )
    if not closed:
        raise CannotClose("Somebody else closed this flag already.")
    audit.about(flag.patient, "close red flag", by=by, subject=flag, red_flag=flag.red_flag.slug)


def check_can_close(
    flag: RaisedFlag,
    *,
    outcome: str,
    assessed_by: str,
    assessed_on: datetime.date | None,
    at: datetime.datetime,
) -> None:
    """Raise CannotClose with the sentence that says what is missing."""
    if len(outcome.strip()) < SHORTEST_OUTCOME:
        raise CannotClose(f"Say in at least {SHORTEST_OUTCOME} characters what came of it.")
    if assessed_on and assessed_on > timezone.localdate(at):
        raise CannotClose("The medical assessment can't be in the future.")
    if not flag.red_flag.needs_medical_assessment:
        return
    if not assessed_by.strip() or assessed_on is None:
        raise CannotClose("This flag needs a medical assessment: say who assessed the patient, and when.")
    if assessed_on < timezone.localdate(flag.raised_at):
        raise CannotClose("The medical assessment must not be older than the flag.")
