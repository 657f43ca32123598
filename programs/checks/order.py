"""The order rules: phases never run backwards, and a tight partner is released before a weak one is strengthened.

Both are the clinic's method (practice convention); no trial comparing orders is known.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from exercises.vocabulary import TRUNK, Phase
from programs.checks.facts import ExerciseFacts, Fix, ItemFacts, Pair, PatientFacts, Side, StageFacts, Verdict
from programs.checks.mending import out_of_kind_order
from programs.checks.substitutes import fit_for
from programs.checks.suitability import fits

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
    )


def mend_phase_order(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    """Offer to move home what was put into another phase: the late item first, else those before it."""
    late = stage.item(verdict.item)
    before = stage.items[: stage.items.index(late)]
    for item in (late, *before):
        own = item.exercise.phase
        if item.phase is not own:
            yield Fix(f"Move {item.name} to {own.label}", "place", item=item.key, phase=own)


def pair_order(stage: StageFacts) -> Iterator[Verdict]:
    """Ask for a release of the tight partner, on the same side, before a weak muscle is strengthened.

    Primary pairs warn, secondary pairs and those of the other drivers alone are a note. One verdict per pair, at
    the first item that needs it.
    """
    patient = stage.patient
    tight, weak = _with_other_drivers(stage)
    strengthened = frozenset[str]().union(
        *(item.exercise.strengthens for item in stage.items if _is_strengthening(item))
    )
    for pair in stage.catalog.pairs:
        if pair.tight in tight and pair.weak in weak and pair.weak in strengthened:
            marked = pair.tight in patient.tight and pair.weak in patient.weak
            said = "marked tight" if pair.tight in patient.tight else "usually tight"
            verdict = _pair_verdict(stage, pair, tight[pair.tight], said, serious=pair.primary and marked)
            if verdict:
                yield verdict


def _with_other_drivers(stage: StageFacts) -> tuple[Mapping[str, Side], Mapping[str, Side]]:
    """Return the marked muscles, and those typical of the drivers that don't lead, on the affected side."""
    patient = stage.patient
    others = patient.drivers[1:]
    if not others:
        return patient.tight, patient.weak
    found = {**patient.tight, **patient.weak, **dict.fromkeys(patient.lengthened, "both")}
    tight = {muscle: _usual_side(muscle, patient) for driver in others for muscle in driver.tight - found.keys()}
    weak = {muscle: _usual_side(muscle, patient) for driver in others for muscle in driver.weak - found.keys()}
    return {**tight, **patient.tight}, {**weak, **patient.weak}


def _usual_side(muscle: str, patient: PatientFacts) -> Side:
    if muscle in TRUNK or patient.affected_side not in {"left", "right"}:
        return "both"
    return "left" if patient.affected_side == "left" else "right"


def _pair_verdict(stage: StageFacts, pair: Pair, tight_side: Side, said: str, *, serious: bool) -> Verdict | None:
    released: set[str] = set()
    for item in stage.items:
        if pair.weak in item.exercise.strengthens and _is_strengthening(item):
            missing = (_sides(tight_side) & _item_sides(item)) - released
            if missing:
                return _unreleased(pair, item, missing, said, serious=serious)
        if pair.tight in item.exercise.releases:
            released |= _item_sides(item)
    return None


def _is_strengthening(item: ItemFacts) -> bool:
    exercise = item.exercise
    return exercise.kind in STRENGTHENING_KINDS and exercise.phase.rank >= Phase.STRENGTHEN.rank


def _sides(side: Side) -> set[str]:
    return {"left", "right"} if side == "both" else {side}


def _item_sides(item: ItemFacts) -> set[str]:
    return {item.side} if item.side in {"left", "right"} else {"left", "right"}


def _unreleased(pair: Pair, item: ItemFacts, missing: set[str], said: str, *, serious: bool) -> Verdict:
    where = f" on the {missing.pop()}" if len(missing) == 1 else ""
    return Verdict(
        rule="pair_order",
        level="warn" if serious else "note",
        title=f"Release the {pair.tight_name} before the {pair.weak_name}",
        sentence=(
            f"Nothing releases the {pair.tight_name} ({said}{where}) before the {pair.weak_name} is strengthened"
            f" (“{item.name}”)."
        ),
        item=item.key,
        citations=METHOD,
        about=pair.tight,
    )


def mend_pair_order(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    """Offer a release for both sides that is in the stage already, one to add, or to leave the item out."""
    for item in stage.items:
        if verdict.about in item.exercise.releases:
            if item.phase is not item.exercise.phase:
                own = item.exercise.phase
                yield Fix(f"Move {item.name} to {own.label}", "place", item=item.key, phase=own)
            elif item.side in {"left", "right"}:
                yield Fix(f"Do {item.name} on each side", "side", item=item.key, side="each")
    for exercise in _releasers(stage, verdict.about):
        yield Fix(f"Add {exercise.name}", "add", exercise=exercise.slug)
    if verdict.level == "warn":
        item = stage.item(verdict.item)
        yield Fix(f"Leave out {item.name}", "remove", item=item.key)


def _releasers(stage: StageFacts, muscle: str) -> list[ExerciseFacts]:
    """The exercises that release a muscle, suit the patient and aren't in the stage; those for the driver first."""
    lead = stage.patient.lead.slug
    rows = stage.catalog.releasers.get(muscle, ())  # those of the release phase first, then by level and name
    ranked = (
        row
        for releases in (True, False)
        for fit in (0, 1, 2)
        for row in rows
        if (row.phase is Phase.RELEASE) is releases and fit_for(row, lead) == fit
    )
    return list(islice((row for row in ranked if row.slug not in stage.slugs and fits(row, stage)), 4))


def kind_order(stage: StageFacts) -> Iterator[Verdict]:
    """Note a phase whose kinds stand in another order than advised: self-massage before stretching, and so on."""
    found = out_of_kind_order(stage.items)
    for phase in Phase:
        if phase in found:
            yield Verdict(
                "kind_order",
                "note",
                f"Order within {phase.label}",
                f"Within {phase.label.lower()}, practice starts with {KIND_ADVICE[phase]}.",
                citations=METHOD,
                about=phase.value,
            )


KIND_ADVICE = {
    Phase.CALM: "positions, then movement, then walking",
    Phase.RELEASE: "self-massage, then stretches",
    Phase.RESTORE: "movement, then nerve glides",
    Phase.STRENGTHEN: "activation, then strengthening, then endurance",
    Phase.INTEGRATE: "posture, then strengthening, then endurance",
}


def mend_kind_order(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    phase = Phase(verdict.about)
    yield Fix(f"Sort {phase.label}", "sort", phase=phase)


def duplicates(stage: StageFacts) -> Iterator[Verdict]:
    """Note an exercise that is in the stage twice, at its second place."""
    seen: set[str] = set()
    for item in stage.items:
        if item.exercise.slug in seen:
            sentence = f"{item.name} is in this stage already."
            yield Verdict("duplicates", "note", f"{item.name} twice", sentence, item=item.key)
        seen.add(item.exercise.slug)


def mend_duplicates(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    yield Fix("Remove the second one", "remove", item=verdict.item)


def lengthened(item: ItemFacts, stage: StageFacts) -> Iterator[Verdict]:
    """Note a stretch of a muscle that was marked lengthened, or of one that is weak when it meets no tight one."""
    patient = stage.patient
    tight, weak = frozenset(patient.tight), frozenset(patient.weak)
    if item.exercise.kind != "static_stretch":
        return
    stretched = item.exercise.releases
    loose = stretched & patient.lengthened or (frozenset() if stretched & tight else stretched & weak)
    if loose:
        names = " and ".join(sorted(stage.catalog.muscle(slug).lower() for slug in loose))
        yield Verdict(
            "lengthened",
            "note",
            f"{item.name} for a muscle that isn't tight",
            f"The {names} is marked lengthened or weak, and not tight, so a stretch may not help it.",
            item=item.key,
            citations=("tonley2010",),
        )


def mend_lengthened(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    item = stage.item(verdict.item)
    yield Fix(f"Leave out {item.name}", "remove", item=item.key)
