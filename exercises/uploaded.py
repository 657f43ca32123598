"""The uploaded pictures of exercises: which there are, what is in them, putting them up and taking them off.

A picture is known by the SHA-256 of its content. Programs were issued with it, so its content is never lost: only
this module writes `ExercisePicture`, and it deletes a row only when the same content stays in another.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from django.db import models

from exercises.editorial import FORMER, ExercisePicture
from exercises.models import Exercise

Digests = Mapping[str, str]
ENOUGH_OF_A_DIGEST = 15


def digests(exercise: Exercise) -> Digests:
    """Return the digest of each picture that is shown in place of a drawing, by frame.

    It asks once for each object; not at all after `tell`.
    """
    if "uploaded" not in vars(exercise):
        saved = exercise.pk is not None
        vars(exercise)["uploaded"] = {row.frame: row.digest for row in exercise.uploads.all()} if saved else {}
    found: Digests = vars(exercise)["uploaded"]
    return found


def tell(exercises: Iterable[Exercise], by_slug: Mapping[str, Digests]) -> None:
    """Let exercises know their pictures as they were read before."""
    for exercise in exercises:
        vars(exercise)["uploaded"] = by_slug.get(exercise.slug, {})


def by_slug(slugs: Iterable[str]) -> dict[str, Digests]:
    """Return the digests of those exercises, by slug and frame: 1 query."""
    return _by_slug(ExercisePicture.objects.filter(exercise__slug__in=slugs))


def of_clinic(clinic: int | None) -> dict[str, Digests]:
    """Return the digests of a clinic's own exercises, by slug and frame; None are the shared ones: 1 query."""
    return _by_slug(ExercisePicture.objects.filter(exercise__clinic=clinic))


def _by_slug(rows: models.QuerySet[ExercisePicture]) -> dict[str, Digests]:
    found: dict[str, dict[str, str]] = {}
    for slug, frame, digest in rows.order_by("pk").values_list("exercise__slug", "frame", "digest"):
        found.setdefault(slug, {})[frame] = digest
    return dict(found)


def content(slug: str, digest: str) -> bytes | None:
    """Return what is in a picture that the exercise shows or once showed, or None: 1 query."""
    kept = ExercisePicture.with_former.filter(exercise__slug=slug, digest=digest)
    found = kept.values_list("content", flat=True).first()
    return None if found is None else bytes(found)


def put(exercise: Exercise, frame: str, picture: bytes) -> bool:
    """Show a cleaned picture in a frame and return whether another one was shown; its words aren't looked at.

    The caller has locked the exercise and calls `editing.saved`.
    """
    digest = sha256(picture).hexdigest()
    if exercise.uploads.filter(frame=frame, digest=digest).exists():
        return False
    take_off(exercise, frame)
    ExercisePicture.objects.create(exercise=exercise, frame=frame, content=picture, digest=digest)
    vars(exercise).pop("uploaded", None)
    return True


def copy(exercise: Exercise, *, onto: Exercise) -> bool:
    """Show in another exercise what was uploaded for this one, and no other upload; return whether that is new.

    As `put`, for the caller.
    """
    shown = list(exercise.uploads.defer(None))
    gone = set(digests(onto)) - {row.frame for row in shown}
    changed = [take_off(onto, frame) for frame in gone]
    changed += [put(onto, row.frame, bytes(row.content)) for row in shown]
    return any(changed)


def take_off(exercise: Exercise, frame: str) -> bool:
    """Show the drawing in a frame again and return whether an upload was shown. As `put`, for the caller."""
    shown = exercise.uploads.filter(frame=frame).first()
    if shown is None:
        return False
    vars(exercise).pop("uploaded", None)
    former = FORMER + shown.digest[:ENOUGH_OF_A_DIGEST]
    if ExercisePicture.with_former.filter(exercise=exercise, frame=former).exists():
        shown.delete()  # the same content is kept already
    else:
        shown.frame = former
        shown.save(update_fields=["frame"])
    return True
