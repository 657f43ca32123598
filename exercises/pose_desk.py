"""What the pose editor shows: the pose drawn, what is wrong with it, and its words; and how it is saved."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from pydantic import TypeAdapter, ValidationError

from clinics.models import User
from exercises import editing, languages, pose_editor, pose_words, readability, reviewing, wording
from exercises.entries import PLACEHOLDERS, Line
from exercises.exercise_entries import PoseEntry, check_placeholders
from exercises.figures import reading
from exercises.figures.figure import Figure
from exercises.figures.poses import BadPose, Pose
from exercises.gates import Problem
from exercises.models import Exercise, ExerciseText
from exercises.pictures import BY_POSITION
from exercises.pose_editor import PoseData

Words = dict[str, dict[str, str]]
"""What each picture shows, by language and frame."""

LINE = TypeAdapter(Line)
# What a prop with settings that don't fit it fails with.
UNFIT = (BadPose, LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


class CannotSave(Exception):
    """The pose stays as it was; `reasons` are sentences for the page."""

    def __init__(self, reasons: Sequence[str], *, meanwhile: str = "") -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
        self.meanwhile = meanwhile


@dataclass(slots=True)
class Shown:
    """One frame as drawn: what it takes over, what it is in full, and its joints as measured on the drawing."""

    name: str
    title: str
    picture: str
    before: dict[str, Any]
    full: dict[str, Any]
    measured: dict[str, int]
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Drawn:
    """A pose's pictures, or the mistakes for which there are none."""

    frames: list[Shown]
    mistakes: list[str]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Said:
    """The words of all pictures in one language, and how hard they are to read."""

    language: str
    name: str
    lines: list[tuple[str, str, str]]
    level: str
    hard: bool


def title(frame: str) -> str:
    """Return a frame's name as a heading."""
    return languages.of("en").caption(frame).capitalize()


def stored(exercise: Exercise) -> PoseData:
    """Return the exercise's pose; without one, somebody in its position."""
    pose: PoseData = exercise.pose or BY_POSITION.get(exercise.position, BY_POSITION["standing"])
    return pose


def state(exercise: Exercise) -> str:
    """Return what changes when somebody saves the pose or its words; needs `texts`."""
    return pose_editor.digest(exercise.pose, {text.language: text.pictures for text in exercise.texts.all()})


def draw(pose: PoseData) -> Drawn:
    """Return the pose drawn, or what is wrong with it in sentences."""
    try:
        read = reading.read("the pose", pose)
        figure = _figure(read)
    except BadPose as wrong:
        return Drawn([], [pose_words.mistake(line) for line in str(wrong).splitlines()])
    those = pose_editor.frames(pose)
    drawn = Drawn([], [])
    for (name, _), (before, full) in zip(those, pose_editor.in_full(those), strict=True):
        picture = "data:image/svg+xml;base64," + b64encode(figure.svg(name).encode()).decode()
        measured = {joint: round(angle) for joint, angle in figure.posed[name].angles().items()}
        drawn.frames.append(Shown(name, title(name), picture, before, full, measured))
    for name, sentence in pose_words.warnings(figure):
        shown = next((each for each in drawn.frames if each.name == name), drawn)
        shown.warnings.append(sentence)
    return drawn


def _figure(pose: Pose) -> Figure:
    """Raises BadPose, which names the prop, when one has settings that can't be drawn."""
    try:
        return Figure(pose)
    except UNFIT as wrong:
        for prop in pose.props:
            try:
                Figure(Pose(pose.name, pose.frames, props=(prop,)))
            except UNFIT:
                raise BadPose(f"the pose: a setting of the {prop['kind']} doesn't fit it") from wrong
        raise BadPose("the pose: it can't be drawn; a setting doesn't fit") from wrong


def said(texts: Sequence[ExerciseText], frames: Sequence[str], words: Words) -> list[Said]:
    """Return the words of these frames in each language the exercise has."""
    found = []
    for text in texts:
        lines = words.get(text.language, {})
        level, hard = _level(text.language, [line for frame in frames if (line := lines.get(frame, "").strip())])
        rows = [(frame, title(frame), lines.get(frame, "")) for frame in frames]
        found.append(Said(text.language, languages.of(text.language).name, rows, level, hard))
    return found


def _level(language: str, lines: Sequence[str]) -> tuple[str, bool]:
    sides = [wording.line_for(line, "left", language) for line in lines if _filled(line)]
    if not lines:
        return "Nothing is written yet.", False
    if language not in readability.MEASURED:
        return "", False
    found = readability.level(language, sides)
    return found.verdict, found.hard


def _filled(line: str) -> bool:
    try:
        check_placeholders(line)
    except ValueError:
        return False
    return True


def missing(said_in: Sequence[Said]) -> list[str]:
    """Return a sentence for each picture that has no words yet."""
    return [
        f"The {row.name} words of “{heading}” are missing."
        for row in said_in
        for _, heading, line in row.lines
        if not line.strip()
    ]


def mistakes_in(exercise: Exercise, pose: PoseData, words: Words) -> list[str]:
    """Return why the pose can't be saved with these words; a draft's may be missing."""
    drawn = draw(pose)
    if drawn.mistakes:
        return drawn.mistakes
    frames = [frame.name for frame in drawn.frames]
    found = []
    whole = {language: lines for language, lines in words.items() if list(lines) == frames}
    for language, lines in words.items():
        for frame, line in lines.items():
            found += [f"{languages.of(language).name}, {title(frame)}: {reason}" for reason in _wrong_with(line)]
    if exercise.laterality == "bilateral" and any(
        word in line for lines in words.values() for line in lines.values() for word in PLACEHOLDERS
    ):
        found.append("The words name a side, but the exercise is done with both.")
    if exercise.status != "draft":
        found += missing(said(list(exercise.texts.all()), frames, words))
    if not found and "en" in whole:
        try:
            PoseEntry.model_validate({"name": exercise.name, "words": whole, "pose": pose})
        except ValidationError as trouble:
            said_wrong = [error["msg"].removeprefix("Value error, ") for error in trouble.errors()]
            found += [f"{reason[0].upper()}{reason[1:]}." for reason in said_wrong]
    return found


def _wrong_with(line: str) -> list[str]:
    try:
        check_placeholders(LINE.validate_python(line))
    except ValidationError as trouble:
        return [error["msg"] + "." for error in trouble.errors()]
    except ValueError as trouble:
        return [f"{trouble}."]
    return []


@transaction.atomic
def save(exercise: Exercise, *, pose: PoseData, words: Words, was: str, by: User) -> bool:
    """Keep the pose and the words of its pictures; return whether anything changed.

    `was` is the `state` the editor started from. Raises CannotSave, and then nothing is kept.
    """
    row = Exercise.objects.select_for_update().get(pk=exercise.pk)
    now = state(row)
    if now != was:
        sentence = "Somebody else saved this pose since you opened it. Yours stands below, and isn't saved."
        raise CannotSave([sentence], meanwhile=now)
    frames = pose_editor.names_of(pose)
    kept = {language: _in_order(lines, frames) for language, lines in words.items()}
    if reasons := mistakes_in(row, pose, kept):
        raise CannotSave(reasons)
    lacked = reviewing.lacks(row)
    changed = False
    if pose != row.pose:
        row.pose = pose
        row.save(update_fields=["pose"])
        changed = True
    for text in row.texts.all():
        if text.language in kept and kept[text.language] != text.pictures:
            text.pictures = kept[text.language]
            text.save(update_fields=["pictures"])
            changed = True
    if changed:
        _check_gates(row, lacked)
        editing.saved(row, by=by, why="Pose")
    return changed


def _check_gates(exercise: Exercise, lacked: Sequence[Problem]) -> None:
    try:
        reviewing.check_opens_no_gate(exercise, lacked)
    except reviewing.NotReady as reason:
        raise CannotSave(reason.problems) from reason


def _in_order(lines: Mapping[str, str], frames: Sequence[str]) -> dict[str, str]:
    return {frame: " ".join(lines[frame].split()) for frame in frames if lines.get(frame, "").strip()}
