"""The screening's questions as the page shows them, and what a sent page answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exercises.models import RedFlag, RedFlagGroup


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question with its answer: yes, no, or empty for not answered."""

    question: RedFlag
    answer: str

    @property
    def urgent(self) -> bool:
        return self.question.urgency in {"emergency", "same_day"}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with its rows; `none` is its box “None of these”, `trouble` what is wrong with it."""

    group: RedFlagGroup
    rows: tuple[QuestionRow, ...]
    none: bool = False
    trouble: str = ""

    @property
    def unanswered(self) -> int:
        return sum(not row.answer for row in self.rows)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All groups of a screening page."""

    groups: tuple[GroupRow, ...]

    @property
    def contradicts(self) -> bool:
        return any(group.trouble for group in self.groups)

    @property
    def answers(self) -> dict[str, bool]:
        """What was answered: the ticked “None of these” answers no for the questions of its group left open."""
        found = {}
        for group in self.groups:
            for row in group.rows:
                if row.answer:
                    found[row.question.slug] = row.answer == "yes"
                elif group.none:
                    found[row.question.slug] = False
        return found

    @property
    def unfinished(self) -> list[str]:
        """The titles of the groups that still have a question without an answer."""
        return [group.group.title for group in self.groups if group.unanswered and not group.none]


def sheet_of(groups: Sequence[RedFlagGroup], answers: Mapping[str, bool]) -> Sheet:
    """Return the sheet with what was answered so far; the boxes “None of these” are never ticked beforehand."""
    return Sheet(
        tuple(
            GroupRow(group, tuple(QuestionRow(q, _word(answers.get(q.slug))) for q in group.questions.all()))
            for group in groups
        )
    )


def sheet_from(groups: Sequence[RedFlagGroup], data: Mapping[str, object]) -> Sheet:
    """Return the sheet as it was sent, with what contradicts itself."""
    return Sheet(tuple(_sent_group(group, data) for group in groups))


def _sent_group(group: RedFlagGroup, data: Mapping[str, object]) -> GroupRow:
    rows = tuple(QuestionRow(q, _sent(data.get(f"answer-{q.slug}"))) for q in group.questions.all())
    none = f"none-{group.slug}" in data
    yes = [row.question.suspects for row in rows if row.answer == "yes"]
    trouble = ""
    if none and yes:
        trouble = f"You answered yes ({', '.join(yes)}) and also ticked “None of these”. Which is right?"
    return GroupRow(group, rows, none, trouble)


def _sent(value: object) -> str:
    return value if isinstance(value, str) and value in {"yes", "no"} else ""


def _word(answer: bool | None) -> str:
    return "" if answer is None else "yes" if answer else "no"
