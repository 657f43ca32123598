"""The shipped catalog as files: reads the YAML, checks it, and names file and line of what is wrong.

No Django in here. `read` returns the whole catalog or raises `BadCatalog` with every mistake found, so
nothing is ever half-loaded.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from exercises import catalog_lint
from exercises.entries import (
    AttributeEntry,
    CitationEntry,
    DriverEntry,
    Entry,
    EquipmentEntry,
    MuscleEntry,
    PairEntry,
    PrecautionEntry,
    ProtocolEntry,
    RedFlagFile,
)
from exercises.evidence_entries import CheckEntry, ClaimEntry, FindingEntry, OutcomeMeasureEntry
from exercises.exercise_entries import ExerciseEntry, PoseEntry

Location = tuple[int | str, ...]
# The C library reads the catalog ten times as fast; without it the one in Python does.
QuickLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a catalog file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class BadCatalog(Exception):
    """The files hold mistakes; `mistakes` lists them all."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = list(mistakes)


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
    digest: str


EntryType = TypeVar("EntryType", bound=Entry)


class _Reader:
    """Reads one directory and collects mistakes with their places."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.mistakes: list[Mistake] = []
        self.nodes: dict[str, yaml.Node] = {}

    def list_of(self, name: str, kind: type[EntryType]) -> list[EntryType]:
        content = self._content(name)
        if content is None:
            return []
        if not isinstance(content, list):
            self.complain(name, (), "the file must be a list")
            return []
        entries = (self._entry(name, kind, value, (index,)) for index, value in enumerate(content))
        return [entry for entry in entries if entry is not None]

    def single(self, name: str, kind: type[EntryType]) -> EntryType | None:
        content = self._content(name)
        return None if content is None else self._entry(name, kind, content, ())

    def complain(self, file: str, place: Location, reason: str) -> None:
        self.mistakes.append(Mistake(file, _line(self.nodes.get(file), place), reason))

    def _content(self, name: str) -> Any:
        try:
            loader = QuickLoader((self.directory / name).read_text(encoding="utf-8"))
            node = loader.get_single_node()
        except (OSError, UnicodeDecodeError) as trouble:
            self.mistakes.append(Mistake(name, 1, f"can't be read: {trouble}"))
            return None
        except yaml.MarkedYAMLError as trouble:
            line = trouble.problem_mark.line + 1 if trouble.problem_mark else 1
            self.mistakes.append(Mistake(name, line, f"isn't YAML: {trouble.problem}"))
            return None
        if node is None:
            self.mistakes.append(Mistake(name, 1, "the file is empty"))
            return None
        self.nodes[name] = node
        for line, key in _doubled_keys(node):
            self.mistakes.append(Mistake(name, line, f"{key!r} is given twice"))
        return loader.construct_document(node)

    def _entry(self, name: str, kind: type[EntryType], value: Any, place: Location) -> EntryType | None:
        try:
            return kind.model_validate(value)
        except ValidationError as trouble:
            for error in trouble.errors():
                where = ".".join(str(part) for part in error["loc"])
                reason = error["msg"].removeprefix("Value error, ")
                self.complain(name, (*place, *error["loc"]), f"{where}: {reason}" if where else reason)
            return None


def read(directory: Path) -> Catalog:
    """Return the catalog kept in `directory`, or raise BadCatalog."""
    reader = _Reader(directory)
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
        digest=digest(directory),
    )
    for name, entry in exercises:
        if entry is not None and entry.slug != Path(name).stem:
            reader.complain(name, ("slug",), f"slug {entry.slug!r} must be the file's name")
    if not reader.mistakes:  # a broken file would make every reference to it look unknown
        for file, place, reason in catalog_lint.mistakes_in(catalog):
            reader.complain(file, place, reason)
    if reader.mistakes:
        raise BadCatalog(sorted(reader.mistakes, key=lambda mistake: (mistake.file, mistake.line)))
    return catalog


def digest(directory: Path) -> str:
    """Return the SHA-256 of all catalog files with their names."""
    total = hashlib.sha256()
    for path in sorted(directory.rglob("*.yaml")):
        total.update(path.relative_to(directory).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _line(node: yaml.Node | None, place: Location) -> int:
    if node is None:
        return 1
    line = node.start_mark.line
    for part in place:
        following: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    following, line = value, key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            following = node.value[part]
            line = node.value[part].start_mark.line
        if following is None:
            break
        node = following
    return line + 1


def _doubled_keys(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from _doubled_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _doubled_keys(value)
