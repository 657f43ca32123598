"""What the findings of a patient say about each driver: reasons side by side, never a verdict. Plain Python.

Drivers keep the order they are given in and reasons the order of the findings: nothing is ranked, and numbers of
single studies are shown, never combined. What wasn't asked says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Voice:
    """What an answer to a finding says about one driver, and why."""

    driver: str
    speaks: Literal["for", "against"]
    why: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What a study measured of a finding for one driver; `result` is the answer that the words are about."""

    driver: str
    result: Literal["present", "absent", "both"]
    words: str
    citation: str
    certainty: str
    checked: str


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """A finding of the catalog: what it says when present, what when absent, and what was measured of it."""

    slug: str
    name: str
    present: tuple[Voice, ...] = ()
    absent: tuple[Voice, ...] = ()
    measured: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One answer that concerns a driver; `why` is empty when there are numbers alone."""

    finding: str
    name: str
    present: bool
    why: str
    measured: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class DriverWeight:
    """What speaks for a driver, what against it, and what was measured but speaks neither way."""

    driver: str
    supports: tuple[Reason, ...]
    opposes: tuple[Reason, ...]
    neither: tuple[Reason, ...]


def weigh(
    answers: Mapping[str, bool], findings: Sequence[KnownFinding], *, drivers: Sequence[str]
) -> tuple[DriverWeight, ...]:
    """Return a weight per driver, in the given order; `answers` are findings by slug, True when present."""
    return tuple(_weight(driver, answers, findings) for driver in drivers)


def unheard(
    answers: Mapping[str, bool], findings: Sequence[KnownFinding], *, drivers: Sequence[str]
) -> tuple[KnownFinding, ...]:
    """Return the answered findings that concern none of the drivers as they were answered."""
    heard = {
        reason.finding
        for weight in weigh(answers, findings, drivers=drivers)
        for reason in (*weight.supports, *weight.opposes, *weight.neither)
    }
    return tuple(finding for finding in findings if finding.slug in answers and finding.slug not in heard)


def _weight(driver: str, answers: Mapping[str, bool], findings: Sequence[KnownFinding]) -> DriverWeight:
    reasons: dict[str, list[Reason]] = {"for": [], "against": [], "neither": []}
    for finding in findings:
        if finding.slug in answers:
            for way, reason in _reasons(driver, finding, present=answers[finding.slug]):
                reasons[way].append(reason)
    return DriverWeight(driver, tuple(reasons["for"]), tuple(reasons["against"]), tuple(reasons["neither"]))


def _reasons(driver: str, finding: KnownFinding, *, present: bool) -> list[tuple[str, Reason]]:
    """Return what one answer says about the driver, each with the way it speaks; numbers alone speak neither way."""
    result = "present" if present else "absent"
    voices = finding.present if present else finding.absent
    numbers = tuple(row for row in finding.measured if row.driver == driver and row.result in {result, "both"})
    said = [
        (voice.speaks, Reason(finding.slug, finding.name, present, voice.why, numbers))
        for voice in voices
        if voice.driver == driver
    ]
    if said or not numbers:
        return [(str(way), reason) for way, reason in said]
    return [("neither", Reason(finding.slug, finding.name, present, "", numbers))]
