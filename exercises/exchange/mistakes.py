"""What is wrong with a file, said so that whoever made it finds the place. No Django in here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong: the line and, if it is in one, the column; why and how to mend it, in plain words.

    `exercise` is its name and `typed` what stands there, each empty where that can't be said.
    """

    line: int
    column: str
    reason: str
    exercise: str = ""
    typed: str = ""


class BadFile(Exception):
    """The file can't be read at all, or no further; `mistake` says where and why."""

    def __init__(self, reason: str, *, line: int = 1, column: str = "") -> None:
        super().__init__(reason)
        self.mistake = Mistake(line, column, reason)
