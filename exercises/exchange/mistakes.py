"""What is wrong with a file, said so that whoever made it finds the place. No Django in here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong: the line it is in, the column if it is in one, and why in plain words."""

    line: int
    column: str
    reason: str


class BadFile(Exception):
    """The file can't be read at all, or no further; `mistake` says where and why."""

    def __init__(self, reason: str, *, line: int = 1, column: str = "") -> None:
        super().__init__(reason)
        self.mistake = Mistake(line, column, reason)
