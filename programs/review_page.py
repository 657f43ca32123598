"""An exercise under review: how it will look, what it lacks, and what its reader may do with it. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinics.models import User
from exercises import browsing, gates, languages, reviewing, revisions
from exercises.browsing import Row
from exercises.differences import Change, difference
from exercises.editorial import Revision
from exercises.figures.poses import BadPose
from exercises.languages import Language
from exercises.models import Exercise
from exercises.querysets import ExerciseQuerySet
from programs import drafting
from programs.handout import HandoutItem

EARLIER = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """The section of a handout in one language; without an item, that language's text isn't written yet."""

    language: Language
    name: str
    item: HandoutItem | None


@dataclass(frozen=True, slots=True)
class Review:
    """All that the page reads.

    `refused` says why this person may not publish what is in review; `changes` are those since it was last published,
    None when it never was.
    """

    exercise: Exercise
    problems: Sequence[str]
    refused: str
    row: Row
    sheets: Sequence[Sheet]
    history: Sequence[Revision]
    changes: Sequence[Change] | None
    version: int

    @property
    def may_submit(self) -> bool:
        return self.exercise.status == "draft" and not self.problems

    @property
    def may_publish(self) -> bool:
        return self.exercise.status == "in_review" and not self.refused


def shared() -> ExerciseQuerySet:
    """The shared exercises, ready to be read."""
    rows = Exercise.objects.shared().select_related("submitted_by", "substitute").with_everything()
    return rows.prefetch_related("uploads", "suits_primary")


def read(exercise: Exercise, *, by: User) -> Review:
    """Return the page of an exercise from `shared`."""
    history = list(revisions.of(exercise).defer("values")[:EARLIER])
    return Review(
        exercise=exercise,
        problems=reviewing.problems(exercise),
        refused=_refused(exercise, by),
        row=browsing.row_of(exercise),
        sheets=[_sheet(exercise, languages.of(code), by) for code in gates.LANGUAGES],
        history=history,
        changes=_changes(exercise),
        version=history[0].number if history else 0,
    )


def _refused(exercise: Exercise, by: User) -> str:
    if exercise.status == "in_review":
        try:
            reviewing.check_second_editor(exercise, by=by)
        except reviewing.CannotMove as reason:
            return str(reason)
    return ""


def _changes(exercise: Exercise) -> list[Change] | None:
    """Return what it says differently than when it was last published; of a published one, than the time before."""
    published = list(revisions.of(exercise).filter(values__status="published")[:2])
    if exercise.status == "published":
        published = published[1:]
    if not published:
        return None
    now = revisions.values_of(revisions.fresh(exercise))
    return [one for one in difference("exercise", published[0].values, now) if one.name != "status"]


def _sheet(exercise: Exercise, language: Language, by: User) -> Sheet:
    name = gates.LANGUAGES[language.code]
    if not any(text.language == language.code for text in exercise.texts.all()):
        return Sheet(language, name, None)
    try:
        return Sheet(language, name, drafting.sample(exercise, language, by=by))
    except BadPose:  # the problems say so
        return Sheet(language, name, None)
