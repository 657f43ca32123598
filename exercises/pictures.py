"""The pictures of an exercise as the site and the handout show them: drawn from its pose, or uploaded.

A drawn picture is drawn when it is first asked for and kept in a file, whose name is the hash of what it is drawn from:
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

from exercises import figures, languages, uploaded, wording
from exercises.models import Exercise, ExerciseText

log = logging.getLogger(__name__)

# What may be uploaded for an exercise that has no pose: how it begins, and how it ends.
WITHOUT_POSE = ("start", "finish")

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
    if not exercise.pose and (found := uploaded.digests(exercise)):
        return [frame for frame in WITHOUT_POSE if frame in found] or figures.frame_names(_pose(exercise))
    return figures.frame_names(_pose(exercise))


def may_be_uploaded(exercise: Exercise) -> list[str]:
    """Return the names of the pictures that an upload can stand for."""
    return frames(exercise) if exercise.pose else list(WITHOUT_POSE)


def shown(exercise: Exercise, frame: str, side: str = "") -> bytes:
    """Return one picture: the upload (PNG or JPEG), else the drawing (SVG) for the side that works.

    A frame that the exercise doesn't have gives the last one.
    """
    digest = _uploaded(exercise, frame)
    content = uploaded.content(exercise.slug, digest) if digest else None
    return drawing(exercise, frame, side).encode() if content is None else content


def drawing(exercise: Exercise, frame: str, side: str = "") -> str:
    """Return one picture as it is drawn, as SVG, for the side that works.

    “” or “each” show the right one, as their words do. A frame that the pose doesn't have gives the last one, which
    shows the movement done.
    """
    pose = _pose(exercise)
    names = figures.frame_names(pose)
    name = frame if frame in names else names[-1]
    return _kept(
        (pose, name, _mirrored(pose, side)),
        lambda: figures.draw(exercise.slug, pose, name, mirrored=_mirrored(pose, side)),
    )


def key_of(exercise: Exercise, frame: str, side: str = "") -> str:
    """Return what a handout knows a picture by: the SHA-256 of its content, which isn't read for an upload."""
    return _uploaded(exercise, frame) or sha256(drawing(exercise, frame, side).encode()).hexdigest()


def keys(exercise: Exercise, side: str = "") -> dict[str, str]:
    """Return the exercise's frames by what a handout knows them by, in order."""
    return {key_of(exercise, frame, side): frame for frame in frames(exercise)}


def is_uploaded(exercise: Exercise, frame: str) -> bool:
    """Whether a frame shows an upload."""
    return bool(_uploaded(exercise, frame))


def motion(exercise: Exercise, side: str = "") -> str | None:
    """Return the exercise in motion as SVG, or None when it is held still or shows an upload."""
    pose = _pose(exercise)
    if uploaded.digests(exercise) or len(figures.frame_names(pose)) < 2:
        return None
    return _kept(
        (pose, "motion", _mirrored(pose, side)),
        lambda: figures.animate(exercise.slug, pose, mirrored=_mirrored(pose, side)),
    )


def version(exercise: Exercise) -> str:
    """Return 16 hex digits that change when the exercise's pictures do; nothing is drawn for it."""
    uploads = sorted(uploaded.digests(exercise).items())
    return _hash((_pose(exercise), wording.SHOWN_FIRST, *uploads))[:16]


def moves(exercise: Exercise) -> bool:
    """Whether the exercise can be shown in motion."""
    return len(frames(exercise)) > 1 and not uploaded.digests(exercise)


def of_pose(name: str, pose: dict[str, Any]) -> str:
    """Return the start of a pose that isn't an exercise's as SVG; it isn't kept. Raises poses.BadPose."""
    return figures.draw(name, pose, "start")


def words(text: ExerciseText, exercise: Exercise, frame: str, side: str = "") -> str:
    """Return what a picture shows, for a reader who can't see it; at the least its name, or its position."""
    of_upload = is_uploaded(exercise, frame)
    if line := text.pictures.get(frame, ""):
        return wording.line_for(line, "" if of_upload else side, text.language)
    said = languages.of(text.language)
    if exercise.pose or of_upload:
        return f"{text.name}: {said.caption(frame)}"
    return f"{text.name}: {said.words.positions[exercise.position]}. {said.words.position_only}"


def side_shown(exercise: Exercise, frame: str, side: str, language: str = "en") -> str:
    """Return which side a picture shows, where that isn't the side that works; else “”. No upload is mirrored."""
    if side not in wording.OTHER_SIDE or side == wording.SHOWN_FIRST or exercise.laterality == "bilateral":
        return ""
    if not is_uploaded(exercise, frame):
        return ""
    return wording.line_for(languages.of(language).words.shown_on, wording.SHOWN_FIRST, language)


def key(exercises: Iterable[Exercise], language: str = "en") -> str:
    """Return what the marks on the muscles of these pictures mean, in a sentence; “” when there are none."""
    words = languages.of(language).words
    drawn = (exercise for exercise in exercises if not _all_uploaded(exercise))
    tones = {tone for exercise in drawn for tone in _pose(exercise).get("show", {})}
    said = [meaning for tone, meaning in words.marks.items() if tone in tones]
    return languages.fill(words.marks_line, marks=", ".join(said)) if said else ""


def _uploaded(exercise: Exercise, frame: str) -> str:
    """Return the digest of the upload that a frame shows, of the last frame for one that isn't there; or “”."""
    names = frames(exercise)
    return uploaded.digests(exercise).get(frame if frame in names else names[-1], "")


def _all_uploaded(exercise: Exercise) -> bool:
    return all(is_uploaded(exercise, frame) for frame in frames(exercise))


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
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
            part = Path(file.name)
            file.write(picture)
        part.replace(path)
    except OSError as reason:
        if part:
            part.unlink(missing_ok=True)
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
