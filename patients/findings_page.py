"""What the assessment page shows of findings: rows to tick in groups, and what the ticked ones say per driver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exercises.evidence import Citation, Finding
from exercises.models import Driver
from exercises.vocabulary import CERTAINTIES, FINDING_GROUPS
from patients.weighing import DriverWeight, KnownFinding, Measured, Reason, Voice, unheard, weigh


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with its answer: “present”, “absent” or nothing."""

    finding: Finding
    answer: str


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings under one heading; `answered` counts those with an answer."""

    slug: str
    title: str
    rows: tuple[FindingRow, ...]

    @property
    def answered(self) -> int:
        return sum(1 for row in self.rows if row.answer)


@dataclass(frozen=True, slots=True)
class Source:
    """A reference with the number that the reasons cite it by."""

    number: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a study measured, in words, with how sure it is, how that was checked, and its source."""

    words: str
    certainty: str
    checked: str
    source: Source


@dataclass(frozen=True, slots=True)
class ShownReason:
    name: str
    answer: str
    why: str
    numbers: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True)
class DriverPanel:
    """A driver with its reasons, headed by what they are."""

    driver: Driver
    supports: tuple[ShownReason, ...]
    opposes: tuple[ShownReason, ...]
    neither: tuple[ShownReason, ...]

    @property
    def sides(self) -> list[tuple[str, str, tuple[ShownReason, ...]]]:
        """The reasons by the way they speak, with heading and slug of each; ways without any are left out."""
        ways = [
            ("for", "Supports", self.supports),
            ("against", "Opposes", self.opposes),
            ("neither", "Noted, speaks neither way", self.neither),
        ]
        return [way for way in ways if way[2]]


@dataclass(frozen=True, slots=True)
class Weights:
    """The panel “What speaks for which driver”; `unheard` names findings that concern no driver."""

    panels: tuple[DriverPanel, ...]
    sources: tuple[Source, ...]
    unheard: tuple[str, ...]
    answered: int


def catalog_findings() -> list[Finding]:
    """Return all findings in their order: 1 query."""
    return list(Finding.objects.all())


def groups_of(findings: Sequence[Finding], answers: Mapping[str, bool]) -> list[FindingGroup]:
    """Return the findings in their groups, each with its answer; groups without findings are left out."""
    groups = []
    for slug, title in FINDING_GROUPS:
        rows = [FindingRow(row, _word(answers.get(row.slug))) for row in findings if row.group == slug]
        if rows:
            groups.append(FindingGroup(slug, title, tuple(rows)))
    return groups


def weights_of(findings: Sequence[Finding], answers: Mapping[str, bool]) -> Weights:
    """Return what the answers say about each driver: 1 query, and 1 for sources when there are numbers."""
    drivers = list(Driver.objects.all())
    slugs = [driver.slug for driver in drivers]
    known = [known_finding(row) for row in findings]
    weights = weigh(answers, known, drivers=slugs)
    sources = _sources(weights)
    return Weights(
        panels=tuple(_panel(driver, weight, sources) for driver, weight in zip(drivers, weights, strict=True)),
        sources=tuple(sources.values()),
        unheard=tuple(f"{row.name} ({_word(answers[row.slug])})" for row in unheard(answers, known, drivers=slugs)),
        answered=sum(1 for row in findings if row.slug in answers),
    )


def known_finding(row: Finding) -> KnownFinding:
    """Return a row of the catalog as `weigh` takes it."""
    return KnownFinding(
        slug=row.slug,
        name=row.name,
        present=tuple(_voice(said) for said in row.present),
        absent=tuple(_voice(said) for said in row.absent),
        measured=tuple(
            Measured(
                driver=found["driver"],
                result=found["result"],
                words=found["words"],
                citation=found["citation"],
                certainty=found["certainty"],
                checked=found["checked"],
            )
            for found in row.accuracy
        ),
    )


def _voice(said: Mapping[str, str]) -> Voice:
    return Voice(said["driver"], "for" if said["speaks"] == "for" else "against", said["why"])


def _word(present: bool | None) -> str:
    return "" if present is None else "present" if present else "absent"


def _reasons(weight: DriverWeight) -> tuple[Reason, ...]:
    return (*weight.supports, *weight.opposes, *weight.neither)


def _sources(weights: Sequence[DriverWeight]) -> dict[str, Source]:
    """Return the sources by slug, numbered as they are met."""
    met = dict.fromkeys(row.citation for weight in weights for reason in _reasons(weight) for row in reason.measured)
    found = Citation.objects.in_bulk(list(met), field_name="slug") if met else {}
    known = [slug for slug in met if slug in found]
    return {slug: Source(number, found[slug]) for number, slug in enumerate(known, start=1)}


def _panel(driver: Driver, weight: DriverWeight, sources: Mapping[str, Source]) -> DriverPanel:
    def shown(reasons: tuple[Reason, ...]) -> tuple[ShownReason, ...]:
        return tuple(_shown(reason, sources) for reason in reasons)

    return DriverPanel(driver, shown(weight.supports), shown(weight.opposes), shown(weight.neither))


def _shown(reason: Reason, sources: Mapping[str, Source]) -> ShownReason:
    """Return the reason as it is shown; a number whose source isn't known is left out."""
    certainties = dict(CERTAINTIES)
    numbers = tuple(
        Numbers(row.words, certainties.get(row.certainty, "unknown").lower(), row.checked, sources[row.citation])
        for row in reason.measured
        if row.citation in sources
    )
    return ShownReason(reason.name, _word(reason.present), reason.why, numbers)
