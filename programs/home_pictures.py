"""The pictures of an issue for the patient's page, by the hashes that its snapshot froze.

When a link is made, the pictures are kept under their own hash, so that a later catalog doesn't take them away. One
that wasn't kept is drawn from today's catalog if that still gives the same hash.
"""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from exercises import pictures
from exercises.models import Exercise, ExerciseText
from programs.handout import Handout, HandoutItem

SIDES = ("", "left", "right", "each")
Drawn = tuple[Exercise, str]


def keep(handout: Handout) -> None:
    """Keep the issue's pictures."""
    for exercise, side in as_issued(handout.items).values():
        for key, svg in pictures.drawings(exercise, side).items():
            if not _path(key).exists():
                pictures.keep(_path(key), svg)


def still(handout: Handout, key: str) -> str | None:
    """Return one of the issue's pictures as SVG, or None when it isn't one or can't be had any more."""
    shown = [item for item in handout.items if any(figure.key == key for figure in item.figures)]
    if not shown:
        return None
    try:
        return _path(key).read_text("utf-8")
    except OSError:
        drawn = as_issued(shown[:1]).get(shown[0].number)
        return pictures.drawings(*drawn).get(key) if drawn else None


def motion(handout: Handout, number: int) -> str | None:
    """Return an exercise in motion as SVG when today's catalog still draws it as it was issued, else None."""
    drawn = as_issued(item for item in handout.items if item.number == number).get(number)
    return pictures.motion(*drawn) if drawn else None


def moving(handout: Handout) -> frozenset[int]:
    """Return the numbers of the exercises that can be shown in motion."""
    drawn = as_issued(item for item in handout.items if len(item.figures) > 1)
    return frozenset(drawn)


def as_issued(items: Iterable[HandoutItem]) -> dict[int, Drawn]:
    """Return exercise and side of the items that today's catalog draws as they were issued, by number.

    1 query, and 1 more for items of before this page: those name no exercise, but the name that was printed.
    """
    rows = list(items)
    by_slug = {row.slug: row for row in Exercise.objects.filter(slug__in={item.exercise for item in rows})}
    nameless = {item.name for item in rows if not item.exercise}
    by_name = {}
    if nameless:
        found = ExerciseText.objects.filter(name__in=nameless, exercise__clinic=None).select_related("exercise")
        by_name = {text.name: text.exercise for text in found}
    drawn = {}
    for item in rows:
        exercise = by_slug.get(item.exercise) if item.exercise else by_name.get(item.name)
        sides = (item.side,) if item.exercise else SIDES
        keys = {figure.key for figure in item.figures}
        if exercise and keys:
            same = (side for side in sides if pictures.drawings(exercise, side).keys() == keys)
            side = next(same, None)
            if side is not None:
                drawn[item.number] = (exercise, side)
    return drawn


def _path(key: str) -> Path:
    return Path(settings.FIGURES_DIR) / "issued" / key[:2] / f"{key}.svg"
