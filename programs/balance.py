"""What a stage does for each pair: which items release the tight side, which strengthen the weak one, what is missing.

Pure functions over the facts that the checks look at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exercises.facts import Pair
from programs.checks.facts import ItemFacts, Side, StageFacts

SIDE_WORDS = {"left": "left", "right": "right", "both": "both sides"}


@dataclass(frozen=True, slots=True)
class PairBalance:
    """A pair whose muscles are marked tight and weak; items by name, in the order of the program."""

    pair: Pair
    tight_side: Side
    weak_side: Side
    released_by: tuple[str, ...]
    strengthened_by: tuple[str, ...]
    unreleased: tuple[str, ...]
    unstrengthened: tuple[str, ...]

    @property
    def tight_words(self) -> str:
        """The tight side in words: “left”, “both sides”."""
        return SIDE_WORDS[self.tight_side]

    @property
    def weak_words(self) -> str:
        return SIDE_WORDS[self.weak_side]

    @property
    def missing(self) -> list[str]:
        """What this stage doesn't do for the pair, in words."""
        return [
            *(f"nothing releases the {self.pair.tight_name}, {side}" for side in self.unreleased),
            *(f"nothing strengthens the {self.pair.weak_name}, {side}" for side in self.unstrengthened),
        ]

    @property
    def complete(self) -> bool:
        return not self.missing


def of_pairs(stage: StageFacts) -> tuple[PairBalance, ...]:
    """Return the balance of each pair whose tight and weak muscle are both marked, primary pairs first."""
    patient = stage.patient
    pairs = [pair for pair in stage.catalog.pairs if pair.tight in patient.tight and pair.weak in patient.weak]
    return tuple(
        _balance(pair, stage.items, patient.tight[pair.tight], patient.weak[pair.weak])
        for pair in sorted(pairs, key=lambda pair: not pair.primary)
    )


def _balance(pair: Pair, items: Iterable[ItemFacts], tight_side: Side, weak_side: Side) -> PairBalance:
    releasing = [item for item in items if pair.tight in item.exercise.releases]
    strengthening = [item for item in items if pair.weak in item.exercise.strengthens]
    return PairBalance(
        pair,
        tight_side,
        weak_side,
        released_by=tuple(item.name for item in releasing),
        strengthened_by=tuple(item.name for item in strengthening),
        unreleased=_not_reached(tight_side, releasing),
        unstrengthened=_not_reached(weak_side, strengthening),
    )


def _not_reached(side: Side, items: Iterable[ItemFacts]) -> tuple[str, ...]:
    """Return the words of the sides that no item reaches."""
    wanted = {"left", "right"} if side == "both" else {side}
    for item in items:
        wanted -= {item.side} if item.side in {"left", "right"} else {"left", "right"}
    if len(wanted) == 2:
        return ("on both sides",)
    return tuple(f"on the {name}" for name in sorted(wanted))


def marked(muscles: Mapping[str, Side]) -> list[str]:
    """Return marked muscles as the figure engine names them: one per side, for example `piriformis_L`."""
    suffixes = {"left": ("L",), "right": ("R",), "both": ("L", "R")}
    return sorted(f"{muscle}_{suffix}" for muscle, side in muscles.items() for suffix in suffixes[side])
