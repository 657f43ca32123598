"""Fixes: what they would do to a stage, and which of them are real.

A fix is real when applying it removes its verdict and brings no new stop or warning.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from exercises.facts import ExerciseFacts
from exercises.vocabulary import Phase, kind_rank
from programs.checks.facts import Fix, ItemFacts, StageFacts, Verdict
from programs.checks.substitutes import substitutes

SEVERITY = {"stop": 0, "warn": 1, "note": 2}
MOST_OFFERED = 2
MOST_TRIED = 8
MOST_SUBSTITUTES = 4
Find = Callable[[StageFacts], list[Verdict]]


def replace_or_remove(stage: StageFacts, item: ItemFacts) -> Iterator[Fix]:
    """Offer the best substitutes for an item that are no harder, then to take it out."""
    no_harder = (row for row in substitutes(item.exercise, stage) if row.level <= item.exercise.level)
    for exercise in islice(no_harder, MOST_SUBSTITUTES):
        before = "" if exercise.phase is item.exercise.phase else f" ({exercise.phase.label}, the phase before)"
        yield Fix(f"Use {exercise.name} instead{before}", "replace", item=item.key, exercise=exercise.slug)
    yield Fix(f"Leave out {item.name}", "remove", item=item.key)


def real(
    stage: StageFacts, verdict: Verdict, candidates: Iterable[Fix], before: Sequence[Verdict], find: Find
) -> tuple[Fix, ...]:
    """Return the first few of the candidates that are real; `find` runs all rules, `before` is what it said."""
    known: dict[object, int] = {}
    for other in before:
        known[other.cause] = min(known.get(other.cause, SEVERITY["note"]), SEVERITY[other.level])
    good: list[Fix] = []
    for fix in islice(candidates, MOST_TRIED):
        after = find(apply(stage, fix))
        if not any(_as_bad(other, verdict) or _new_and_serious(other, known) for other in after):
            good.append(fix)
        if len(good) == MOST_OFFERED:
            break
    return tuple(good)


def _as_bad(other: Verdict, verdict: Verdict) -> bool:
    """Whether the other verdict says the same, of the item or of what took its place, at no lower level."""
    same = other.key == verdict.key or other.cause == verdict.cause
    return same and SEVERITY[other.level] <= SEVERITY[verdict.level]


def _new_and_serious(other: Verdict, known: Mapping[object, int]) -> bool:
    """Whether a stop or warning has a cause that wasn't there before, or is worse than what was said of it.

    “9 exercises a day” after “10 exercises a day” is neither.
    """
    return SEVERITY[other.level] < known.get(other.cause, SEVERITY["note"])


def apply(stage: StageFacts, fix: Fix) -> StageFacts:
    """Return the stage with the fix applied, as the builder would."""
    items = list(stage.items)
    if fix.action == "add":
        key = max((item.key for item in items), default=0) + 1
        items = _landed(items, _new(key, stage.catalog.exercises[fix.exercise], stage))
    elif fix.action == "sort":
        items = sorted(items, key=lambda item: _kind_rank(item) if item.phase is fix.phase else 0)
    elif fix.action == "remove":
        items = [item for item in items if item.key != fix.item]
    else:
        items = _changed(items, fix, stage)
    return replace(stage, items=tuple(sorted(items, key=lambda item: item.phase.rank)))


def _landed(items: Sequence[ItemFacts], new: ItemFacts) -> list[ItemFacts]:
    """Return the items with a new one in its phase after the last of its own kind or an earlier one."""
    rank = _kind_rank(new)
    later = (index for index, item in enumerate(items) if item.phase is new.phase and _kind_rank(item) > rank)
    here = next(later, len(items))
    return [*items[:here], new, *items[here:]]


def _changed(items: Sequence[ItemFacts], fix: Fix, stage: StageFacts) -> list[ItemFacts]:
    here = next(index for index, item in enumerate(items) if item.key == fix.item)
    item = items[here]
    others = [*items[:here], *items[here + 1 :]]
    if fix.action == "place" and fix.phase:
        return [*others, replace(item, phase=fix.phase)]
    if fix.action == "replace":
        new = _new(item.key, stage.catalog.exercises[fix.exercise], stage)
        return [*items[:here], new, *items[here + 1 :]] if new.phase is item.phase else [*others, new]
    mended = replace(item, side=fix.side) if fix.action == "side" else replace(item, dose=None)
    return [*items[:here], mended, *items[here + 1 :]]


def _new(key: int, exercise: ExerciseFacts, stage: StageFacts) -> ItemFacts:
    return ItemFacts(key, exercise, exercise.phase, side=usual_side(exercise.laterality, stage.patient.affected_side))


def usual_side(laterality: str, affected_side: str) -> str:
    """Return the affected side where an exercise has one; each side when both legs hurt or it is done for both."""
    if laterality == "bilateral":
        return ""
    if laterality == "affected_side" and affected_side in {"left", "right"}:
        return affected_side
    return "each"


def _kind_rank(item: ItemFacts) -> int:
    return kind_rank(item.phase, item.exercise.kind)


def sorted_by_kind(stage: StageFacts) -> StageFacts:
    """Return the stage with each phase in the order of kinds that practice advises."""
    return replace(stage, items=tuple(sorted(stage.items, key=lambda item: (item.phase.rank, _kind_rank(item)))))


def out_of_kind_order(items: Iterable[ItemFacts]) -> set[Phase]:
    """Return the phases whose own items don't follow the order of kinds that practice advises."""
    furthest: dict[Phase, int] = {}
    found = set()
    for item in items:
        if item.exercise.phase is item.phase:
            rank = _kind_rank(item)
            if rank < furthest.get(item.phase, 0):
                found.add(item.phase)
            furthest[item.phase] = rank
    return found
