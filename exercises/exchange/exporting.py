"""The catalog's shared exercises as a file, a piece at a time: 8 queries for each 500 of them."""

from collections.abc import Iterator

from exercises import row_values
from exercises.exchange import planning, writing
from exercises.models import Exercise

AT_ONCE = 500


def pieces(kind: str, *, status: str = "", phase: str = "") -> Iterator[bytes]:
    """Yield the file of that kind with the exercises of a status and a phase, empty for all."""
    known = planning.all_columns()
    chosen = row_values.with_values(Exercise).filter(clinic=None).order_by("slug")
    if status:
        chosen = chosen.filter(status=status)
    if phase:
        chosen = chosen.filter(phase=phase)
    rows = (planning.cells_of(exercise, known) for exercise in chosen.iterator(chunk_size=AT_ONCE))
    return writing.write(rows, kind, known)
