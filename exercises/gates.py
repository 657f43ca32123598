"""What an exercise still lacks before patients may get it, in sentences that say what to do. Reads; never writes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Value

from exercises import languages, wording
from exercises.entries import EASIEST_SPANISH, HARDEST_GRADE, PLACEHOLDERS
from exercises.figures import reading
from exercises.figures.poses import BadPose
from exercises.models import Attribute, Equipment, Exercise, ExerciseText
from exercises.readability import grade, spanish_ease

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


def problems(exercise: Exercise, known: Known | None = None) -> list[str]:
    """Return what stands against publishing, a sentence each; nothing when it may be published.

    It asks 4 queries; 1 when `texts`, `citations` and `uploads` are prefetched, none with `known` as well.
    """
    texts = {text.language: text for text in exercise.texts.all()}
    return [
        *_source(exercise),
        *_dose(exercise),
        *_languages(exercise, texts),
        *(line for code in LANGUAGES if code in texts for line in _text(exercise, texts[code])),
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


def _source(exercise: Exercise) -> Iterator[str]:
    if exercise.evidence != PRACTICE and not exercise.citations.all():
        yield "Name a citation, or mark the evidence as practice."


def _dose(exercise: Exercise) -> Iterator[str]:
    if not exercise.reps and not exercise.minutes:
        yield "Give the usual dose: repetitions or minutes."


def _languages(exercise: Exercise, texts: Mapping[str, ExerciseText]) -> Iterator[str]:
    if "en" not in texts:
        yield "Write the English text."
    if "es" not in texts and not exercise.waiver:
        yield "Write the Spanish text, or say why it is published without."


def _text(exercise: Exercise, text: ExerciseText) -> Iterator[str]:
    language = LANGUAGES[text.language]
    if not FEWEST_STEPS <= len(text.steps) <= MOST_STEPS:
        yield f"Give three to six steps in {language}; there are {len(text.steps)}."
    parts = parts_of(text)
    yield from _hard(text.language, tuple(parts), tuple(parts.values()), f"the {language} text")
    words = {f"the picture “{frame}”": wording.line_for(line, "left", text.language) for frame, line in _said(text)}
    yield from _hard(text.language, tuple(words), tuple(words.values()), f"the {language} words of the pictures")
    if exercise.laterality == "bilateral" and any(
        word in line for line in (*text.steps, text.feel, text.stop_if, *text.mistakes) for word in PLACEHOLDERS
    ):
        yield f"Take the side out of the {language} text: the exercise is for the whole body."


def _said(text: ExerciseText) -> list[tuple[str, str]]:
    return [(frame, line) for frame, line in text.pictures.items() if line]


@lru_cache(maxsize=4096)  # of the words themselves: never out of date
def _hard(language: str, names: tuple[str, ...], lines: tuple[str, ...], what: str) -> tuple[str, ...]:
    """Return what is too hard to read, with the hardest part named; nothing when it is easy enough."""
    if not lines:
        return ()
    if language == "en":
        if (found := grade(lines)) <= HARDEST_GRADE:
            return ()
        hardest = max(zip(names, lines, strict=True), key=lambda part: grade([part[1]]))[0]
        return (f"Make {what} easier: it reads like grade {found:.1f}, and 6 is the most. Hardest is {hardest}.",)
    if (ease := spanish_ease(lines)) >= EASIEST_SPANISH:
        return ()
    hardest = min(zip(names, lines, strict=True), key=lambda part: spanish_ease([part[1]]))[0]
    return (f"Make {what} easier: its ease is {ease:.0f}, and 70 is the least. Hardest is {hardest}.",)


def _picture(exercise: Exercise, texts: Mapping[str, ExerciseText]) -> Iterator[str]:
    uploaded = {upload.frame for upload in exercise.uploads.all()}
    try:
        drawn = _frames(exercise)
    except BadPose:
        yield "Mend the pose: it can't be drawn as it is."
        return
    if not drawn and FIRST_PICTURE not in uploaded:
        yield "Give it a picture: pose it, or upload one."
    for code, language in LANGUAGES.items():
        silent = [frame for frame in sorted(uploaded) if code in texts and not texts[code].pictures.get(frame)]
        if silent:
            said = ", ".join(f"“{frame}”" for frame in silent)
            yield f"Say in {language} what the uploaded picture shows: {said}."


def _frames(exercise: Exercise) -> list[str]:
    """Return the names of the pictures that its own pose draws. Raises BadPose."""
    if not exercise.pose:
        return []
    return [frame.name for frame in reading.read("the pose", exercise.pose).frames]


def _names(exercise: Exercise, known: Known) -> Iterator[str]:
    for slug in exercise.attributes:
        if slug not in known.attributes:
            yield f"Take out the attribute “{slug}”: there is none of that name."
    for slug in dict.fromkeys(slug for group in exercise.equipment for slug in group):
        if slug not in known.equipment:
            yield f"Take out the equipment “{slug}”: there is none of that name."
