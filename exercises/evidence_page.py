"""What the evidence pages show: what is known of drivers, checks and exercises, how sure, and what is contested.

Reads; never writes. Each page takes a fixed number of queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from exercises.evidence import CheckBasis, Citation, Claim, Finding, OutcomeMeasure
from exercises.facts import ExerciseFacts
from exercises.models import Driver, DriverMuscle
from exercises.vocabulary import CERTAINTIES, MUSCLE_STATES

WORDS_OF_CERTAINTY = dict(CERTAINTIES)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a study measured, in words, with certainty, how that was checked, and the reference."""

    words: str
    certainty: str
    checked: str
    source: str


@dataclass(frozen=True, slots=True)
class Said:
    """A finding that speaks for or against a driver when it is present or absent."""

    name: str
    answer: str
    why: str
    how: str
    numbers: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True)
class DriverPage:
    """What is known of a driver; `measured` are findings with numbers that speak neither way."""

    driver: Driver
    supports: tuple[Said, ...]
    opposes: tuple[Said, ...]
    measured: tuple[Said, ...]
    muscles: tuple[tuple[str, tuple[str, ...]], ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class EvidenceIndex:
    """The way in: drivers, checks, claims, references that don't hold, outcome measures."""

    drivers: tuple[Driver, ...]
    checks: tuple[CheckBasis, ...]
    claims: tuple[Claim, ...]
    references: tuple[Claim, ...]
    measures: tuple[OutcomeMeasure, ...]


def index() -> EvidenceIndex:
    """Return the index: 7 queries."""
    claims = tuple(Claim.objects.prefetch_related("made_by", "citations"))
    return EvidenceIndex(
        drivers=tuple(Driver.objects.all()),
        checks=tuple(CheckBasis.objects.all()),
        claims=tuple(claim for claim in claims if claim.kind == "claim"),
        references=tuple(claim for claim in claims if claim.kind == "reference"),
        measures=tuple(OutcomeMeasure.objects.prefetch_related("citations")),
    )


def drivers() -> QuerySet[Driver]:
    return Driver.objects.prefetch_related("citations")


def checks() -> QuerySet[CheckBasis]:
    return CheckBasis.objects.prefetch_related("citations")


def of_driver(driver: Driver) -> DriverPage:
    """Return the page of a driver: 6 queries."""
    findings = list(Finding.objects.all())
    sources = dict(Citation.objects.values_list("slug", "text"))
    rows = DriverMuscle.objects.filter(driver=driver).select_related("muscle").order_by("muscle__name")
    states = [(row.state, row.muscle.short_name) for row in rows]
    return DriverPage(
        driver=driver,
        supports=_said(driver, findings, sources, "for"),
        opposes=_said(driver, findings, sources, "against"),
        measured=_measured(driver, findings, sources),
        muscles=tuple(
            (label, names)
            for slug, label in MUSCLE_STATES
            if (names := tuple(name for state, name in states if state == slug))
        ),
        claims=claims_about([driver.slug]),
    )


def claims_about(topics: Iterable[str]) -> tuple[Claim, ...]:
    """Return the contested claims about any of these drivers, checks or families: 3 queries."""
    wanted = set(topics)
    rows = Claim.objects.filter(kind="claim").prefetch_related("made_by", "citations")
    return tuple(claim for claim in rows if wanted & set(claim.about))


def families(exercise: ExerciseFacts) -> list[str]:
    """Return the families that claims name to which an exercise belongs."""
    found = {
        "nerve_glide": exercise.kind == "nerve_glide",
        "hamstring_stretch": exercise.kind == "static_stretch" and "hamstrings" in exercise.releases,
        "piriformis_stretch": exercise.kind == "static_stretch" and "piriformis" in exercise.releases,
        "extension": exercise.spinal_loading == "extension",
    }
    return [name for name, belongs in found.items() if belongs]


def _said(driver: Driver, findings: Sequence[Finding], sources: Mapping[str, str], way: str) -> tuple[Said, ...]:
    return tuple(
        Said(finding.name, answer, voice["why"], finding.how, _numbers(driver, finding, sources, answer))
        for finding in findings
        for answer in ("present", "absent")
        for voice in getattr(finding, answer)
        if voice["driver"] == driver.slug and voice["speaks"] == way
    )


def _measured(driver: Driver, findings: Sequence[Finding], sources: Mapping[str, str]) -> tuple[Said, ...]:
    """Return the findings of which numbers are known for the driver, and that speak neither way."""
    return tuple(
        Said(finding.name, "", "", finding.how, _numbers(driver, finding, sources, ""))
        for finding in findings
        if any(row["driver"] == driver.slug for row in finding.accuracy)
        and not any(voice["driver"] == driver.slug for voice in (*finding.present, *finding.absent))
    )


def _numbers(driver: Driver, finding: Finding, sources: Mapping[str, str], answer: str) -> tuple[Numbers, ...]:
    return tuple(
        Numbers(
            row["words"],
            WORDS_OF_CERTAINTY.get(row["certainty"], "Unknown").lower(),
            row["checked"],
            sources.get(row["citation"], row["citation"]),
        )
        for row in finding.accuracy
        if row["driver"] == driver.slug and (not answer or row["result"] in {answer, "both"})
    )
