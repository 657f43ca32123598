"""The dose rules: inside the catalog's range, with a side where one is needed, with things that are at hand."""

from collections.abc import Iterator

from programs.checks import suitability
from programs.checks.facts import Dose, Fix, ItemFacts, StageFacts, Verdict
from programs.checks.mending import replace_or_remove, usual_side

RANGED = (("reps", "repetitions"), ("hold_s", "seconds of hold"), ("minutes", "minutes"))
SINGLE = (("sets", "sets"), ("times_per_day", "times a day"))


def dose_range(item: ItemFacts, stage: StageFacts) -> Iterator[Verdict]:
    """Warn of a dose outside the catalog's range, or of more than double where the catalog gives one value."""
    outside = _outside(item.given, item.exercise.dose)
    if outside:
        yield Verdict(
            "dose_range",
            "warn",
            f"{item.name}: unusual dose",
            f"It asks for {'; '.join(outside)}.",
            item=item.key,
            citations=("practice",),
        )


def _outside(given: Dose, usual: Dose) -> list[str]:
    found = []
    for name, unit in (*RANGED, *SINGLE):
        value, low = getattr(given, name), getattr(usual, name)
        high = getattr(usual, f"{name}_max", None)
        if value is None or low is None:
            continue
        if high is not None and not low <= value <= high:
            found.append(f"{value} {unit}, and {low} to {high} is usual")
        elif high is None and value > 2 * low:
            found.append(f"{value} {unit}, more than double the usual {low}")
    return found


def side(item: ItemFacts, stage: StageFacts) -> Iterator[Verdict]:
    """Warn of an exercise for the affected side that names no side."""
    if item.exercise.laterality == "affected_side" and not item.side:
        sentence = "It is done on the affected side, and no side is set."
        yield Verdict("side", "warn", f"{item.name}: which side?", sentence, item=item.key)


def equipment(item: ItemFacts, stage: StageFacts) -> Iterator[Verdict]:
    """Warn of an exercise for which something isn't at hand."""
    names = stage.catalog.equipment_names
    missing = suitability.missing_equipment(item.exercise, stage.patient)
    if missing:
        groups = (" or ".join(sorted(names.get(slug, slug).lower() for slug in group)) for group in missing)
        yield Verdict(
            "equipment",
            "warn",
            f"{item.name}: missing equipment",
            f"Not at hand: {'; '.join(groups)}.",
            item=item.key,
        )


def mend_dose_range(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    yield Fix("Back to the usual dose", "dose", item=verdict.item)


def mend_side(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    chosen = usual_side("affected_side", stage.patient.affected_side)
    yield Fix("Set each side" if chosen == "each" else f"Set the {chosen} side", "side", item=verdict.item, side=chosen)


def mend_equipment(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    yield from replace_or_remove(stage, stage.item(verdict.item))
