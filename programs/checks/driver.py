"""The driver rules: exercises that load the spine against the suspected drivers or the tested direction.

Avoid stops, avoid early stops in weeks 0–2 or with high irritability, a caution is a note. Every kept driver
counts, at the strongest level. Tested direction beats the driver's default.
"""

from collections.abc import Iterator

from exercises.cautions import LEVELS, Caution
from programs.checks import suitability
from programs.checks.facts import Fix, ItemFacts, StageFacts, Verdict
from programs.checks.mending import replace_or_remove


def driver(item: ItemFacts, stage: StageFacts) -> Iterator[Verdict]:
    """Say what the kept drivers object to in an item."""
    caution = suitability.driver_caution(item.exercise, stage.patient)
    if caution:
        yield _verdict("driver", stage, item, caution, f"{item.name}: {caution.whose.lower()}")


def direction(item: ItemFacts, stage: StageFacts) -> Iterator[Verdict]:
    """Say what loads the spine against the tested preference, unless the driver says as much already."""
    caution = suitability.direction_caution(item.exercise, stage.patient)
    if caution is None:
        return
    known = suitability.driver_caution(item.exercise, stage.patient)
    if known is None or LEVELS.index(known.level) > LEVELS.index(caution.level):
        yield _verdict("direction", stage, item, caution, f"{item.name}: against the tested direction")


def lateral(stage: StageFacts) -> Iterator[Verdict]:
    """Offer the side glide when testing found a lateral preference and the stage has no side-bending movement."""
    glides = [item for item in stage.items if _is_glide(item.exercise.spinal_loading, item.exercise.kind)]
    if stage.patient.direction == "lateral" and stage.items and not glides:
        yield Verdict(
            "lateral",
            "note",
            "A side glide would fit",
            "Testing found that side gliding eases the leg, and this stage has no side glide.",
            citations=("mckenzie2003",),
        )


def _is_glide(loading: str, kind: str) -> bool:
    return loading == "side_bend" and kind == "mobility"


def mend(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    yield from replace_or_remove(stage, stage.item(verdict.item))


def mend_lateral(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    for exercise in stage.catalog.exercises.values():
        if _is_glide(exercise.spinal_loading, exercise.kind) and suitability.fits(exercise, stage):
            yield Fix(f"Add {exercise.name}", "add", exercise=exercise.slug)


def _verdict(rule: str, stage: StageFacts, item: ItemFacts, caution: Caution, title: str) -> Verdict:
    level = suitability.level_of(caution, stage)
    why = sentence(caution.decisive)
    early = f"Not in weeks 0–2, nor while irritability is high: {why[0].lower()}{why[1:]}"
    return Verdict(
        rule,
        level,
        title,
        early if caution.level == "avoid_early" else why,
        item=item.key,
        citations=caution.citations,
        overridable=level == "stop",
    )


def sentence(reasons: tuple[str, ...]) -> str:
    """Return reasons as one sentence."""
    first, *rest = reasons
    parts = [first[0].upper() + first[1:], *(reason[0].lower() + reason[1:] for reason in rest)]
    return "; ".join(part.rstrip(".") for part in parts) + "."
