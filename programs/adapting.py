"""A protocol's stage made to suit one patient: what doesn't fit is replaced, and the rest is mended or named.

Pure functions. `adapt` starts from the protocol's exercises, swaps those that would stop or warn, and then takes
the checks' own fixes until nothing but notes is left. What can't be met is said in a sentence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from exercises.facts import ExerciseFacts
from exercises.vocabulary import Phase
from programs import checks
from programs.checks import mending
from programs.checks.facts import Fix, ItemFacts, StageFacts, Verdict
from programs.checks.substitutes import AEROBIC, fit_for, substitutes
from programs.checks.suitability import fits

MOST_ITEMS = {"w0_2": 6, "w2_4": 8, "w4_8": 8}
MOST_ROUNDS = 12
SUITABILITY = {"driver", "direction", "precautions", "irritability", "equipment"}


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a protocol: an exercise, and the tested preference without which it isn't offered, if any."""

    exercise: str
    only_with: str = ""


@dataclass(frozen=True, slots=True)
class Adapted:
    """The stage as it is to start, what was changed, and what can't be met, each as a sentence."""

    stage: StageFacts
    changes: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()

    @property
    def exercises(self) -> list[str]:
        """The slugs of the exercises, in order."""
        return [item.exercise.slug for item in self.stage.items]

    @property
    def notes(self) -> dict[str, list[str]]:
        """What was changed and what can't be met, as JSON keeps it."""
        return {"changes": list(self.changes), "unmet": list(self.unmet)}


def adapt(planned: Iterable[Planned], empty: StageFacts) -> Adapted:
    """Return the protocol's stage for the patient of `empty`, a stage without items."""
    offered = [row.exercise for row in planned if row.only_with in {"", empty.patient.direction}]
    wanted = [empty.catalog.exercise(slug) for slug in offered if slug in empty.catalog]
    stage, changes = _swapped(wanted, empty)
    stage, mended = _mended(stage)
    left = [verdict for verdict in checks.find(stage) if _serious(verdict)]
    return Adapted(stage, (*changes, *mended), tuple(_need(verdict, stage) for verdict in left))


def _serious(verdict: Verdict) -> bool:
    return verdict.level != "note" and verdict.rule not in {"red_flags", "sign_off"}


def _need(verdict: Verdict, stage: StageFacts) -> str:
    """Return in one sentence which need can't be met."""
    if verdict.rule == "pair_order":
        muscle, item = stage.catalog.muscle(verdict.about).lower(), stage.item(verdict.item)
        return f"Nothing that releases the {muscle} suits this patient, and {item.name} asks for it first."
    return verdict.sentence


def _swapped(wanted: Sequence[ExerciseFacts], empty: StageFacts) -> tuple[StageFacts, list[str]]:
    """Keep what fits, put the best substitute in the place of what doesn't, and leave out what has none."""
    changes: list[str] = []
    chosen: list[ExerciseFacts] = []
    keep = [exercise for exercise in wanted if fits(exercise, empty)]
    for exercise in wanted:
        if exercise in keep:
            chosen.append(exercise)
            continue
        found = next(iter(substitutes(exercise, _stage([*keep, *chosen], empty))), None)
        why = _objection(exercise, empty)
        if found is None:
            changes.append(f"{exercise.name} is left out, and nothing takes its place. {why}")
        else:
            changes.append(f"{found.name} replaces {exercise.name}. {why}")
            chosen.append(found)
    return _stage(chosen, empty), changes


def _objection(exercise: ExerciseFacts, empty: StageFacts) -> str:
    """Return what the most serious verdict on the exercise itself says, with what it is about."""
    if exercise.slug in empty.catalog.retired:
        return "It is not in use any more."
    found = checks.find(_stage([exercise], empty))
    verdict = next(verdict for verdict in found if verdict.rule in SUITABILITY and verdict.level != "note")
    if verdict.rule == "equipment":
        return verdict.sentence
    return f"{verdict.title.removeprefix(f'{exercise.name}: ').capitalize()}: {_low(verdict.sentence)}"


def _low(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _stage(exercises: Iterable[ExerciseFacts], empty: StageFacts) -> StageFacts:
    side = empty.patient.affected_side
    unique = dict.fromkeys(exercise.slug for exercise in exercises)
    rows = sorted((empty.catalog.exercise(slug) for slug in unique), key=lambda row: row.phase.rank)
    items = (
        ItemFacts(key, row, row.phase, side=mending.usual_side(row.laterality, side))
        for key, row in enumerate(rows, start=1)
    )
    return mending.sorted_by_kind(replace(empty, items=tuple(items)))


def _mended(stage: StageFacts) -> tuple[StageFacts, list[str]]:
    """Take fixes until nothing is serious or nothing more can be mended."""
    changes: list[str] = []
    for _ in range(MOST_ROUNDS):
        serious = [verdict for verdict in checks.find(stage) if _serious(verdict)]
        step = next((step for step in (_step(stage, verdict) for verdict in serious) if step), None)
        if step is None:
            break
        stage, label = step
        changes.append(label)
    return mending.sorted_by_kind(stage), changes


def _step(stage: StageFacts, verdict: Verdict) -> tuple[StageFacts, str] | None:
    """Return the stage after the first fix that leaves fewer serious verdicts, and what it was."""
    before = _weight(stage)
    for fix in islice(checks.RULES[verdict.rule].mend(stage, verdict), 10):
        fixed = mending.apply(stage, fix)
        for mended in _within_limit(fixed, fix):
            if _weight(mended) < before:
                return mended, f"{_done(fix, stage)}{_left_out(fixed, mended)}. {verdict.sentence}"
    return None


def _left_out(fixed: StageFacts, mended: StageFacts) -> str:
    """Return in words what was left out so that a fix keeps the stage short enough."""
    gone = [item.name for item in fixed.items if item not in mended.items]
    return f", and {gone[0]} is left out" if gone else ""


def _done(fix: Fix, stage: StageFacts) -> str:
    """Return in words what a fix did to the stage."""
    old = stage.item(fix.item).name if fix.item else ""
    new = stage.catalog.exercises[fix.exercise].name if fix.exercise else ""
    words = {"add": f"{new} is added", "remove": f"{old} is left out", "replace": f"{new} replaces {old}"}
    return words.get(fix.action, fix.label)


def _weight(stage: StageFacts) -> int:
    return sum(1 for verdict in checks.find(stage) if _serious(verdict))


def _within_limit(stage: StageFacts, fix: Fix) -> Iterable[StageFacts]:
    """Yield the stage, or where the fix made it too long, the stages with one other item left out.

    Late ones go first, walking and the like last.
    """
    if len(stage.items) <= MOST_ITEMS[stage.slug]:
        yield stage
        return
    lead = stage.patient.lead.slug
    spare = [item for item in stage.items if item.exercise.slug != fix.exercise]
    for item in sorted(
        spare, key=lambda item: (AEROBIC in item.exercise.attributes, -item.phase.rank, -fit_for(item.exercise, lead))
    ):
        if item.phase is not Phase.CALM:
            yield replace(stage, items=tuple(other for other in stage.items if other.key != item.key))
