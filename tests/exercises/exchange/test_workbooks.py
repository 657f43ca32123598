"""A workbook has nothing but texts in it, and a bomb is refused before it goes off."""

import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest

from exercises.exchange import bombs, reading, writing
from exercises.exchange.columns import columns
from exercises.exchange.mistakes import BadFile
from tests.exercises.exchange.test_reading import FORMULAS

COLUMNS = columns()


def workbook(*rows: list) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def changed(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped(parts | {part: change(parts[part])})


def test_cells_are_texts_whatever_they_begin_with() -> None:
    content = b"".join(writing.write([dict.fromkeys(COLUMNS, text) for text in FORMULAS], "xlsx", COLUMNS))

    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]
    assert len(cells) == (len(FORMULAS) + 1) * len(COLUMNS)
    assert {cell.data_type for cell in cells} == {"s"}


def test_cells_that_are_left_out_at_the_end_are_empty() -> None:
    (row,) = reading.read(workbook(["slug", "note", "family"], ["a"]), "xlsx", COLUMNS)

    assert (row.mistakes, row.cells) == ([], {"slug": "a", "note": "", "family": ""})


def test_reads_what_a_spreadsheet_makes_of_numbers() -> None:
    (row,) = reading.read(workbook(["slug", "dose_sets", "bed_ok"], ["a", 3.0, True]), "xlsx", COLUMNS)

    assert (row.line, row.cells) == (2, {"slug": "a", "dose_sets": "3", "bed_ok": "yes"})


REFUSED = [
    ("a formula", [["slug", "note"], ["a", "=1+1"]], 2, "holds a formula"),
    ("a date", [["slug", "note"], [], ["a", date(2026, 1, 2)]], 3, "holds a date"),
    ("an error", [["slug", "note"], ["a", "#REF!"]], 2, "holds an error"),
    ("columns without end", [["slug"], ["a", *["x"] * 300]], 2, "301 columns"),
]


@pytest.mark.parametrize(("rows", "line", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refuses_cells_that_are_no_text(rows: list, line: int, why: str) -> None:
    with pytest.raises(BadFile) as refused:
        list(reading.read(workbook(*rows), "xlsx", COLUMNS))

    assert (refused.value.mistake.line, why in refused.value.mistake.reason) == (line, True)


PLAIN = workbook(["slug"], ["a"])
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
BOMBS = {
    "a part that unfolds a thousandfold": lambda: zipped({SHEET: b"0" * 60_000_000}),
    "many parts, each middling": lambda: zipped({f"{number}": b"ab" * 500_000 for number in range(150)}),
    "a thousand parts": lambda: zipped({f"{number}": b"" for number in range(1000)}),
    "entities": lambda: changed(PLAIN, SHEET, lambda xml: LAUGHS + xml.partition(b"?>")[2]),
    "entities in UTF-16": lambda: changed(PLAIN, SHEET, lambda xml: (LAUGHS + b"<x/>").decode().encode("utf-16")),
    "a row at the very end": lambda: changed(PLAIN, SHEET, lambda xml: xml.replace(b'"2"', b'"1048576"')),
    "a cell at the very right": lambda: changed(PLAIN, SHEET, lambda xml: xml.replace(b"A2", b"XFD2")),
    "no workbook": lambda: zipped({"hello.txt": b"hello"}),
    "half a file": lambda: PLAIN[: len(PLAIN) // 2],
    "no zip": lambda: b"PK\x03\x04 and no more",
    "broken XML": lambda: changed(PLAIN, SHEET, lambda xml: xml[:-40]),
}


@pytest.mark.asvs("V1.5.1", "V5.2.3")
@pytest.mark.parametrize("bomb", BOMBS)
def test_refuses_bombs_quickly_and_in_little_memory(bomb: str) -> None:
    content = BOMBS[bomb]()
    tracemalloc.start()
    start = time.process_time()

    with pytest.raises(BadFile):
        list(reading.read(content, "xlsx", COLUMNS))

    seconds, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 2
    assert peak < 30_000_000


@pytest.mark.asvs("V5.2.3")
def test_stops_unfolding_as_soon_as_it_is_too_much(monkeypatch) -> None:
    monkeypatch.setattr(bombs, "MOST_BYTES", 3_000_000)
    monkeypatch.setattr(bombs, "MOST_RATIO", 10_000)
    unfolded: list[int] = []
    read = zipfile.ZipExtFile.read

    def counted(self, size=-1):
        piece = read(self, size)
        unfolded.append(len(piece))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    with pytest.raises(BadFile, match="unfolds to more than 2 MB"):
        bombs.unfolded_size(zipped({"a": b"x" * 50_000_000}))

    assert sum(unfolded) <= bombs.MOST_BYTES + bombs.PIECE


def test_many_aliases_of_yaml_are_never_built() -> None:
    laughs = "slug: a\na0: &a0 [x, x]\n" + "".join(
        f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]\n" for number in range(1, 60)
    )
    start = time.process_time()

    (row,) = reading.read(laughs.encode(), "yaml", COLUMNS)

    assert "anchors and aliases" in row.mistakes[0].reason
    assert time.process_time() - start < 1


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_nesting_without_end_is_never_built(opening: str) -> None:
    start = time.process_time()

    (row,) = reading.read(f"slug: a\nnote: {opening * 20_000}".encode(), "yaml", COLUMNS)

    assert row.mistakes
    assert time.process_time() - start < 0.5
