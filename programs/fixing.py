"""The fixes of the checks, carried out: what `checks.mending.apply` foresees, `builder` writes."""

import datetime

from programs import arranging, builder, checking, checks, clashes, rows
from programs.bench import Bench
from programs.builder import Change
from programs.checks.facts import Fix, StageFacts
from programs.clashes import Sent


class NoSuchFix(builder.CannotEdit):
    """The program isn't any more what the fix was offered for; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The program changed since that was offered. Here is what the checks say now.")


def change_for(bench: Bench, word: str, sent: Sent, *, at: datetime.datetime) -> Change:
    """Return what the fix that the page named makes of the stage, if it is offered now.

    `word` is the verdict's key and the fix's name, joined by “#”. Raises NoSuchFix, and Clash when somebody else
    changed the item meanwhile.
    """
    key, _, name = word.rpartition("#")
    fix = offered(checking.facts_of(bench, at=at), key, name)
    row = arranging.find(bench.rows, fix.item or 0)
    if row:
        clashes.check_untouched(bench, [row], sent, f"fix:{word}", "change")
    return Change(fix.label, "fix", carried_out(bench, fix), detail={"fix": fix.action, "exercise": fix.exercise})


def offered(stage: StageFacts, key: str, name: str) -> Fix:
    """Return the fix with that name of the verdict with that key, or raise NoSuchFix."""
    found = checks.find(stage)
    for verdict in found:
        if verdict.key == key:
            for fix in checks.fixes_for(stage, verdict, found):
                if fix.name == name:
                    return fix
    raise NoSuchFix


def carried_out(bench: Bench, fix: Fix) -> rows.Rows:
    """Return the active stage's rows with the fix carried out. Raises NoSuchFix."""
    catalog, side = bench.catalog, bench.assessed.affected_side
    if fix.action == "add":
        new = rows.new(rows.free_key(bench.rows), catalog.exercises[fix.exercise], side)
        return arranging.land(bench.rows, new, catalog)
    if fix.action == "sort" and fix.phase:
        return arranging.sort_kinds(bench.rows, fix.phase, catalog)
    row = arranging.find(bench.rows, fix.item or 0)
    if row is None:
        raise NoSuchFix
    if fix.action == "place" and fix.phase:
        return arranging.put(bench.rows, rows.placed(row, fix.phase))
    if fix.action == "replace":
        return arranging.swap(bench.rows, rows.replaced(row, catalog.exercises[fix.exercise], side))
    if fix.action == "remove":
        return arranging.without(bench.rows, {row.key})
    values = {"side": fix.side} if fix.action == "side" else rows.usual_dose(catalog.exercise(row.exercise))
    return arranging.change(bench.rows, row.key, values)
