"""A clinic's own exercises: only this clinic sees them, and only its admin writes them.

They pass the same gates as shared ones, without a second editor. None is ever deleted: programs point to them.
"""

import hashlib
import json
import random
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from clinics.models import Clinic, User
from exercises import editing, reviewing, row_values, uploaded
from exercises.models import Exercise

LETTERS = "abcdefghijkmnpqrstuvwxyz"
LONGEST_WORDS = 40
# What a clinic may do with an exercise in each status, as verb and label.
MOVES = {
    "draft": (("publish", "Publish"), ("retire", "Retire")),
    "in_review": (("publish", "Publish"), ("draft", "Back to draft")),
    "published": (("draft", "Back to draft"), ("retire", "Retire")),
    "retired": (("publish", "Publish again"), ("draft", "Back to draft")),
}
BECOMES = {"publish": "published", "retire": "retired", "draft": "draft"}
SAID = {
    "publish": "Published: your colleagues find it in the builder now.",
    "retire": "Retired: it isn’t offered any more. Programs that have it keep it.",
    "draft": "Back to draft: it isn’t offered until it is published again.",
}


class EditedMeanwhile(Exception):
    """Somebody else changed the exercise since the page was shown; nothing was written."""


def state_of(exercise: Exercise) -> str:
    """Return the hash of what an exercise says now, by which a later save knows that nobody changed it since."""
    return hashlib.sha256(json.dumps(row_values.read(exercise), sort_keys=True).encode()).hexdigest()[:20]


@transaction.atomic
def create(
    values: dict[str, Any], *, clinic: Clinic, by: User, why: str = "Added", pictures_of: Exercise | None = None
) -> Exercise:
    """Return a new draft of the clinic that says `values`, in the names and shapes of `row_values`.

    It shows what was uploaded for `pictures_of`.
    """
    fields = {"clinic": clinic, "status": "draft", "submitted_by": by}
    exercise: Exercise = row_values.create(Exercise, values, slug=free_slug(values["name"]), **fields)
    if pictures_of:
        uploaded.copy(pictures_of, onto=exercise)
    editing.saved(exercise, by=by, why=why)
    return exercise


def clone(exercise: Exercise, *, clinic: Clinic, by: User) -> Exercise:
    """Return a draft of the clinic that says what `exercise` says, which stays as it is."""
    values, why = _values_for(exercise, clinic.pk), f"Cloned from “{exercise.name}”"
    return create(values, clinic=clinic, by=by, why=why, pictures_of=exercise)


@transaction.atomic
def change(
    exercise: Exercise, values: dict[str, Any], *, seen: str, by: User, pictures_of: Exercise | None = None
) -> bool:
    """Write what differs, show what was uploaded for `pictures_of`, and return whether anything is new.

    Raises EditedMeanwhile when it says something else than what was `seen`, and NotReady when it is published and
    would lack something that it didn't before. Nothing is written then.
    """
    locked = Exercise.objects.select_for_update().get(pk=exercise.pk)
    if state_of(locked) != seen:
        raise EditedMeanwhile
    lacked = reviewing.lacks(locked)
    changed = bool(row_values.write(locked, values))
    if pictures_of:
        changed |= uploaded.copy(pictures_of, onto=locked)
    if changed:
        reviewing.check_opens_no_gate(locked, lacked)
        editing.saved(locked, by=by)
    return changed


@transaction.atomic
def move(exercise: Exercise, verb: str, *, by: User) -> bool:
    """Publish, retire or take back to draft; return whether that changed anything. Raises NotReady."""
    locked = Exercise.objects.select_for_update().get(pk=exercise.pk)
    if verb not in dict(MOVES[locked.status]):
        return False
    if verb == "publish":
        reviewing.check_ready(locked)
    locked.status = BECOMES[verb]
    locked.save(update_fields=["status"])
    editing.saved(locked, by=by, why=locked.get_status_display())
    return True


@transaction.atomic
def propose(exercise: Exercise, *, note: str, by: User) -> Exercise:
    """Return a shared copy that waits for the catalog's editors; the clinic's own stays. Raises NotReady."""
    reviewing.check_ready(exercise)
    fields = {"clinic": None, "status": "in_review", "submitted_by": by}
    values = _values_for(exercise, None)
    copy: Exercise = row_values.create(Exercise, values, slug=free_slug(exercise.name), **fields)
    uploaded.copy(exercise, onto=copy)
    whence = f"Proposed by {by.name}" + (f": {note}" if note else "")
    editing.saved(copy, by=by, why=whence[:200])
    return copy


def free_slug(name: str) -> str:
    """Return a slug that nobody has, of the name and six letters that tell nothing of the clinic."""
    words = slugify(name)[:LONGEST_WORDS].strip("-") or "exercise"
    while True:
        slug = f"{words}-{''.join(random.SystemRandom().choices(LETTERS, k=6))}"
        if not Exercise.objects.filter(slug=slug).exists():
            return slug


def _values_for(exercise: Exercise, clinic: int | None) -> row_values.Values:
    """Return what a copy of an exercise says in a clinic, by its key; None is the shared catalog.

    A copy that points to exercises of another clinic would show them to its readers, so it doesn't.
    """
    values = row_values.read(exercise)
    for name in ("progression", "regression"):
        other = getattr(exercise, name)
        if other and not other.may_stand_beside(clinic):
            values[name] = None
    return values
