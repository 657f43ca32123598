"""What an exercise still lacks before patients may get it, in sentences that say what to do."""

from collections.abc import Iterator

from exercises import wording
from exercises.entries import EASIEST_SPANISH, HARDEST_GRADE
from exercises.models import Exercise, ExerciseText
from exercises.readability import grade, spanish_ease

MARKED_AS_PRACTICE = ("practice", "article_only")


def problems(exercise: Exercise) -> list[str]:
    """Return what stands against publishing, one sentence each; nothing when it may be published."""
    return list(_problems(exercise))


def _problems(exercise: Exercise) -> Iterator[str]:
    texts = {text.language: text for text in exercise.texts.all()}
    if exercise.evidence not in MARKED_AS_PRACTICE and not exercise.citations.exists():
        yield "Name a source, or mark the evidence as practice."
    if "en" not in texts:
        yield "The English words are missing."
    elif (found := grade(parts_of(texts["en"]))) > HARDEST_GRADE:
        yield f"The English words read like grade {found}; make them easier, grade 6 at most."
    if "es" in texts:
        if (ease := spanish_ease(parts_of(texts["es"]))) < EASIEST_SPANISH:
            yield f"The Spanish words have an ease of {ease:.0f}; make them easier, 70 at least."
    elif not exercise.waiver:
        yield "The Spanish words are missing. Write them, or say why it goes without."
    if not exercise.pose and not exercise.uploads.exists():
        yield "It has no picture."


def parts_of(text: ExerciseText) -> list[str]:
    """Return the sentences that a patient reads, with the sides filled in."""
    stop = f"Stop if {text.stop_if}" if text.language == "en" else f"Pare si {text.stop_if}"
    parts = [*text.steps, text.feel, stop if text.stop_if else "", *text.mistakes]
    return [wording.line_for(part, "left", text.language) for part in parts if part]
