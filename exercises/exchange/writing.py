"""Rows of cells as the bytes of a file. No Django in here.

No cell of a file reckons: CSV marks what a spreadsheet would take for a formula (`formulas`), XLSX has texts alone.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import yaml
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.writer.excel import ExcelWriter

from exercises.exchange import formulas
from exercises.exchange.columns import Cells, Column, entry_of

MIME = {
    "yaml": "application/yaml; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
QuickDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write(rows: Iterable[Cells], kind: str, known: dict[str, Column]) -> Iterator[bytes]:
    """Yield the pieces of a file of that kind, a key of MIME."""
    return {"yaml": _yaml, "csv": _csv, "xlsx": _xlsx}[kind](rows, known)


def _yaml(rows: Iterable[Cells], known: dict[str, Column]) -> Iterator[bytes]:
    yield b"# Exercises, one document each; docs/exchange.md says what the keys mean.\n"
    for cells in rows:
        entry = {key: value for key, value in entry_of(cells, known).items() if value not in ([], {}) or key in ALWAYS}
        yield b"---\n" + yaml.dump(
            entry, Dumper=QuickDumper, allow_unicode=True, sort_keys=False, width=120, encoding="utf-8"
        )


def _csv(rows: Iterable[Cells], known: dict[str, Column]) -> Iterator[bytes]:
    """With a byte order mark, by which Excel knows UTF-8."""
    line = io.StringIO(newline="")
    table = csv.writer(line, lineterminator="\r\n")
    table.writerow(known)
    yield "\ufeff".encode() + line.getvalue().encode()
    for cells in rows:
        line.seek(0)
        line.truncate()
        table.writerow(formulas.marked(cells[name]) for name in known)
        yield line.getvalue().encode()


def _xlsx(rows: Iterable[Cells], known: dict[str, Column]) -> Iterator[bytes]:
    """The sheet is written to a temporary file first, of which a full disk leaves nothing."""
    book = openpyxl.Workbook(write_only=True)
    sheet: Any = book.create_sheet("Exercises")
    sheet.freeze_panes = "B2"
    file = io.BytesIO()
    try:
        sheet.append([_text(sheet, name) for name in known])
        for cells in rows:
            sheet.append([_text(sheet, cells[name]) if cells[name] else None for name in known])
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(book, archive).save()
    except OSError:
        if sheet._writer:
            sheet._writer.cleanup()
        raise
    yield file.getvalue()


def _text(sheet: Any, text: str) -> Any:
    """Return a cell that is text whatever it begins with."""
    cell: Any = WriteOnlyCell(sheet, value="")
    cell._value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


ALWAYS = {"equipment", "citations"}
