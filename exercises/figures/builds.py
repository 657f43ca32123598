"""The builds of the people who are drawn: what makes one body differ from another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Build:
    """What makes one body differ from another: thickness by part, and how the hair is worn."""

    trunk: float = 1.0
    hips: float = 1.0
    limbs: float = 1.0
    chest: float = 0.0
    bun: bool = False


BUILDS = {"slim": Build(), "sturdy": Build(trunk=1.09, hips=1.07, limbs=1.06, chest=1.0, bun=True)}
