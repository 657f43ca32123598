"""YAML files read so that each mistake is named with its file and line. No Django in here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from exercises.entries import Entry

Location = tuple[int | str, ...]
# The C library reads the catalog ten times as fast; without it the one in Python does.
QuickLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class BadFiles(Exception):
    """The files hold mistakes; `mistakes` lists them all."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda mistake: (mistake.file, mistake.line))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


EntryType = TypeVar("EntryType", bound=Entry)


class Reader:
    """Reads the files of one directory and collects mistakes with their places."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.mistakes: list[Mistake] = []
        self.nodes: dict[str, yaml.Node] = {}

    def list_of(self, name: str, kind: type[EntryType]) -> list[EntryType]:
        content = self.content(name)
        if content is None:
            return []
        if not isinstance(content, list):
            self.complain(name, (), "the file must be a list")
            return []
        entries = (self.entry(name, kind, value, (index,)) for index, value in enumerate(content))
        return [entry for entry in entries if entry is not None]

    def single(self, name: str, kind: type[EntryType]) -> EntryType | None:
        content = self.content(name)
        return None if content is None else self.entry(name, kind, content, ())

    def complain(self, file: str, place: Location, reason: str) -> None:
        self.mistakes.append(Mistake(file, line_of(self.nodes.get(file), place), reason))

    def content(self, name: str) -> Any:
        """Return what the file holds, or None when it can't be read; its doubled keys are mistakes."""
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
        for line, key in doubled_keys(node):
            self.mistakes.append(Mistake(name, line, f"{key!r} is given twice"))
        return loader.construct_document(node)

    def entry(self, name: str, kind: type[EntryType], value: Any, place: Location) -> EntryType | None:
        """Return one entry of a file as its kind, or None with mistakes that name its line."""
        try:
            return kind.model_validate(value)
        except ValidationError as trouble:
            for error in trouble.errors():
                where = ".".join(str(part) for part in error["loc"])
                reason = error["msg"].removeprefix("Value error, ")
                self.complain(name, (*place, *error["loc"]), f"{where}: {reason}" if where else reason)
            return None


def line_of(node: yaml.Node | None, place: Location) -> int:
    """Return the line, from 1, of a place in a document, or of what is nearest above it."""
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


def doubled_keys(node: yaml.Node) -> Iterator[tuple[int, str]]:
    """Yield line and name of each key that a mapping has twice."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from doubled_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from doubled_keys(value)
