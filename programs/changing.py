"""How a program differs from the handout that the patient has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from programs import drafting, issuing
from programs.bench import Bench
from programs.models import Issue

# Who made a sheet, when, and from which edition of the catalog, changes nothing of what the patient does.
ABOUT_THE_SHEET = {"schema", "content_hash", "catalog_version", "version", "date"}
ITS_LOOK = {"layout", "paper", "weeks", "log_days", "has_code", "logo_key", "colour"}
SAID_IN_THE_DOSE = {"exercise", "side", "hold_s"}  # what the page at home moves and times by
ABOUT_ITS_MAKER = {"clinician_name", "clinician_credentials", "note_by"}


@dataclass(frozen=True, slots=True)
class Changed:
    """An exercise that is on both, with what it was and is: dose, note, phase."""

    name: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What the next handout has that the last one hasn't, and the other way round.

    `next_visit` is what it was and is, where that changed; `elsewhere` says that only other words on the sheet did.
    """

    issue: Issue
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Changed, ...]
    reordered: bool
    next_visit: tuple[str, str] | None
    elsewhere: bool

    @property
    def nothing(self) -> bool:
        named = self.added or self.removed or self.changed or self.reordered or self.next_visit
        return not (named or self.elsewhere)


def since_issue(bench: Bench) -> Difference | None:
    """Return how the active stage differs from the latest issue, or None when nothing was issued."""
    issue = Issue.objects.visible_to(bench.by).filter(program=bench.program).select_related("issued_by").first()
    if issue is None:
        return None
    items = drafting.active_items(bench.program)
    assessment = issuing.current_assessment(bench.program)
    draft = drafting.draft(bench.program, items, assessment, by=bench.by, on=timezone.localdate())
    return between(issue, issue.snapshot, draft.to_snapshot())


def between(issue: Issue, was: Mapping[str, Any], now: Mapping[str, Any]) -> Difference:
    """Compare two handouts' snapshots; an exercise that is on one twice is told apart by its turn."""
    before, after = _items(was), _items(now)
    both = [turn for turn in after if turn in before]
    visits = was.get("next_visit", ""), now.get("next_visit", "")
    named = Difference(
        issue,
        added=tuple(name for name, turn in after if (name, turn) not in before),
        removed=tuple(name for name, turn in before if (name, turn) not in after),
        changed=tuple(
            Changed(turn[0], *_told(before[turn], after[turn])) for turn in both if before[turn] != after[turn]
        ),
        reordered=both != [turn for turn in before if turn in after],
        next_visit=visits if visits[0] != visits[1] else None,
        elsewhere=False,
    )
    return replace(named, elsewhere=named.nothing and _said(was) != _said(now))


def _items(snapshot: Mapping[str, Any]) -> dict[tuple[str, int], tuple[str, str]]:
    """Return the words and the phase of each exercise in order, by its name and how often that came before."""
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for phase in snapshot.get("phases", ()):
        for item in phase["items"]:
            turn = sum(name == item["name"] for name, _ in found)
            found[item["name"], turn] = _words(item), phase["name"]
    return found


def _words(item: Mapping[str, Any]) -> str:
    note = f" “{item['note']}”" if item["note"] else ""
    return f"{', '.join(item['dose_chips'])}{note}"


def _told(was: tuple[str, str], now: tuple[str, str]) -> Iterable[str]:
    """Return what an exercise was and is in words; the phase where that changed."""
    return [words if was[1] == now[1] else f"{words}, in {phase}" for words, phase in (was, now)]


def _said(part: Any) -> Any:
    """Return what a snapshot tells the patient; what says nothing is left out, as older ones hadn't all of it."""
    if isinstance(part, Mapping):
        left_out = ABOUT_THE_SHEET | ITS_LOOK | SAID_IN_THE_DOSE | ABOUT_ITS_MAKER
        return {name: _said(value) for name, value in part.items() if value and name not in left_out}
    return [_said(one) for one in part] if isinstance(part, list | tuple) else part
