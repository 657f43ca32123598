"""What an exercise still lacks before patients may get it, in sentences that say what to do. Reads; never writes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Value

from exercises import languages, wording
from exercises.entries import PLACEHOLDERS
from exercises.figures import reading
from exercises.figures.poses import BadPose
from exercises.models import Attribute, Equipment, Exercise, ExerciseText
from exercises.readability import hardest, level

PRACTICE = "practice"
FEWEST_STEPS, MOST_STEPS = 3, 6
FIRST_PICTURE = "start"
LANGUAGES = {"en": "English", "es": "Spanish"}


@dataclass(frozen=True, slots=True)
class Known:
    """The slugs that an exercise may name."""

    attributes: frozenset[str]
    equipment: frozenset[str]


def read_known() -> Known:
    """Return what an exercise may name as it stands now: 1 query."""
    attributes = Attribute.objects.order_by().values_list("slug", Value(0))
    both = list(attributes.union(Equipment.objects.order_by().values_list("slug", Value(1)), all=True))
    return Known(*(frozenset(slug for slug, kind in both if kind == wanted) for wanted in (0, 1)))


@dataclass(frozen=True, slots=True)
class Problem:
    """What an exercise lacks: a sentence for people, and what tells it from other problems.

    `kind` says which gate is closed, `about` for which of several pictures or slugs, `how_bad` how far it is from
    open, where that can be measured.
    """

    kind: str
    words: str
    about: frozenset[str] = frozenset()
    how_bad: float = 0.0

    def was_there(self, before: Iterable["Problem"]) -> bool:
        """Whether one of those `before` was the same problem and at least as bad."""
        return any(self.kind == old.kind and self.about <= old.about and self.how_bad <= old.how_bad for old in before)


def problems(exercise: Exercise, known: Known | None = None) -> list[str]:
    """Return what stands against publishing, a sentence each; nothing when it may be published. As many queries."""
    return [problem.words for problem in lacks(exercise, known)]


def lacks(exercise: Exercise, known: Known | None = None) -> list[Problem]:
    """Return what stands against publishing; nothing when it may be published.

    It asks 4 queries; 1 when `texts`, `citations` and `uploads` are prefetched, none with `known` as well.
    """
    texts = {text.language: text for text in exercise.texts.all()}
    return [
        *_source(exercise),
        *_dose(exercise),
        *_languages(exercise, texts),
        *(problem for code in LANGUAGES if code in texts for problem in _text(exercise, texts[code])),
        *_picture(exercise, texts),
        *_names(exercise, known or read_known()),
    ]


def parts_of(text: ExerciseText) -> dict[str, str]:
    """Return the sentences that a patient reads by what they are: “step 2”; sides are filled in."""
    said = languages.of(text.language)
    parts = {f"step {number}": step for number, step in enumerate(text.steps, start=1)}
    parts |= {"“feel it here”": text.feel}
    parts |= {"“stop if”": f"{said.words.stop_if} {text.stop_if}" if text.stop_if else ""}
    parts |= {f"mistake {number}": line for number, line in enumerate(text.mistakes, start=1)}
    return {name: wording.line_for(line, "left", text.language) for name, line in parts.items() if line}


def _source(exercise: Exercise) -> Iterator[Problem]:
    if exercise.evidence != PRACTICE and not exercise.citations.all():
        yield Problem("source", "Name a citation, or mark the evidence as practice.")


def _dose(exercise: Exercise) -> Iterator[Problem]:
    if not exercise.reps and not exercise.minutes:
        yield Problem("dose", "Give the usual dose: repetitions or minutes.")


def _languages(exercise: Exercise, texts: Mapping[str, ExerciseText]) -> Iterator[Problem]:
    if "en" not in texts:
        yield Problem("text en", "Write the English text.")
    if "es" not in texts and not exercise.waiver:
        yield Problem("text es", "Write the Spanish text, or say why it is published without.")


def _text(exercise: Exercise, text: ExerciseText) -> Iterator[Problem]:
    language = LANGUAGES[text.language]
    count = len(text.steps)
    if too_many := max(FEWEST_STEPS - count, count - MOST_STEPS, 0):
        words = f"Give three to six steps in {language}; there are {count}."
        yield Problem(f"steps {language}", words, how_bad=too_many)
    parts = parts_of(text)
    yield from _hard(text.language, tuple(parts), tuple(parts.values()), f"the {language} text")
    shown = {f"the picture “{frame}”": wording.line_for(line, "left", text.language) for frame, line in _said(text)}
    yield from _hard(text.language, tuple(shown), tuple(shown.values()), f"the {language} words of the pictures")
    if exercise.laterality == "bilateral" and any(
        word in line for line in (*text.steps, text.feel, text.stop_if, *text.mistakes) for word in PLACEHOLDERS
    ):
        words = f"Take the side out of the {language} text: the exercise is for the whole body."
        yield Problem(f"side {language}", words)


def _said(text: ExerciseText) -> list[tuple[str, str]]:
    return [(frame, line) for frame, line in text.pictures.items() if line]


@lru_cache(maxsize=4096)  # of the words themselves: never out of date
def _hard(language: str, names: tuple[str, ...], lines: tuple[str, ...], what: str) -> tuple[Problem, ...]:
    """Return what is too hard to read, with the hardest part named; nothing when it is easy enough."""
    if not lines:
        return ()
    found = level(language, lines)
    if not found.hard:
        return ()
    part = names[lines.index(hardest(language, lines))]
    return (Problem(what, f"Make {what} easier: {found}. Hardest is {part}.", how_bad=found.beyond),)


def _picture(exercise: Exercise, texts: Mapping[str, ExerciseText]) -> Iterator[Problem]:
    uploaded = {upload.frame for upload in exercise.uploads.all()}
    try:
        drawn = _frames(exercise)
    except BadPose:
        yield Problem("pose", "Mend the pose: it can't be drawn as it is.")
        return
    if not drawn and FIRST_PICTURE not in uploaded:
        yield Problem("picture", "Give it a picture: pose it, or upload one.")
    frames = dict.fromkeys([*drawn, *sorted(uploaded)])
    for code, language in LANGUAGES.items():
        silent = [frame for frame in frames if code in texts and not texts[code].pictures.get(frame)]
        if silent:
            said = ", ".join(f"“{frame}”" for frame in silent)
            words = (
                f"Say in {language} what the picture{'s' * (len(silent) > 1)} show{'s' * (len(silent) == 1)}: {said}."
            )
            yield Problem(f"words of pictures {language}", words, frozenset(silent))


def _frames(exercise: Exercise) -> list[str]:
    """Return the names of the pictures that its own pose draws. Raises BadPose."""
    if not exercise.pose:
        return []
    return [frame.name for frame in reading.read("the pose", exercise.pose).frames]


def _names(exercise: Exercise, known: Known) -> Iterator[Problem]:
    for slug in exercise.attributes:
        if slug not in known.attributes:
            words = f"Take out the attribute “{slug}”: there is none of that name."
            yield Problem("attribute", words, frozenset([slug]))
    for slug in dict.fromkeys(slug for group in exercise.equipment for slug in group):
        if slug not in known.equipment:
            words = f"Take out the equipment “{slug}”: there is none of that name."
            yield Problem("equipment", words, frozenset([slug]))
