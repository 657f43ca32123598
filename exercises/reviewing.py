"""From draft to published and out of use again: what may become of an exercise, by whom. Nothing is deleted.

draft → in review → published → retired → draft. A shared exercise needs two editors: who publishes it is neither
who sent it to review nor who last edited it. A clinic's own needs one of its admins.
"""

from collections.abc import Sequence
from itertools import pairwise

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clinics.access import Can, may
from clinics.models import User
from exercises import editing, revisions
from exercises.editors import edits_catalog
from exercises.gates import Known, Problem, lacks, problems, read_known
from exercises.models import Exercise

__all__ = ["lacks", "problems", "read_known"]  # asked here by whoever wants an exercise published

LONGEST_REASON = 180  # a revision's `why` holds 200
MOST_VERSIONS = 50  # so often nobody moves an exercise without a change of it


class CannotMove(Exception):
    """That can't become of the exercise now; the text is the sentence the page shows."""


class NotReady(CannotMove):
    """The exercise lacks something; `problems` say what to do, a sentence each."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(" ".join(found))
        self.problems = found


def check_may_move(exercise: Exercise, user: User) -> None:
    """Raise PermissionDenied unless the exercise is the user's to publish and retire."""
    if exercise.clinic_id is None:
        if not edits_catalog(user):
            raise PermissionDenied("Only editors of the shared catalog may do this.")
    elif not may(user, Can.EXERCISES, exercise.clinic_id):
        raise PermissionDenied("Only the clinic's admins may do this.")


def check_ready(exercise: Exercise) -> None:
    """Raise NotReady, with what to do, when the exercise lacks something."""
    if found := problems(exercise):
        raise NotReady(found)


def check_can_submit(exercise: Exercise) -> None:
    """Raise CannotMove, with the sentence for the page, unless it may be sent to review now."""
    _check_is(exercise, "draft")
    check_ready(exercise)


def check_can_publish(exercise: Exercise, *, by: User) -> None:
    """Raise CannotMove, with the sentence for the page, unless this person may publish it now."""
    _check_is(exercise, "in_review")
    check_ready(exercise)
    check_second_editor(exercise, by=by)


def check_second_editor(exercise: Exercise, *, by: User) -> None:
    """Raise CannotMove, with the sentence for the page, when a shared exercise is this person's own work."""
    if exercise.clinic_id is not None:
        return
    if exercise.submitted_by_id == by.pk:
        raise CannotMove("You sent it to review, so another editor publishes it.")
    if last_editor(exercise) == by.pk:
        raise CannotMove("You edited it last, so another editor publishes it.")


@transaction.atomic
def submit(exercise: Exercise, *, by: User) -> None:
    """Send a draft without problems to review."""
    current = _locked(exercise, by)
    check_can_submit(current)
    current.submitted_by = by
    _become(current, "in_review", by=by, why="Sent to review", also=["submitted_by"])


@transaction.atomic
def publish(exercise: Exercise, *, by: User, seen: int | None = None) -> None:
    """Let the exercise into search, builder and programs. `seen` is the last version that the person looked at."""
    current = _locked(exercise, by)
    if seen is not None and seen != revisions.number_of(current):
        raise CannotMove("It was changed since you opened this page. Look at it again, then publish.")
    check_can_publish(current, by=by)
    _become(current, "published", by=by, why="Published")


@transaction.atomic
def send_back(exercise: Exercise, *, by: User, why: str) -> None:
    """Make what is in review a draft again; `why` tells its author what to do."""
    current = _locked(exercise, by)
    _check_is(current, "in_review")
    _become(current, "draft", by=by, why=f"Sent back: {_reason(why, 'Say what has to be changed.')}")


@transaction.atomic
def retire(exercise: Exercise, *, by: User, why: str, substitute: Exercise | None = None) -> None:
    """Take the exercise out of use: programs and protocols that have it keep it, nobody is offered it anew.

    `substitute` is what they are offered first in its place; whether it is in use is the caller's to know.
    """
    current = _locked(exercise, by)
    if current.status == "retired":
        raise CannotMove(f"“{current}” is retired already.")
    said = _reason(why, "Say why it is retired.")
    current.substitute = substitute
    _become(current, "retired", by=by, why=f"Retired: {said}", also=["substitute"])


@transaction.atomic
def reopen(exercise: Exercise, *, by: User) -> None:
    """Make a retired exercise a draft, to be reviewed before it is used again."""
    current = _locked(exercise, by)
    _check_is(current, "retired")
    _become(current, "draft", by=by, why="Opened again")


def new_problems(exercise: Exercise, before: Sequence[Problem], known: Known | None = None) -> list[str]:
    """Return what a published exercise lacks after an edit that it didn't, or not so much, `before`; of others nothing.

    What it lacked already may wait, and may get better step by step: else nobody could mend one thing at a time.
    """
    if exercise.status != "published":
        return []
    return [problem.words for problem in lacks(exercise, known) if not problem.was_there(before)]


def check_opens_no_gate(exercise: Exercise, before: Sequence[Problem]) -> None:
    """Raise NotReady when an edit brought a published exercise a new problem, or made one worse."""
    if new := new_problems(exercise, before):
        raise NotReady(new)


def last_editor(exercise: Exercise) -> int | None:
    """Return the key of who last changed what the exercise says; moving it on is no change. None if nobody did."""
    latest = list(revisions.of(exercise).values_list("by", "values")[:MOST_VERSIONS])
    for (by, values), (_, before) in pairwise([*latest, (None, {})]):
        if not revisions.same(_said(values), _said(before)):
            return by
    return None


def _said(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != "status"}


def _check_is(exercise: Exercise, status: str) -> None:
    if exercise.status != status:
        wanted = dict(Exercise._meta.get_field("status").flatchoices)[status].lower()
        raise CannotMove(f"“{exercise}” isn't {_a(wanted)} any more: it is {exercise.get_status_display().lower()}.")


def _a(words: str) -> str:
    return f"a {words}" if words == "draft" else words


def _reason(why: str, missing: str) -> str:
    said = " ".join(why.replace("\0", "").split())  # which PostgreSQL takes in no text
    if not said:
        raise CannotMove(missing)
    if len(said) > LONGEST_REASON:
        raise CannotMove(f"Say it in {LONGEST_REASON} letters; these are {len(said)}.")
    return said


def _locked(exercise: Exercise, by: User) -> Exercise:
    """Return the exercise as it is now, which nobody else changes until the transaction ends."""
    current = Exercise.objects.select_for_update().get(pk=exercise.pk)
    check_may_move(current, by)
    return current


def _become(exercise: Exercise, status: str, *, by: User, why: str, also: list[str] | None = None) -> None:
    exercise.status = status
    exercise.save(update_fields=["status", *(also or [])])
    editing.saved(exercise, by=by, why=why)
