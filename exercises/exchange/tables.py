"""CSV as lines of cells: comma, semicolon or tab, whichever the first line has. No Django in here."""

import csv
import io
from collections.abc import Iterator

from exercises.exchange import decoding, formulas
from exercises.exchange.columns import Column
from exercises.exchange.mistakes import BadFile

SEPARATORS = ",;\t"


def lines(content: bytes, known: dict[str, Column], *, encoding: str = "") -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line; a cell may hold line breaks. Raise BadFile where quotes don't fit."""
    text = decoding.text_of(content, encoding)
    skipped = 0
    first = text.splitlines()[0] if text.strip() else ""
    if first.strip().casefold().startswith("sep=") and len(first.strip()) <= 5:  # Excel's own hint
        text, skipped = text[len(first) :].lstrip("\r\n"), 1
        first = text.splitlines()[0] if text.strip() else ""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(first, known), strict=True)
    start = 1
    while True:
        start = table.line_num + 1 + skipped
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error as trouble:
            raise BadFile(_why(str(trouble)), line=start) from trouble
        yield start, [formulas.unmarked(cell) for cell in cells]


def _separator(first: str, known: dict[str, Column]) -> str:
    """Return the separator that makes most columns of the first line known ones."""

    def fitting(separator: str) -> int:
        return sum(name.strip(' "').casefold() in known for name in first.split(separator))

    return max(SEPARATORS, key=fitting)


def _why(said: str) -> str:
    if "unexpected end" in said or "field larger" in said:
        return "A quotation mark opens in this row and isn’t closed."
    if "expected after" in said:
        return "After a closing quotation mark there must be a separator. Double a quotation mark that is meant."
    return f"This row can’t be read: {said}."
