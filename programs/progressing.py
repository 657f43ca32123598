"""“Copy and progress”: what each item of a stage becomes in the next one, with the reason.

Pure functions. Nothing is decided here: every proposal is a choice that the clinician can change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from exercises.facts import ExerciseFacts
from exercises.vocabulary import Phase
from programs.adapting import MOST_ITEMS
from programs.checks.facts import LATE, ItemFacts, StageFacts
from programs.checks.substitutes import named, regressions
from programs.checks.suitability import fits

Pace = Literal["progress", "hold", "ease"]
NEXT_STAGE = {"w0_2": "w2_4", "w2_4": "w4_8", "w4_8": "w4_8"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an item becomes: itself, another exercise, or nothing (None); and what else could be chosen."""

    item: ItemFacts
    becomes: ExerciseFacts | None
    reason: str
    choices: tuple[ExerciseFacts, ...]


@dataclass(frozen=True, slots=True)
class Addition:
    """An exercise that the protocol has in the next stage and nothing else leads to."""

    exercise: ExerciseFacts
    reason: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    """The next stage as proposed."""

    proposals: tuple[Proposal, ...]
    additions: tuple[Addition, ...]


def propose(current: StageFacts, target: StageFacts, planned: Sequence[ExerciseFacts], pace: Pace) -> Proposed:
    """Return what to do with each item of `current` in the stage `target`, which is empty and has its patient.

    `planned` is the protocol's stage, made to suit the patient; empty when the program has no protocol.
    """
    proposals: list[Proposal] = []
    taken = {row.slug for row in planned} & current.slugs
    for item in current.items:
        becomes, reason = _becomes(item, target, planned, taken, pace)
        if becomes:
            taken.add(becomes.slug)
        proposals.append(Proposal(item, becomes, reason, tuple(_choices(item, becomes, target))))
    kept = {proposal.becomes.slug for proposal in proposals if proposal.becomes}
    additions = _additions(planned, kept, target) if pace == "progress" else ()
    return Proposed(tuple(proposals), tuple(additions))


def _becomes(
    item: ItemFacts, target: StageFacts, planned: Sequence[ExerciseFacts], taken: set[str], pace: Pace
) -> tuple[ExerciseFacts | None, str]:
    exercise = item.exercise
    if not fits(exercise, target):
        return _instead(item, target, planned, taken)
    if pace == "hold":
        return exercise, "Held for now: the same exercise at the same dose."
    if pace == "ease":
        return _easier(item, target, taken)
    if exercise.slug in {row.slug for row in planned}:
        return exercise, "The protocol has it in these weeks too."
    return _harder(item, target, planned, taken)


def _harder(
    item: ItemFacts, target: StageFacts, planned: Sequence[ExerciseFacts], taken: set[str]
) -> tuple[ExerciseFacts | None, str]:
    exercise = item.exercise
    following = target.catalog.exercises.get(exercise.progression)
    if following and following.slug not in taken:
        if fits(following, target):
            return following, f"The next step after {exercise.name}: {_step(exercise, following)}."
        return exercise, f"Kept: {following.name}, the next step, doesn't suit this patient now."
    similar = next((row for row in planned if row.slug not in taken and _alike(row, exercise)), None)
    if similar:
        return similar, f"The protocol goes on to {similar.name}, which works on the same."
    if exercise.phase is Phase.CALM and target.slug == LATE and planned:
        return None, "These weeks no longer start with rest; keep it for bad days."
    return exercise, "Kept: the catalog has no harder version."


def _easier(item: ItemFacts, target: StageFacts, taken: set[str]) -> tuple[ExerciseFacts | None, str]:
    for easier in regressions(item.exercise, target):
        if easier.slug not in taken and fits(easier, target) and easier.phase is item.exercise.phase:
            return easier, f"The easier version of {item.name}."
    return item.exercise, "Kept: the catalog has no easier version. Fewer times is easier too."


def _instead(
    item: ItemFacts, target: StageFacts, planned: Sequence[ExerciseFacts], taken: set[str]
) -> tuple[ExerciseFacts | None, str]:
    chosen = [row for row in named(item.exercise, target.catalog) if row.slug not in taken and fits(row, target)]
    similar = next((row for row in planned if row.slug not in taken and _alike(row, item.exercise)), None)
    retired = item.exercise.slug in target.catalog.retired
    why = f"{item.name} {'is not in use any more' if retired else 'does not suit this patient any more'}"
    if chosen:
        return chosen[0], f"{why}; {chosen[0].name} takes its place."
    return (similar, f"{why}; {similar.name} works on the same.") if similar else (None, f"{why}.")


def _alike(candidate: ExerciseFacts, exercise: ExerciseFacts) -> bool:
    return candidate.phase is exercise.phase and bool(candidate.targets & exercise.targets)


def _step(exercise: ExerciseFacts, following: ExerciseFacts) -> str:
    if following.level > exercise.level:
        return f"level {following.level} after level {exercise.level}"
    return "a little harder, on the same level"


def _choices(item: ItemFacts, becomes: ExerciseFacts | None, target: StageFacts) -> Iterator[ExerciseFacts]:
    """Yield what the item may become besides being left out: itself, its next and its easier version, the proposal."""
    catalog = target.catalog.exercises
    near = (item.exercise, becomes, catalog.get(item.exercise.progression), catalog.get(item.exercise.regression))
    seen: set[str] = set()
    for exercise in near:
        if exercise and exercise.slug not in seen and exercise.slug not in target.catalog.retired:
            seen.add(exercise.slug)
            yield exercise


def _additions(planned: Iterable[ExerciseFacts], kept: set[str], target: StageFacts) -> Iterator[Addition]:
    room = MOST_ITEMS[target.slug] - len(kept)
    for exercise in planned:
        if exercise.slug not in kept:
            wanted = room > 0
            room -= 1
            reason = "New in the protocol for these weeks." if wanted else "In the protocol, but the stage is full."
            yield Addition(exercise, reason, wanted)


def empty(current: StageFacts, slug: str) -> StageFacts:
    """Return a stage without items for the same patient."""
    return replace(current, items=(), slug=slug)
