"""One exercise as its page shows it: the patient's words, and what a clinician asks."""

from dataclasses import dataclass

from exercises import browsing, cautions, evidence_page, known, pictures, uploaded
from exercises.cautions import Caution
from exercises.evidence import Claim
from exercises.models import Exercise, ExerciseText
from exercises.querysets import UNSEEN
from exercises.wording import dose_words, line_for, range_words, steps_for

# What each evidence level does and does not say.
EVIDENCE = {
    "trial_family": "Trials have tested this kind of exercise in back pain or sciatica, not this one alone.",
    "guideline": "A clinical guideline names or covers this kind of exercise.",
    "biomech": "Studies have measured muscles or movement in it. That does not show that it helps sciatica.",
    "practice": "Common in practice. No trial of it was found.",
    "article_only": "It comes from one source article alone. No independent evidence was found.",
}
# How well founded that is, in the words of the evidence page; not how much the exercise helps.
CERTAINTY = {
    "trial_family": "medium",
    "guideline": "medium",
    "biomech": "low",
    "practice": "low",
    "article_only": "low",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture on the page: its frame, the caption, what it shows in words, and the side if it is the other one."""

    frame: str
    caption: str
    words: str
    side: str = ""


@dataclass(frozen=True, slots=True)
class Spanish:
    """The patient's words in Spanish."""

    name: str
    steps: list[str]
    feel: str
    stop_if: str
    mistakes: list[str]


@dataclass(frozen=True, slots=True)
class Leaflet:
    """All that the page reads."""

    exercise: Exercise
    dose: list[str]
    ranges: list[str]
    steps: list[str]
    feel: str
    stop_if: str
    mistakes: list[str]
    pictures: list[Picture]
    equipment: str
    evidence: str
    certainty: str
    driver_cautions: list[Caution]
    precaution_cautions: list[Caution]
    claims: tuple[Claim, ...]
    spanish: Spanish | None
    easier: Exercise | None
    harder: Exercise | None

    @property
    def several(self) -> bool:
        """Whether there is more than one picture; a position that is held has one."""
        return len(self.pictures) > 1

    @property
    def moves(self) -> bool:
        """Whether there is a movement to see."""
        return pictures.moves(self.exercise)

    @property
    def key(self) -> str:
        """What the marks on the muscles mean, of those that are shown."""
        return pictures.key([self.exercise])


def leaflet_of(exercise: Exercise, affected: str = "right", *, drafts: bool = False) -> Leaflet:
    """Return the page of an exercise, for the leg that hurts where it is for one; needs `with_everything`.

    It points to a shared draft only for a reader who may see `drafts`.
    """
    side = {"affected_side": affected, "each_side": "each"}.get(exercise.laterality, "")
    catalog = known.catalog(known.current_edition(exercise.clinic_id))
    facts = catalog.exercise(exercise.slug)
    uploaded.tell([exercise], catalog.uploads)
    text = exercise.text_in("en") if exercise.texts.all() else ExerciseText(name=exercise.name, steps=[])
    return Leaflet(
        exercise=exercise,
        dose=dose_words(
            exercise.sets,
            exercise.reps,
            exercise.hold_s,
            exercise.minutes,
            exercise.times_per_day,
            exercise.days_per_week,
            "each" if side == "each" else "",
        ),
        ranges=_ranges(exercise),
        steps=steps_for(text.steps, side),
        feel=line_for(text.feel, side),
        stop_if=line_for(text.stop_if, side),
        mistakes=[line_for(mistake, side) for mistake in text.mistakes],
        pictures=[
            Picture(
                frame,
                frame.replace("-", " ").capitalize(),
                pictures.words(text, exercise, frame, side),
                pictures.side_shown(exercise, frame, side),
            )
            for frame in pictures.frames(exercise)
        ],
        equipment=browsing.equipment_words(exercise.equipment, browsing.equipment_names()),
        evidence=EVIDENCE[exercise.evidence],
        certainty=CERTAINTY[exercise.evidence],
        driver_cautions=cautions.from_drivers(facts, catalog.drivers.values()),
        precaution_cautions=cautions.from_precautions(facts, catalog.precautions.values()),
        claims=evidence_page.claims_about(evidence_page.families(facts)),
        spanish=_spanish(exercise, side),
        easier=_neighbour(exercise, exercise.regression, drafts=drafts),
        harder=_neighbour(exercise, exercise.progression, drafts=drafts),
    )


def _neighbour(exercise: Exercise, other: Exercise | None, *, drafts: bool) -> Exercise | None:
    """Return an easier or harder exercise; another clinic's own one is none, nor is what the reader may not see."""
    if other is None or not other.may_stand_beside(exercise.clinic_id):
        return None
    unseen = other.clinic_id is None and other.status in UNSEEN
    return other if drafts or not unseen else None


def _spanish(exercise: Exercise, side: str) -> Spanish | None:
    text = next((text for text in exercise.texts.all() if text.language == "es"), None)
    if text is None:
        return None
    return Spanish(
        text.name,
        steps_for(text.steps, side, "es"),
        line_for(text.feel, side, "es"),
        line_for(text.stop_if, side, "es"),
        [line_for(mistake, side, "es") for mistake in text.mistakes],
    )


def _ranges(exercise: Exercise) -> list[str]:
    found = [
        range_words(exercise.reps, exercise.reps_max, "time"),
        range_words(exercise.hold_s, exercise.hold_s_max, "second"),
        range_words(exercise.minutes, exercise.minutes_max, "minute"),
    ]
    return [words for words in found if words]
