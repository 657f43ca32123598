"""The pictures of an exercise as the site and the handout show them.

A picture is drawn when it is first asked for and kept in a file, whose name is the hash of what it is drawn from:
pose, frame, side and the engine's own source. So a kept picture is never out of date.
"""

import json
import logging
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from exercises import figures, languages, wording
from exercises.models import Exercise, ExerciseText

log = logging.getLogger(__name__)

# What is drawn for an exercise that has no pose of its own: someone in its position.
BY_POSITION: dict[str, dict[str, Any]] = {
    "supine": {"start": {"posture": "hook_lying"}, "props": ["mat"]},
    "prone": {"start": {"posture": "prone"}, "props": ["mat"]},
    "side_lying": {"start": {"posture": "side_lying"}, "props": ["mat"], "view": "side_above", "side": "left"},
    "quadruped": {"start": {"posture": "quadruped"}, "props": ["mat"]},
    "kneeling": {"start": {"posture": "kneeling"}, "props": ["mat"]},
    "half_kneeling": {"start": {"posture": "half_kneeling"}, "props": ["mat"]},
    "sitting": {"start": {"posture": "sitting"}, "props": ["chair"]},
    "standing": {"start": {"posture": "standing"}},
    "water": {"start": {"posture": "standing"}, "props": ["pool"]},
}


def frames(exercise: Exercise) -> list[str]:
    """Return the names of an exercise's pictures, in order."""
    return figures.frame_names(_pose(exercise))


def drawing(exercise: Exercise, frame: str, side: str = "") -> str:
    """Return one picture as SVG, for the side that works; “” or “each” show the right one, as their words do.

    A frame that the pose doesn't have gives the last one, which shows the movement done.
    """
    pose = _pose(exercise)
    names = figures.frame_names(pose)
    name = frame if frame in names else names[-1]
    return _kept(
        (pose, name, _mirrored(pose, side)),
        lambda: figures.draw(exercise.slug, pose, name, mirrored=_mirrored(pose, side)),
    )


def fingerprint(picture: str) -> str:
    """Return what a handout knows a picture by: the SHA-256 of its SVG."""
    return sha256(picture.encode()).hexdigest()


def drawings(exercise: Exercise, side: str = "") -> dict[str, str]:
    """Return the exercise's pictures as SVG by their fingerprint, in order."""
    drawn = [drawing(exercise, frame, side) for frame in frames(exercise)]
    return {fingerprint(picture): picture for picture in drawn}


def motion(exercise: Exercise, side: str = "") -> str | None:
    """Return the exercise in motion as SVG, or None when it is held still."""
    pose = _pose(exercise)
    if len(figures.frame_names(pose)) < 2:
        return None
    return _kept(
        (pose, "motion", _mirrored(pose, side)),
        lambda: figures.animate(exercise.slug, pose, mirrored=_mirrored(pose, side)),
    )


def version(exercise: Exercise) -> str:
    """Return 16 hex digits that change when the exercise's pictures do; nothing is drawn for it."""
    return _hash((_pose(exercise), wording.SHOWN_FIRST))[:16]


def of_pose(name: str, pose: dict[str, Any]) -> str:
    """Return the start of a pose that isn't an exercise's as SVG; it isn't kept. Raises poses.BadPose."""
    return figures.draw(name, pose, "start")


def words(text: ExerciseText, exercise: Exercise, frame: str, side: str = "") -> str:
    """Return what a picture shows, for a reader who can't see it; at the least its name, or its position."""
    if shown := text.pictures.get(frame, ""):
        return wording.line_for(shown, side, text.language)
    said = languages.of(text.language)
    if exercise.pose:
        return f"{text.name}: {said.caption(frame)}"
    return f"{text.name}: {said.words.positions[exercise.position]}. {said.words.position_only}"


def key(exercises: Iterable[Exercise], language: str = "en") -> str:
    """Return what the marks on the muscles of these pictures mean, in a sentence; “” when there are none."""
    words = languages.of(language).words
    tones = {tone for exercise in exercises for tone in _pose(exercise).get("show", {})}
    said = [meaning for tone, meaning in words.marks.items() if tone in tones]
    return languages.fill(words.marks_line, marks=", ".join(said)) if said else ""


def _pose(exercise: Exercise) -> dict[str, Any]:
    return exercise.pose or BY_POSITION.get(exercise.position, BY_POSITION["standing"])


def _mirrored(pose: dict[str, Any], side: str) -> bool:
    """Whether the other side works than the one that is drawn; without a side the words are for the right."""
    shown = side if side in wording.OTHER_SIDE else wording.SHOWN_FIRST
    return bool(shown != pose.get("side", "right"))


def _kept(drawn_from: object, draw: Callable[[], str]) -> str:
    """Return the kept picture, or draw and keep it; a disk that can't keep it loses nothing but time."""
    key = _hash(drawn_from)
    path = Path(settings.FIGURES_DIR) / key[:2] / f"{key}.svg"
    try:
        return path.read_text("utf-8")
    except OSError:
        picture = draw()
    keep(path, picture)
    return picture


def keep(path: Path, picture: str) -> None:
    """Keep a picture in a file; a disk that can't is no error, since it can be drawn again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
            file.write(picture)
        Path(file.name).replace(path)
    except OSError as reason:
        log.warning("A picture can't be kept in %s: %s", path.parent, reason)


def _hash(drawn_from: object) -> str:
    return sha256(f"{_engine()}{json.dumps(drawn_from, sort_keys=True)}".encode()).hexdigest()


@cache
def _engine() -> str:
    """The hash of the engine's source: a changed engine draws anew."""
    total = sha256()
    for path in sorted(Path(figures.__file__).parent.glob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()
