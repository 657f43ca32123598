"""YAML as it ships, one document for each exercise, with “---” between them. No Django in here.

A document is read by itself, so that one that isn't YAML spoils no other and no file is too long to be read. Anchors,
and more nesting than an exercise has, are refused before anything is built.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import yaml

from exercises.exchange import decoding
from exercises.exchange.columns import Column, cells_of_entry, typed_at
from exercises.exchange.mistakes import BadFile, Mistake
from exercises.exchange.reading import MOST_ROWS, Row
from exercises.yaml_files import QuickLoader, doubled_keys, line_of

LONGEST_DOCUMENT = 200_000
DEEPEST = 12
MANY_OPENINGS = 60
BETWEEN = re.compile(r"^---(?=\s|$)[^\S\n]*", re.MULTILINE)
# What may be an anchor, an alias or deep nesting; only documents that have any are looked at closely.
MAY_BE_ANCHOR = re.compile(r"(?:^|[\s\[{,:-])[&*!]", re.MULTILINE)
MAY_BE_DEEP = re.compile(r"(?:[\[{?-]\s*){6}|^ {24}", re.MULTILINE)


def rows(content: bytes, known: dict[str, Column], *, encoding: str = "") -> Iterator[Row]:
    """Yield a row for each document; one that can't be read has a mistake and no cells."""
    text = decoding.text_of(content, encoding).replace("\r\n", "\n").replace("\r", "\n")
    count = line = 1
    for document in BETWEEN.split(text):
        if document.strip() and not _only_comments(document):
            if count > MOST_ROWS:
                raise BadFile(f"The file has more than {MOST_ROWS:,} exercises. Split it.", line=line)
            count += 1
            yield _row(document, line, known)
        line += document.count("\n")


def _only_comments(document: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in document.splitlines())


def _row(document: str, first: int, known: dict[str, Column]) -> Row:
    blank = len(document) - len(document.lstrip())
    row = Row(first + document[:blank].count("\n"), {})
    try:
        node = _node(document)
        entry = _content(node)
    except BadFile as bad:
        row.line = first + bad.mistake.line - 1
        row.wrong("", bad.mistake.reason)
        return row
    if not isinstance(entry, dict):
        row.wrong("", "an exercise must be keys with values, “slug: …” first")
        return row
    row.line_of = partial(_line_in, document, first, known)
    for line, key in doubled_keys(node):
        row.mistakes.append(Mistake(first + line - 1, key, "is given twice"))
    row.cells, wrong = cells_of_entry(entry, known)
    for column, reason in wrong.items():
        row.wrong(column, reason, typed_at(entry, known.get(column)))
    return row


def _line_in(document: str, first: int, known: dict[str, Column], column: str) -> int:
    """Return the line of a column: the document is read again, for trees of all would not fit into memory."""
    path = known[column].path if column in known else tuple(column.split("."))
    return first + line_of(_node(document), path) - 1


def _node(document: str) -> yaml.Node:
    """Return the document's tree; raise BadFile, with the line within it, for what isn't one."""
    if len(document) > LONGEST_DOCUMENT:
        raise BadFile(f"this exercise has {len(document):,} letters, at most {LONGEST_DOCUMENT:,} are read")
    try:
        openings = document.count("[") + document.count("{")
        if openings > MANY_OPENINGS or MAY_BE_ANCHOR.search(document) or MAY_BE_DEEP.search(document):
            _look_closely(document)
        node: yaml.Node | None = QuickLoader(document).get_single_node()
    except yaml.MarkedYAMLError as trouble:
        raise _bad(trouble) from trouble
    except yaml.YAMLError as trouble:
        raise BadFile(f"isn’t YAML: {trouble}") from trouble
    if node is None:
        raise BadFile("is empty")
    return node


def _look_closely(document: str) -> None:
    depth = 0
    for event in yaml.parse(document, Loader=QuickLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadFile("anchors and aliases (& and *) aren’t read: write the value out", line=line)
        if isinstance(getattr(event, "tag", None), str):
            raise BadFile("tags (!) aren’t read", line=line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise BadFile("is nested deeper than an exercise is", line=line)


def _content(node: yaml.Node) -> Any:
    """Return what the tree holds, with dates and the like as the words they were.

    Raises BadFile, with the line within the document, for a list as a key and the like.
    """
    try:
        return _Plain("").construct_document(node)
    except yaml.MarkedYAMLError as trouble:
        raise _bad(trouble) from trouble


def _bad(trouble: yaml.MarkedYAMLError) -> BadFile:
    line = trouble.problem_mark.line + 1 if trouble.problem_mark else 1
    return BadFile(f"isn’t YAML: {trouble.problem}", line=line)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | str:
    """Return a whole number; as the word it was where Python takes it for none: 5,000 digits, or “0x_”."""
    try:
        return int(loader.construct_yaml_int(node))
    except ValueError:
        return str(loader.construct_yaml_str(node))


class _Plain(yaml.SafeLoader):
    """Builds texts, numbers, lists and keys; never a date or a fraction, which no exercise has."""

    yaml_constructors = {
        **yaml.SafeLoader.yaml_constructors,
        **{f"tag:yaml.org,2002:{kind}": yaml.SafeLoader.construct_yaml_str for kind in ("timestamp", "float")},
        "tag:yaml.org,2002:int": _number,
    }
