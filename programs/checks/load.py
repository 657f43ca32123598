"""The load rules: as much as patients keep up.

With more than 6 exercises the odds of keeping the frequency were 0.2 of those with 1 to 3
(Medina-Mirapeix 2009, doi 10.1186/1471-2474-10-155); 4 to 6 is the aim.
"""

from collections.abc import Iterator

from programs.checks.facts import StageFacts, Verdict

AIM = 6
LIMIT = 8


def size(stage: StageFacts) -> Iterator[Verdict]:
    """Stop an empty stage; note fewer than 3 or more than 6 items; warn of more than 8."""
    count = len(stage.items)
    if count == 0:
        yield Verdict(
            "load",
            "stop",
            "Nothing to do yet",
            "This stage has no exercises, so there is nothing to hand out.",
        )
    elif count <= 2:
        yield Verdict("load", "note", "A short program", f"This stage has {count} of the usual 4 to 6 exercises.")
    elif count > AIM:
        yield Verdict(
            "load",
            "warn" if count > LIMIT else "note",
            f"{count} exercises a day",
            f"{count} exercises are more than most people keep up: with more than 6, the odds of doing them as often"
            " as asked were 0.2 of those with 1 to 3.",
            citations=("medinamirapeix2009",),
        )
