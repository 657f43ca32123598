"""The shipped catalog as files: reads the YAML, checks it, and names file and line of what is wrong.

No Django in here. `read` returns the whole catalog or raises `BadCatalog` with every mistake found, so
nothing is ever half-loaded.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from exercises import catalog_lint, languages
from exercises.entries import (
    AttributeEntry,
    CitationEntry,
    DriverEntry,
    EquipmentEntry,
    MuscleEntry,
    PairEntry,
    PrecautionEntry,
    ProtocolEntry,
    RedFlagFile,
)
from exercises.evidence_entries import CheckEntry, ClaimEntry, FindingEntry, OutcomeMeasureEntry
from exercises.exercise_entries import ExerciseEntry, PoseEntry
from exercises.yaml_files import BadFiles, Reader

LANGUAGES = "languages"


class BadCatalog(BadFiles):
    """The files of the catalog hold mistakes."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole shipped catalog, and the hash of the files it came from."""

    citations: list[CitationEntry]
    muscles: list[MuscleEntry]
    pairs: list[PairEntry]
    equipment: list[EquipmentEntry]
    attributes: list[AttributeEntry]
    drivers: list[DriverEntry]
    precautions: list[PrecautionEntry]
    red_flags: RedFlagFile
    exercises: list[ExerciseEntry]
    poses: dict[str, PoseEntry]
    protocols: list[ProtocolEntry]
    findings: list[FindingEntry]
    outcome_measures: list[OutcomeMeasureEntry]
    claims: list[ClaimEntry]
    checks: list[CheckEntry]
    languages: dict[str, languages.Language]
    known_languages: frozenset[str]
    digest: str


def read(directory: Path) -> Catalog:
    """Return the catalog kept in `directory`, or raise BadCatalog.

    Its texts may be in its own languages, and in those that the clinic added (see `languages.look_in`).
    """
    reader = Reader(directory)
    shipped = languages.read_folder(reader, LANGUAGES)
    red_flags = reader.single("red_flags.yaml", RedFlagFile)
    names = [f"exercises/{path.name}" for path in sorted((directory / "exercises").glob("*.yaml"))]
    exercises = [(name, reader.single(name, ExerciseEntry)) for name in names]
    drawn = {path.stem: f"poses/{path.name}" for path in sorted((directory / "poses").glob("*.yaml"))}
    read_poses = {slug: reader.single(name, PoseEntry) for slug, name in drawn.items()}
    catalog = Catalog(
        citations=reader.list_of("citations.yaml", CitationEntry),
        muscles=reader.list_of("muscles.yaml", MuscleEntry),
        pairs=reader.list_of("pairs.yaml", PairEntry),
        equipment=reader.list_of("equipment.yaml", EquipmentEntry),
        attributes=reader.list_of("attributes.yaml", AttributeEntry),
        drivers=reader.list_of("drivers.yaml", DriverEntry),
        precautions=reader.list_of("precautions.yaml", PrecautionEntry),
        red_flags=red_flags or RedFlagFile.model_construct(groups=[]),
        exercises=[entry for _, entry in exercises if entry is not None],
        poses={slug: entry for slug, entry in read_poses.items() if entry is not None},
        protocols=reader.list_of("protocols.yaml", ProtocolEntry),
        findings=reader.list_of("findings.yaml", FindingEntry),
        outcome_measures=reader.list_of("outcome_measures.yaml", OutcomeMeasureEntry),
        claims=reader.list_of("claims.yaml", ClaimEntry),
        checks=reader.list_of("checks.yaml", CheckEntry),
        languages=shipped,
        known_languages=frozenset({*shipped, *languages.known()}),
        digest=digest(directory),
    )
    for name, entry in exercises:
        if entry is not None and entry.slug != Path(name).stem:
            reader.complain(name, ("slug",), f"slug {entry.slug!r} must be the file's name")
    if not reader.mistakes:  # a broken file would make every reference to it look unknown
        for file, place, reason in catalog_lint.mistakes_in(catalog):
            reader.complain(file, place, reason)
    if reader.mistakes:
        raise BadCatalog(reader.mistakes)
    return catalog


def digest(directory: Path) -> str:
    """Return the SHA-256 of all catalog files with their names."""
    total = hashlib.sha256()
    for path in sorted(directory.rglob("*.yaml")):
        total.update(path.relative_to(directory).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
