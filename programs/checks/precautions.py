"""The precaution rules: pregnancy, osteoporosis, can't get to the floor and so on, each with its reason.

Avoid stops until it is overridden, caution is a note. An exercise that may be done on a bed is changed, not
refused, when only the floor is out of reach; the change is printed.
"""

from collections.abc import Iterator

from programs.checks import suitability
from programs.checks.driver import sentence
from programs.checks.facts import Fix, ItemFacts, StageFacts, Verdict
from programs.checks.mending import replace_or_remove
from programs.checks.suitability import Objection


def precautions(item: ItemFacts, stage: StageFacts) -> Iterator[Verdict]:
    """Say what each precaution objects to in an item, once per precaution."""
    for objection in suitability.objections(item.exercise, stage.patient):
        yield _modified(item, objection) if objection.modify else _refused(stage, item, objection)


def _refused(stage: StageFacts, item: ItemFacts, objection: Objection) -> Verdict:
    caution = objection.caution
    level = suitability.level_of(caution, stage)
    return Verdict(
        "precautions",
        level,
        f"{item.name}: {_low(objection.precaution.short_name or caution.whose)}",
        sentence(caution.decisive),
        item=item.key,
        citations=caution.citations,
        about=objection.precaution.slug,
        overridable=level == "stop",
    )


def _modified(item: ItemFacts, objection: Objection) -> Verdict:
    return Verdict(
        "precautions",
        "note",
        f"{item.name} on a firm bed",
        "It is done on a firm bed, because the floor is out of reach; the handout says so.",
        item=item.key,
        citations=objection.caution.citations,
        about=objection.precaution.slug,
    )


def _low(name: str) -> str:
    return name[0].lower() + name[1:]


def mend(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    if verdict.level != "note":
        yield from replace_or_remove(stage, stage.item(verdict.item))
