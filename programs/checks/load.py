"""The load rules: as much as patients keep up, in exercises and in minutes, and not too hard too soon.

With more than 6 exercises the odds of keeping the frequency were 0.2 of those with 1 to 3
(Medina-Mirapeix 2009, doi 10.1186/1471-2474-10-155); 4 to 6 is the aim. The limits in minutes are practice.
"""

from collections.abc import Iterable, Iterator

from programs import dose
from programs.checks import suitability
from programs.checks.facts import Fix, ItemFacts, StageFacts, Verdict
from programs.checks.mending import replace_or_remove
from programs.checks.substitutes import AEROBIC

AIM = 6
LIMIT = 8
LONG_MINUTES = 30
TOO_MANY_MINUTES = 45


def size(stage: StageFacts) -> Iterator[Verdict]:
    """Stop an empty stage; note fewer than 3 or more than 6 items; warn of more than 8."""
    count = len(stage.items)
    if count == 0:
        sentence = "This stage has no exercises, so there is nothing to hand out."
        yield Verdict("size", "stop", "Nothing to do yet", sentence)
    elif count <= 2:
        yield Verdict("size", "note", "A short program", f"This stage has {count} of the usual 4 to 6 exercises.")
    elif count > AIM:
        yield Verdict(
            "size",
            "warn" if count > LIMIT else "note",
            f"{count} exercises a day",
            f"{count} exercises are more than most people keep up: with more than 6, the odds of doing them as often"
            " as asked were a fifth of those with 1 to 3.",
            citations=("medinamirapeix2009",),
        )


def minutes(stage: StageFacts) -> Iterator[Verdict]:
    """Note more than 30 minutes a day, warn of more than 45."""
    total = dose.minutes(sum(dose.seconds_a_day(item.given, item.side) for item in stage.items))
    if total > LONG_MINUTES:
        yield Verdict(
            "minutes",
            "warn" if total > TOO_MANY_MINUTES else "note",
            f"About {total} minutes a day",
            f"These doses take about {total} minutes a day; 15 to 30 is usual.",
            citations=("practice",),
        )


def irritability(item: ItemFacts, stage: StageFacts) -> Iterator[Verdict]:
    """With high irritability, note exercises of level 2 and warn of level 3."""
    level = suitability.too_hard(item.exercise, stage.patient)
    if level:
        meant = "It is meant for when symptoms settle quickly" if level == "note" else "It is a late-stage exercise"
        yield Verdict(
            "irritability",
            level,
            f"{item.name}: too much yet",
            f"{meant}, and this patient's symptoms still last for hours.",
            item=item.key,
            citations=("practice",),
        )


def mend_size(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    """Offer to leave out what comes last, when there are too many; walking and the like at the very end."""
    if len(stage.items) > AIM:
        yield from _leave_out(sorted(stage.items, key=lambda item: (_is_aerobic(item), -stage.items.index(item))))


def mend_minutes(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    """Offer to leave out what takes longest; walking and the like at the very end."""
    longest = sorted(stage.items, key=lambda item: -dose.seconds_a_day(item.given, item.side))
    yield from _leave_out(sorted(longest, key=_is_aerobic))


def _is_aerobic(item: ItemFacts) -> bool:
    return AEROBIC in item.exercise.attributes


def _leave_out(items: Iterable[ItemFacts]) -> Iterator[Fix]:
    yield from (Fix(f"Leave out {item.name}", "remove", item=item.key) for item in items)


def mend_irritability(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    yield from replace_or_remove(stage, stage.item(verdict.item))
