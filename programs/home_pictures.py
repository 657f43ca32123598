"""The pictures of an issue for the patient's page, by the hashes that its snapshot froze.

When a link is made, the pictures are kept under their own hash, so that a later catalog doesn't take them away. One
that wasn't kept is drawn from today's catalog if that still gives the same hash.
"""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef

from exercises import pictures, uploaded
from exercises.editorial import ExercisePicture
from exercises.models import Exercise, ExerciseText
from programs.handout import Handout, HandoutItem

SIDES = ("", "left", "right", "each")
Drawn = tuple[Exercise, str]


def keep(handout: Handout) -> None:
    """Keep the issue's drawings; what was uploaded stays in the database."""
    for exercise, side in as_issued(handout.items).values():
        for key, frame in pictures.keys(exercise, side).items():
            if not pictures.is_uploaded(exercise, frame) and not _path(key).exists():
                pictures.keep(_path(key), pictures.drawing(exercise, frame, side))


def still(handout: Handout, key: str) -> bytes | None:
    """Return one of the issue's pictures, or None when it isn't one or can't be had any more."""
    shown = [item for item in handout.items if any(figure.key == key for figure in item.figures)]
    if not shown:
        return None
    if any(figure.photo for figure in shown[0].figures if figure.key == key):
        return uploaded.content(shown[0].exercise, key)
    try:
        return _path(key).read_bytes()
    except OSError:
        exercise, side = as_issued(shown[:1]).get(shown[0].number, (None, ""))
        frame = pictures.keys(exercise, side).get(key) if exercise else None
        return pictures.drawing(exercise, frame, side).encode() if exercise and frame else None


def motion(handout: Handout, number: int) -> bytes | None:
    """Return an exercise in motion as SVG when today's catalog still draws it as it was issued, else None."""
    drawn = as_issued(item for item in handout.items if item.number == number).get(number)
    moving = pictures.motion(*drawn) if drawn else None
    return moving.encode() if moving else None


def moving(handout: Handout) -> frozenset[int]:
    """Return the numbers of the exercises that can be shown in motion."""
    drawn = as_issued(item for item in handout.items if len(item.figures) > 1 and not _has_photo(item))
    return frozenset(number for number, (exercise, _) in drawn.items() if pictures.moves(exercise))


def as_issued(items: Iterable[HandoutItem]) -> dict[int, Drawn]:
    """Return exercise and side of the items that today's catalog draws as they were issued, by number.

    1 query; 1 more when one of them shows an upload today, and 2 more for items of before this page: those name no
    exercise, but the name that was printed.
    """
    rows = list(items)
    by_slug = {row.slug: row for row in _with_uploads({item.exercise for item in rows})}
    nameless = {item.name for item in rows if not item.exercise}
    by_name = {}
    if nameless:
        found = ExerciseText.objects.filter(name__in=nameless, exercise__clinic=None).select_related("exercise")
        by_name = {text.name: text.exercise for text in found}
        uploaded.tell(by_name.values(), uploaded.by_slug(exercise.slug for exercise in by_name.values()))
    drawn = {}
    for item in rows:
        exercise = by_slug.get(item.exercise) if item.exercise else by_name.get(item.name)
        sides = (item.side,) if item.exercise else SIDES
        keys = {figure.key for figure in item.figures}
        if exercise and keys:
            same = (side for side in sides if pictures.keys(exercise, side).keys() == keys)
            side = next(same, None)
            if side is not None:
                drawn[item.number] = (exercise, side)
    return drawn


def _with_uploads(slugs: set[str]) -> list[Exercise]:
    """Return exercises that know their uploads."""
    some = Exists(ExercisePicture.objects.filter(exercise=OuterRef("pk")))
    rows = Exercise.objects.filter(slug__in=slugs).annotate(has_uploads=some)
    shown = [row.slug for row in rows if row.has_uploads]
    uploaded.tell(rows, uploaded.by_slug(shown) if shown else {})
    return list(rows)


def _has_photo(item: HandoutItem) -> bool:
    return any(figure.photo for figure in item.figures)


def _path(key: str) -> Path:
    return Path(settings.FIGURES_DIR) / "issued" / key[:2] / f"{key}.svg"
