"""The bytes of a file as rows of tidy cells, each with its line, and whatever is wrong with them.

No Django in here. `read` raises BadFile for what can't be read at all; a row that is wrong comes with its mistakes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from exercises.exchange.columns import BadCell, Cells, Column
from exercises.exchange.mistakes import BadFile, Mistake

MOST_ROWS = 20_000
MOST_COLUMNS = 256
LONGEST_CELL = 32_767
UNQUOTED = "put quotation marks around a cell that holds a separator or a line break"
FORMATS = {"yaml": "YAML", "csv": "CSV", "xlsx": "XLSX"}


@dataclass(slots=True)
class Row:
    """One exercise of a file: its line, its cells by column, what is wrong, and how a column's own line is found."""

    line: int
    cells: Cells
    mistakes: list[Mistake] = field(default_factory=list)
    line_of: Callable[[str], int] | None = None

    def wrong(self, column: str, reason: str, typed: str = "") -> None:
        """Note a mistake; `typed` is what stands there, where that isn't the cell."""
        line = self.line_of(column) if self.line_of and column else self.line
        self.mistakes.append(Mistake(line, column, reason, typed=typed or self.cells.get(column, "")))


def format_of(name: str) -> str:
    """Return the format that a file's name says; raise BadFile for another."""
    ending = name.rpartition(".")[2].casefold()
    found = {"yml": "yaml", "txt": "csv", "tsv": "csv"}.get(ending, ending)
    if found not in FORMATS:
        raise BadFile("The file’s name must end in .yaml, .csv or .xlsx.")
    return found


def read(content: bytes, kind: str, known: dict[str, Column], *, encoding: str = "") -> Iterator[Row]:
    """Yield the rows of a file of that kind (a key of FORMATS), in order; raise BadFile where it can't go on."""
    from exercises.exchange import documents, sheets, tables  # they need the names above

    if not content.strip(b"\0 \t\r\n"):
        raise BadFile("The file is empty.")
    if kind == "yaml":
        return documents.rows(content, known, encoding=encoding)
    found = sheets.lines(content) if kind == "xlsx" else tables.lines(content, known, encoding=encoding)
    return rows_of_lines(found, known)


def rows_of_lines(lines: Iterator[tuple[int, list[str]]], known: dict[str, Column]) -> Iterator[Row]:
    """Yield a row for each line of cells below the head; a head that isn't right raises BadFile."""
    number, head = next(lines, (1, []))
    names = _names(head, number, known)
    count = 0
    for number, values in lines:
        if not any(values):
            continue
        count += 1
        if count > MOST_ROWS:
            raise BadFile(f"The file has more than {MOST_ROWS:,} rows. Split it.", line=number)
        yield _row(number, names, values, known)


def _names(head: list[str], line: int, known: dict[str, Column]) -> list[str]:
    """Return the columns of a file; raise BadFile unless they are known, each is there once, and slug is one."""
    names = [name.strip().casefold() for name in head]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise BadFile(f"The file has {len(names)} columns, at most {MOST_COLUMNS} are read.", line=line)
    if "slug" not in names:
        raise BadFile("The first line must name the columns, and one of them must be “slug”.", line=line)
    for name in names:
        if name not in known:
            reason = f"No column is called “{name[:60]}”." if name else "A column has no name."
            raise BadFile(reason, line=line, column=name[:60])
        if names.count(name) > 1:
            raise BadFile(f"The column “{name}” is there twice.", line=line, column=name)
    return names


def _row(line: int, names: list[str], values: list[str], known: dict[str, Column]) -> Row:
    row = Row(line, {})
    while len(values) > len(names) and not values[-1]:
        values.pop()
    if len(values) != len(names):
        row.wrong(
            "", f"this row has {len(values)} cells, the first line has {len(names)}: {UNQUOTED}", ", ".join(values)
        )
        return row
    for name, value in zip(names, values, strict=True):
        try:
            if len(value) > LONGEST_CELL:
                raise BadCell(f"has {len(value):,} letters, at most {LONGEST_CELL:,} are read")
            row.cells[name] = known[name].tidy(value)
        except BadCell as reason:
            row.wrong(name, str(reason), value)
    return row
