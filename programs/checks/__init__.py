"""The rules of a program: pure functions over frozen data. Adding one is adding a line to RULES.

A rule finds verdicts; what would mend one is worked out beside it and kept only when it is real.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from programs.checks import dose, driver, foundations, load, mending, order, precautions, red_flags
from programs.checks.each import each_item
from programs.checks.facts import Fix, StageFacts, Verdict


def _nothing(stage: StageFacts, verdict: Verdict) -> Iterable[Fix]:
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """How a rule finds its verdicts, and which fixes it would offer for one of them, the best first."""

    find: Callable[[StageFacts], Iterator[Verdict]]
    mend: Callable[[StageFacts, Verdict], Iterable[Fix]] = _nothing


RULES: dict[str, Rule] = {
    "red_flags": Rule(red_flags.screening),
    "sign_off": Rule(red_flags.sign_off),
    "driver": Rule(each_item(driver.driver), driver.mend),
    "direction": Rule(each_item(driver.direction), driver.mend),
    "lateral": Rule(driver.lateral, driver.mend_lateral),
    "precautions": Rule(each_item(precautions.precautions), precautions.mend),
    "phase_order": Rule(order.phase_order, order.mend_phase_order),
    "pair_order": Rule(order.pair_order, order.mend_pair_order),
    "foundations": Rule(foundations.foundations, foundations.mend),
    "irritability": Rule(each_item(load.irritability), load.mend_irritability),
    "dose_range": Rule(each_item(dose.dose_range), dose.mend_dose_range),
    "side": Rule(each_item(dose.side), dose.mend_side),
    "equipment": Rule(each_item(dose.equipment), dose.mend_equipment),
    "size": Rule(load.size, load.mend_size),
    "minutes": Rule(load.minutes, load.mend_minutes),
    "kind_order": Rule(order.kind_order, order.mend_kind_order),
    "duplicates": Rule(order.duplicates, order.mend_duplicates),
    "lengthened": Rule(each_item(order.lengthened), order.mend_lengthened),
}


def find(stage: StageFacts) -> list[Verdict]:
    """Return the verdicts of all rules on a stage without their fixes, the most serious first."""
    verdicts = [verdict for rule in RULES.values() for verdict in rule.find(stage)]
    return sorted(verdicts, key=lambda verdict: mending.SEVERITY[verdict.level])


def check(stage: StageFacts) -> list[Verdict]:
    """Return the verdicts of all rules on a stage with their fixes, the most serious first."""
    found = find(stage)
    return [replace(verdict, fixes=fixes_for(stage, verdict, found)) for verdict in found]


def fixes_for(stage: StageFacts, verdict: Verdict, found: list[Verdict]) -> tuple[Fix, ...]:
    """Return the fixes that would remove the verdict and bring nothing worse; `found` is what `find` says now."""
    return mending.real(stage, verdict, RULES[verdict.rule].mend(stage, verdict), found, find)
