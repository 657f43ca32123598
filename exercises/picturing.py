"""An editor's change of what an exercise's pictures show: uploads, and the words for those who can't see them."""

from collections.abc import Collection, Mapping
from hashlib import sha256

from django.db import transaction

from clinics.models import User
from exercises import editing, pictures, reviewing, uploaded
from exercises.models import Exercise, ExerciseText

Words = Mapping[str, Mapping[str, str]]


class EditedMeanwhile(Exception):
    """Somebody else changed the pictures or their words since the page was shown; nothing was written."""


def state_of(exercise: Exercise) -> str:
    """Return the hash of the pictures and their words, by which a later save knows that nobody changed them since."""
    words = sorted((text.language, sorted(text.pictures.items())) for text in exercise.texts.all())
    return sha256(f"{pictures.version(exercise)}{words}".encode()).hexdigest()[:20]


@transaction.atomic
def change(
    exercise: Exercise, *, new: Mapping[str, bytes], off: Collection[str], words: Words, seen: str, by: User
) -> bool:
    """Put the new pictures up, take those of the frames `off` off, and write the words, by language and frame.

    Return whether anything changed. Raises EditedMeanwhile when it isn't what was `seen`, and NotReady when a
    published exercise would lack something that it has now.
    """
    locked = Exercise.objects.select_for_update().get(pk=exercise.pk)
    if state_of(locked) != seen:
        raise EditedMeanwhile
    lacked = reviewing.lacks(locked)
    done = [uploaded.put(locked, frame, picture) for frame, picture in new.items()]
    done += [uploaded.take_off(locked, frame) for frame in off]
    done += [_said(text, words.get(text.language, {})) for text in locked.texts.all()]
    if any(done):
        reviewing.check_opens_no_gate(locked, lacked)
        editing.saved(locked, by=by, why="Picture")
    return any(done)


def _said(text: ExerciseText, lines: Mapping[str, str]) -> bool:
    now = {frame: line for frame, line in (text.pictures | lines).items() if line}
    if now == text.pictures:
        return False
    text.pictures = now
    text.save(update_fields=["pictures"])
    return True
