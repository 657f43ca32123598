"""What the evidence pages show: what is known of drivers, checks and exercises, how sure, and what is contested.

Reads; never writes. Each page takes a fixed number of queries.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from exercises.evidence import CheckBasis, Citation, Claim, Finding, OutcomeMeasure
from exercises.facts import ExerciseFacts
from exercises.models import Driver, DriverMuscle
from exercises.vocabulary import CERTAINTIES, CITATION_STATUSES, MUSCLE_STATES

WORDS_OF_CERTAINTY = dict(CERTAINTIES)
CERTAINTY_MEANS = {
    "high": "A study or review of patients whose record or abstract was read. A check about clear "
    "instructions, such as the side, is marked high too: it needs no study.",
    "medium": "A small or indirect study, one of other patients, or one recalled or seen through another source.",
    "low": "Practice, reasoning from anatomy, or a single case.",
}
STATUS_MEANS = {
    "looked_up": "The record or abstract was read, not the full paper.",
    "secondary": "Another source quotes or describes it; the record itself was not read.",
    "known": "Written down from memory. Check it before you rely on it.",
    "practice": "What clinicians or articles say. It shows what is done, not that it works.",
}
METHOD_SOURCES = ("fernandez2015", "dove2023", "owen2020")


@dataclass(frozen=True, slots=True)
class Source:
    """A citation with its number on the page."""

    number: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Word:
    """A word that grades what is known, and what it means; `count` is how many sources of the catalog have it."""

    label: str
    means: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a study measured, in words, with certainty, how that was checked, and the number of the source."""

    words: str
    certainty: str
    checked: str
    source: int


@dataclass(frozen=True, slots=True)
class Said:
    """A finding about a driver: what it says when it is `answer`, present or absent; “” when it speaks neither way."""

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
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What a check asks and rests on, and what its certainty means."""

    basis: CheckBasis
    means: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class EvidenceIndex:
    """The way in: what the words mean, drivers, checks, claims, references that don't hold, outcome measures."""

    certainties: tuple[Word, ...]
    statuses: tuple[Word, ...]
    method_sources: tuple[Citation, ...]
    drivers: tuple[Driver, ...]
    checks: tuple[CheckBasis, ...]
    claims: tuple[Claim, ...]
    references: tuple[Claim, ...]
    measures: tuple[OutcomeMeasure, ...]


def index() -> EvidenceIndex:
    """Return the index: 8 queries."""
    claims = tuple(Claim.objects.prefetch_related("made_by", "citations"))
    citations = tuple(Citation.objects.all())
    statuses = Counter(citation.status for citation in citations)
    return EvidenceIndex(
        certainties=tuple(Word(label, CERTAINTY_MEANS[slug]) for slug, label in CERTAINTIES),
        statuses=tuple(Word(label, STATUS_MEANS[slug], statuses[slug]) for slug, label in CITATION_STATUSES),
        method_sources=tuple(citation for citation in citations if citation.slug in METHOD_SOURCES),
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
    """Return the page of a driver from `drivers`: 6 queries."""
    findings = list(Finding.objects.all())
    sources = _sources(driver, findings)
    numbers = {source.citation.slug: source.number for source in sources}
    rows = DriverMuscle.objects.filter(driver=driver).select_related("muscle").order_by("muscle__name")
    states = [(row.state, row.muscle.short_name) for row in rows]
    return DriverPage(
        driver=driver,
        supports=_said(driver, findings, numbers, "for"),
        opposes=_said(driver, findings, numbers, "against"),
        measured=_measured(driver, findings, numbers),
        muscles=tuple(
            (label, names)
            for slug, label in MUSCLE_STATES
            if (names := tuple(name for state, name in states if state == slug))
        ),
        claims=claims_about([driver.slug]),
        sources=sources,
    )


def of_check(basis: CheckBasis) -> CheckPage:
    """Return the page of a check from `checks`: 3 queries."""
    return CheckPage(basis, CERTAINTY_MEANS.get(basis.certainty, ""), claims_about([basis.slug]))


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


def _sources(driver: Driver, findings: Iterable[Finding]) -> tuple[Source, ...]:
    """Return what the driver cites and what its findings were measured in, by author and numbered from 1."""
    cited = {row["citation"] for finding in findings for row in finding.accuracy if row["driver"] == driver.slug}
    cited.update(citation.slug for citation in driver.citations.all())
    rows = sorted(Citation.objects.filter(slug__in=cited), key=lambda citation: citation.text.casefold())
    return tuple(Source(number, citation) for number, citation in enumerate(rows, start=1))


def _said(driver: Driver, findings: Sequence[Finding], sources: Mapping[str, int], way: str) -> tuple[Said, ...]:
    return tuple(
        Said(finding.name, answer, voice["why"], finding.how, _numbers(driver, finding, sources, answer))
        for finding in findings
        for answer in ("present", "absent")
        for voice in getattr(finding, answer)
        if voice["driver"] == driver.slug and voice["speaks"] == way
    )


def _measured(driver: Driver, findings: Sequence[Finding], sources: Mapping[str, int]) -> tuple[Said, ...]:
    """Return the findings of which numbers are known for the driver, and that speak neither way."""
    return tuple(
        Said(finding.name, "", "", finding.how, _numbers(driver, finding, sources, ""))
        for finding in findings
        if any(row["driver"] == driver.slug for row in finding.accuracy)
        and not any(voice["driver"] == driver.slug for voice in (*finding.present, *finding.absent))
    )


def _numbers(driver: Driver, finding: Finding, sources: Mapping[str, int], answer: str) -> tuple[Numbers, ...]:
    return tuple(
        Numbers(
            row["words"],
            WORDS_OF_CERTAINTY.get(row["certainty"], "Unknown").lower(),
            row["checked"],
            sources.get(row["citation"], 0),
        )
        for row in finding.accuracy
        if row["driver"] == driver.slug and (not answer or row["result"] in {answer, "both"})
    )
