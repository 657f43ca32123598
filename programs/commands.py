"""What can be done to a program in the builder: each verb reads what was sent and says how the rows change.

`do` names the verb and what it is done to, “up:17” or “add:clamshell”; the rest of a form is in `sent`.
"""

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from exercises.facts import ExerciseFacts
from exercises.vocabulary import STAGES, Phase
from programs import arranging, builder, checking, checks, clashes, favourites, fixing, rows, typed_dose
from programs.bench import Bench
from programs.builder import CannotEdit, Change
from programs.clashes import Sent
from programs.rows import ItemRow

SHORTEST_REASON = 10
LONGEST_VISIT = 120
LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Done:
    """The bench after an edit, what to say of it, the item to look at, and a choice about keys of one letter.

    `changed` says whether the program was written, and so whether the log has a row of it.
    """

    bench: Bench
    said: str
    focus: int | None = None
    single_keys: bool | None = None
    changed: bool = False


def with_typed_doses(bench: Bench, do: str, sent: Sent, *, at: datetime.datetime) -> Sent:
    """Save the doses that a whole form carries besides what its button does, so that nothing typed is lost.

    Raises as `carry_out` does.
    """
    if do.partition(":")[0] in {"undo", "redo", "dose"}:
        return sent
    after = builder.write(bench, _dose(bench, "", sent, at), at=at)
    return replace(sent, saved=after.program.version) if after is not bench else sent


def carry_out(bench: Bench, do: str, sent: Sent, *, at: datetime.datetime) -> Done:
    """Carry out one edit on a locked program.

    Raises CannotEdit, typed_dose.Impossible, and clashes.Clash when somebody else's edit stands against it.
    """
    name = sent.get("key")[:LONGEST_KEY]
    if name and name in bench.history.sent:
        return Done(bench, "")
    verb, _, about = do.partition(":")
    if verb in {"undo", "redo"}:
        clashes.check_seen(bench, sent, bench.history.last if verb == "undo" else bench.history.next)
        step = builder.undo if verb == "undo" else builder.redo
        after, label = step(bench, at=at, sent=name)
        said = f"{'Undone' if verb == 'undo' else 'Done again'}: {label}."
        return Done(after, said, _touched(bench, after), changed=True)
    if verb == "keys":
        return Done(bench, "", single_keys=about != "off")
    if verb in {"star", "unstar"}:
        exercise = _published(bench, about)
        favourites.star(bench.by, bench.catalog.pks[about], on=verb == "star")
        return Done(bench, f"{exercise.name} is {'now' if verb == 'star' else 'no longer'} a favourite.")
    if verb not in VERBS:
        raise CannotEdit("The page asked for something that isn't known here. Nothing was changed.")
    change = VERBS[verb](bench, about, sent, at)
    after = builder.write(bench, change, at=at, sent=name)
    changed = after is not bench
    said = f"{change.label}." if changed else "Nothing changed."
    return Done(after, said, change.detail.get("item") or _touched(bench, after), changed=changed)


def _touched(before: Bench, after: Bench) -> int | None:
    """Return the key of the first item that is new or changed, else of the one that stands where an item went."""
    old = {row.key: row for row in before.rows}
    left = {row.key for row in after.rows}
    changed = (row.key for row in after.rows if old.get(row.key) != row)
    gone = (place for place, row in enumerate(before.rows) if row.key not in left)
    behind = (after.rows[min(place, len(after.rows) - 1)].key for place in gone if after.rows)
    return next(changed, None) or next(behind, None)


def _add(bench: Bench, slug: str, sent: Sent, at: datetime.datetime) -> Change:
    """Add an exercise where it belongs, or where it was dropped."""
    exercise = _published(bench, slug)
    row = rows.new(rows.free_key(bench.rows), exercise, bench.assessed.affected_side)
    phase = sent.get("phase")
    if phase in set(Phase):
        row = replace(row, phase=Phase(phase))
        after = arranging.put(bench.rows, row, before=sent.number("before"))
    else:
        after = arranging.land(bench.rows, row, bench.catalog)
    return Change(f"{exercise.name} added to {row.phase.label}", "add item", after, detail={"exercise": slug})


def _add_back(bench: Bench, slug: str, sent: Sent, at: datetime.datetime) -> Change:
    """Add an exercise that somebody else took out, with the dose that was typed for it."""
    exercise = _published(bench, slug)
    values = typed_dose.read(sent.form, "{}-new", exercise)
    row = replace(rows.new(rows.free_key(bench.rows), exercise, bench.assessed.affected_side), **values)
    after = arranging.land(bench.rows, row, bench.catalog)
    return Change(f"{exercise.name} added again", "add item", after, detail={"exercise": slug})


def _up(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    return _shift(bench, key, up=True)


def _down(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    return _shift(bench, key, up=False)


def _shift(bench: Bench, key: str, *, up: bool) -> Change:
    row = _row(bench, key)
    after = arranging.shift(bench.rows, row.key, up=up)
    label = f"{_name(bench, row)} moved {'up' if up else 'down'}{_place(after, row.key)}"
    return Change(label, "move item", after, detail={"item": row.key})


def _put(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    """Put an item where it was dropped, or at the end of the chosen phase; in another phase it is an override."""
    row = _row(bench, key)
    phase = sent.get("phase") or sent.get(f"phase-{row.key}")
    if phase not in set(Phase):
        raise CannotEdit("Choose a phase first.")
    moved = rows.placed(row, Phase(phase))
    after = arranging.put(bench.rows, moved, before=sent.number("before"))
    label = f"{_name(bench, row)} moved to {moved.phase.label}{_place(after, row.key)}"
    return Change(label, "place item", after, detail={"item": row.key, "phase": phase})


def _place(after: rows.Rows, key: int) -> str:
    """Return where an item stands, in words that follow a verb."""
    keys = [row.key for row in after]
    return f", now {keys.index(key) + 1} of {len(keys)}"


def _remove(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    return _take_out(bench, [_row(bench, key)], sent, f"remove:{key}")


def _remove_chosen(bench: Bench, _: str, sent: Sent, at: datetime.datetime) -> Change:
    return _take_out(bench, _chosen(bench, sent), sent, "remove-chosen")


def _take_out(bench: Bench, gone: Collection[ItemRow], sent: Sent, do: str) -> Change:
    clashes.check_untouched(bench, gone, sent, do, "remove")
    after = arranging.without(bench.rows, {row.key for row in gone})
    return Change(
        f"{_names(bench, gone)} removed", "remove item", after, detail={"exercises": [row.exercise for row in gone]}
    )


def _duplicate(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    row = _row(bench, key)
    twin = replace(row, key=rows.free_key(bench.rows), version=1)
    here = [other.key for other in bench.rows].index(row.key)
    after = (*bench.rows[: here + 1], twin, *bench.rows[here + 1 :])
    return Change(f"{_name(bench, row)} added once more", "add item", after, detail={"exercise": row.exercise})


def _easier(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    row = _row(bench, key)
    return _exchange(bench, row, bench.catalog.exercise(row.exercise).regression, sent, f"easier:{key}")


def _harder(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    row = _row(bench, key)
    return _exchange(bench, row, bench.catalog.exercise(row.exercise).progression, sent, f"harder:{key}")


def _swap(bench: Bench, about: str, sent: Sent, at: datetime.datetime) -> Change:
    key, _, slug = about.partition(":")
    return _exchange(bench, _row(bench, key), slug, sent, f"swap:{about}")


def _exchange(bench: Bench, row: ItemRow, slug: str, sent: Sent, do: str) -> Change:
    exercise = _published(bench, slug)
    clashes.check_untouched(bench, [row], sent, do, "replace")
    new = rows.replaced(row, exercise, bench.assessed.affected_side)
    label = f"{exercise.name} in place of {_name(bench, row)}"
    detail = {"item": row.key, "exercise": slug}
    return Change(label, "replace item", arranging.swap(bench.rows, new), detail=detail)


def _reset(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    row = _row(bench, key)
    clashes.check_untouched(bench, [row], sent, f"reset:{key}", "reset")
    usual = rows.usual_dose(bench.catalog.exercise(row.exercise))
    after = arranging.change(bench.rows, row.key, usual)
    return Change(f"{_name(bench, row)}: usual dose", "change item", after, detail={"item": row.key})


def _dose(bench: Bench, _: str, sent: Sent, at: datetime.datetime) -> Change:
    """Write what was typed into the dose fields of any items; what wasn't touched there stays as it is."""
    typed = clashes.typed(bench, sent)
    after = bench.rows
    for row, values in typed:
        after = arranging.change(after, row.key, values)
    changed = [(row, values) for row, values in typed if values]
    label = "; ".join(_said(bench, row, values) for row, values in changed) or "Nothing changed"
    detail = {"items": [row.key for row, _ in changed], "fields": sorted({name for _, v in changed for name in v})}
    return Change(label, "change item", after, detail=detail)


def _said(bench: Bench, row: ItemRow, values: Mapping[str, Any]) -> str:
    new = replace(row, **values)
    return f"{_name(bench, row)}: {', '.join(typed_dose.words(new, name) for name in values)}"


def _bulk(bench: Bench, _: str, sent: Sent, at: datetime.datetime) -> Change:
    """Give all chosen items what was typed once; each takes what applies to it."""
    chosen = _chosen(bench, sent)
    clashes.check_untouched(bench, chosen, sent, "bulk", "change")
    fields = {name: text for name, text in sent.fields("bulk-{}").items() if text.strip()}
    if not fields:
        raise CannotEdit("Type a number for the chosen exercises first.")
    after = bench.rows
    for row in chosen:
        values = typed_dose.read(fields, "bulk-{}", bench.catalog.exercise(row.exercise))
        after = arranging.change(after, row.key, values)
    detail = {"items": [row.key for row in chosen], "fields": sorted(fields)}
    return Change(f"Dose of {_names(bench, chosen)} changed", "change item", after, detail=detail)


def _stage(bench: Bench, slug: str, sent: Sent, at: datetime.datetime) -> Change:
    if slug not in dict(STAGES):
        raise CannotEdit("There is no such stage.")
    return Change(f"{dict(STAGES)[slug]} shown", "choose stage", fields={"stage_slug": slug}, detail={"stage": slug})


def _next_visit(bench: Bench, _: str, sent: Sent, at: datetime.datetime) -> Change:
    text = sent.get("next_visit").strip()[:LONGEST_VISIT]
    clashes.check_next_visit(bench, text, sent)
    return Change("Next visit written", "set next visit", fields={"next_visit": text})


def _fix(bench: Bench, about: str, sent: Sent, at: datetime.datetime) -> Change:
    return fixing.change_for(bench, about, sent, at=at)


def _accept(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    """Accept a warning with a typed reason, for as long as the check says the same; it is printed nowhere."""
    found = (row for row in checks.find(checking.facts_of(bench, at=at)) if row.key == key and row.needs_reason)
    verdict = next(found, None)
    if verdict is None:
        raise CannotEdit("The checks don't say that any more, so there is nothing to accept.")
    reason = sent.get(f"reason:{key}").strip()
    if len(reason) < SHORTEST_REASON:
        sentence = f"A reason has at least {SHORTEST_REASON} characters; this one has {len(reason)}."
        raise typed_dose.Impossible({f"reason:{key}": sentence})
    about = arranging.find(bench.rows, verdict.item or 0)
    said = {
        "reason": reason[:500],
        "by": bench.by.signature,
        "sentence": verdict.sentence,
        "exercise": about.exercise if about else "",
    }
    accepted = {**bench.program.accepted, bench.stage: {**bench.program.accepted_now, key: said}}
    return Change("Accepted with your reason", "accept warning", fields={"accepted": accepted}, detail={"rule": key})


def _withdraw(bench: Bench, key: str, sent: Sent, at: datetime.datetime) -> Change:
    here = {name: said for name, said in bench.program.accepted_now.items() if name != key}
    others = {stage: said for stage, said in bench.program.accepted.items() if stage != bench.stage}
    accepted = others | ({bench.stage: here} if here else {})
    return Change("No longer accepted", "withdraw acceptance", fields={"accepted": accepted}, detail={"rule": key})


VERBS: dict[str, Callable[[Bench, str, Sent, datetime.datetime], Change]] = {
    "add": _add,
    "add-back": _add_back,
    "up": _up,
    "down": _down,
    "place": _put,
    "remove": _remove,
    "remove-chosen": _remove_chosen,
    "duplicate": _duplicate,
    "easier": _easier,
    "harder": _harder,
    "swap": _swap,
    "reset": _reset,
    "dose": _dose,
    "bulk": _bulk,
    "stage": _stage,
    "next-visit": _next_visit,
    "fix": _fix,
    "accept": _accept,
    "withdraw": _withdraw,
}


def _row(bench: Bench, key: str) -> ItemRow:
    """Return the item with that key in the active stage, or raise CannotEdit with who took it out."""
    number = int(key) if key.isdecimal() and len(key) < 18 else 0
    row = arranging.find(bench.rows, number)
    if row is None:
        raise CannotEdit(clashes.why_gone(bench, number))
    return row


def _chosen(bench: Bench, sent: Sent) -> list[ItemRow]:
    wanted = set(sent.all("chosen"))
    found = [row for row in bench.rows if str(row.key) in wanted]
    if not found:
        raise CannotEdit("Tick the exercises first.")
    return found


def _published(bench: Bench, slug: str) -> ExerciseFacts:
    exercise = bench.catalog.exercises.get(slug)
    if exercise is None:
        retired = bench.catalog.retired.get(slug)
        if retired:
            raise CannotEdit(f"{retired.name} is retired and can't be added any more.")
        raise CannotEdit("The catalog has no such exercise.")
    return exercise


def _name(bench: Bench, row: ItemRow) -> str:
    return bench.catalog.exercise(row.exercise).name


def _names(bench: Bench, found: Collection[ItemRow]) -> str:
    *others, last = (_name(bench, row) for row in found)
    return f"{', '.join(others)} and {last}" if others else last
