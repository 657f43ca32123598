"""The order rules: phases never run backwards, and a tight partner is released before a weak one is strengthened.

Both are the clinic's method (practice convention); no trial comparing orders is known.
"""

from collections.abc import Iterator

from exercises.vocabulary import Phase
from programs.checks.facts import ExerciseFacts, Fix, ItemFacts, Pair, Side, StageFacts, Verdict

METHOD = ("practice",)
STRENGTHENING_KINDS = {"activation", "strengthening"}


def phase_order(stage: StageFacts) -> Iterator[Verdict]:
    """Warn of each item whose own phase comes before the furthest phase reached by the items above it."""
    furthest: ItemFacts | None = None
    for item in stage.items:
        if furthest is not None and item.exercise.phase.rank < furthest.exercise.phase.rank:
            yield _out_of_order(item, furthest)
        else:
            furthest = item


def _out_of_order(item: ItemFacts, earlier: ItemFacts) -> Verdict:
    misplaced = earlier if earlier.phase != earlier.exercise.phase else item
    own = misplaced.exercise.phase
    return Verdict(
        rule="phase_order",
        level="warn",
        title=f"{item.name} comes too late",
        sentence=(
            f"{item.name} ({item.exercise.phase.label.lower()}) comes after {earlier.name}"
            f" ({earlier.exercise.phase.label.lower()}); phases run"
            f" {', '.join(phase.value for phase in Phase)}."
        ),
        item=item.key,
        citations=METHOD,
        fixes=(Fix(f"Move {misplaced.name} to {own.label}", "place", item=misplaced.key, phase=own),),
    )


def pair_order(stage: StageFacts) -> Iterator[Verdict]:
    """Ask for a release of the tight partner, on the same side, before a weak muscle is strengthened.

    Primary pairs warn, secondary pairs are a note. One verdict per pair, at the first item that needs it.
    """
    for pair in stage.pairs:
        if pair.tight not in stage.patient.tight or pair.weak not in stage.patient.weak:
            continue
        verdict = _pair_verdict(stage, pair)
        if verdict:
            yield verdict


def _pair_verdict(stage: StageFacts, pair: Pair) -> Verdict | None:
    tight_side = stage.patient.tight[pair.tight]
    released: set[str] = set()
    for item in stage.items:
        if _strengthens(item, pair.weak):
            needed = _sides(tight_side) & _item_sides(item)
            if needed - released:
                return _unreleased(stage, pair, item, needed - released)
        if pair.tight in item.exercise.releases:
            released |= _item_sides(item)
    return None


def _strengthens(item: ItemFacts, muscle: str) -> bool:
    late = item.exercise.phase.rank >= Phase.STRENGTHEN.rank
    return late and item.exercise.kind in STRENGTHENING_KINDS and muscle in item.exercise.strengthens


def _sides(side: Side) -> set[str]:
    return {"left", "right"} if side == "both" else {side}


def _item_sides(item: ItemFacts) -> set[str]:
    return {item.side} if item.side in {"left", "right"} else {"left", "right"}


def _unreleased(stage: StageFacts, pair: Pair, item: ItemFacts, missing: set[str]) -> Verdict:
    where = f" on the {missing.pop()} side" if len(missing) == 1 else ""
    return Verdict(
        rule="pair_order",
        level="warn" if pair.primary else "note",
        title=f"{pair.weak_name.capitalize()} before its partner",
        sentence=(
            f"{item.name} strengthens the {pair.weak_name}, but nothing before it releases the"
            f" {pair.tight_name}, marked tight{where}."
        ),
        item=item.key,
        citations=METHOD,
        fixes=tuple(_add(exercise) for exercise in _offered(stage, pair)),
    )


def _offered(stage: StageFacts, pair: Pair) -> list[ExerciseFacts]:
    """The first releasing exercises that aren't in the stage already; two are enough to choose from."""
    present = {item.exercise.slug for item in stage.items}
    return [exercise for exercise in stage.releasers.get(pair.tight, ()) if exercise.slug not in present][:2]


def _add(exercise: ExerciseFacts) -> Fix:
    return Fix(f"Add {exercise.name}", "add", exercise=exercise.slug)
