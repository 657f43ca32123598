"""The first sheet of an XLSX workbook as lines of cells. No Django in here.

openpyxl reads it row by row, with defusedxml's parser; sizes are checked first (`bombs`).
"""

import io
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile

from defusedxml import DefusedXmlException
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from exercises.exchange import bombs
from exercises.exchange.decoding import STRAY
from exercises.exchange.mistakes import BadFile
from exercises.exchange.reading import MOST_COLUMNS, MOST_ROWS

BLANK_LINES = 1_000  # below a table somebody may have touched some rows


def lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line; raise BadFile for formulas, dates and what isn't a workbook."""
    bombs.unfolded_size(content)
    try:
        reader = _Reader(io.BytesIO(content), read_only=True, keep_links=False)
        reader.read()
        sheet: Any = reader.wb.worksheets[0]
        width = 0
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if number > MOST_ROWS + BLANK_LINES:
                raise BadFile(f"The sheet has more than {MOST_ROWS:,} rows. Split it.", line=number)
            if len(cells) > MOST_COLUMNS:
                raise BadFile(f"The sheet has {len(cells):,} columns, at most {MOST_COLUMNS} are read.", line=number)
            texts = [_text(cell, number) for cell in cells]
            width = width or len(texts)
            yield number, texts + [""] * (width - len(texts))  # a sheet leaves out what is empty at the end
    except BadFile:
        raise
    except (BadZipFile, KeyError, ValueError, IndexError, SyntaxError, TypeError, AttributeError, OSError) as trouble:
        raise BadFile("The file isn’t a workbook that can be read. Save it as XLSX again.") from trouble
    except DefusedXmlException as trouble:
        raise BadFile("The file declares entities, which no workbook does.") from trouble


class _Sheet(ReadOnlyWorksheet):
    """Isn't read to its end first to learn its size: that takes a quarter of the time, and isn't believed."""

    def _get_size(self) -> None:
        """Leave it unknown."""


class _Reader(ExcelReader):
    """As `openpyxl.load_workbook`, with sheets that aren't measured; charts are left out."""

    def read_worksheets(self) -> None:
        book: Any = self.wb
        for sheet, place in self.parser.find_sheets():
            if place.target in self.valid_files and "chartsheet" not in place.Type:
                book._sheets.append(_Sheet(book, sheet.name, place.target, self.shared_strings))


def _text(cell: Any, line: int) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str) and cell.data_type not in {"f", "e"} and not STRAY.search(value):
        return value
    column = str(cell.column_letter)
    if cell.data_type == "f":
        raise BadFile("This cell holds a formula. Put its result there as text.", line=line, column=column)
    if cell.data_type == "e":
        raise BadFile(f"This cell holds an error ({value}).", line=line, column=column)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str | int | float):
        raise BadFile("This cell holds a date or time. Format it as text and type it again.", line=line, column=column)
    stray = STRAY.search(text := str(value))
    if stray:
        raise BadFile(f"A control character stands here (U+{ord(stray[0]):04X}).", line=line, column=column)
    return text
