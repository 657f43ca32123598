"""The rules of a program: pure functions over frozen data. Adding one is adding a function to RULES."""

from collections.abc import Callable, Iterable

from programs.checks import load, order, red_flags
from programs.checks.facts import StageFacts, Verdict

Rule = Callable[[StageFacts], Iterable[Verdict]]

RULES: tuple[Rule, ...] = (
    red_flags.screening,
    red_flags.sign_off,
    order.phase_order,
    order.pair_order,
    load.size,
)
SEVERITY = {"stop": 0, "warn": 1, "note": 2}


def check(stage: StageFacts) -> list[Verdict]:
    """Return the verdicts of all rules on a stage, the most serious first."""
    verdicts = [verdict for rule in RULES for verdict in rule(stage)]
    return sorted(verdicts, key=lambda verdict: SEVERITY[verdict.level])
