"""The fixes of the checks, carried out: what `checks.mending.apply` foresees, `builder` writes."""

import datetime

from django.db import transaction

from clinics.models import User
from exercises.models import Exercise
from programs import builder, checking, issuing
from programs.checks.facts import Fix, Verdict
from programs.models import Program, Stage


class NoSuchFix(Exception):
    """The program isn't any more what the fix was offered for; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The program changed since that was offered. Here is what the checks say now.")


@transaction.atomic
def carry_out_offered(program: Program, word: str, *, by: User, at: datetime.datetime) -> Fix:
    """Carry out the fix that the page named, if it is offered now, and return it.

    `word` is the verdict's key and the fix's number, joined by “#”. Raises NoSuchFix, and builder.CannotEdit.
    """
    locked = Program.objects.select_for_update().get(pk=program.pk)  # a second click waits, and finds it done
    key, _, number = word.rpartition("#")
    items, assessment = issuing.active_items(locked), issuing.current_assessment(locked)
    fix = chosen(
        checking.verdicts_on(locked, items, assessment, by=by, at=at),
        key,
        int(number) if number.isdecimal() and len(number) < 3 else -1,
    )
    carry_out(locked, fix, by=by)
    return fix


def chosen(verdicts: list[Verdict], key: str, number: int) -> Fix:
    """Return the fix with that number of the verdict with that key, or raise NoSuchFix."""
    for verdict in verdicts:
        if verdict.key == key and 0 <= number < len(verdict.fixes):
            return verdict.fixes[number]
    raise NoSuchFix


def carry_out(program: Program, fix: Fix, *, by: User) -> None:
    """Change the active stage as the fix says. Raises NoSuchFix, and builder.CannotEdit."""
    stage = Stage.objects.get(program=program, slug=program.stage_slug)
    if fix.action == "add":
        builder.add(stage, _exercise(fix), by=by)
        return
    if fix.action == "sort" and fix.phase:
        builder.sort(stage, fix.phase, by=by)
        return
    items = stage.items.select_related("exercise", "stage__program__patient")
    item = items.filter(pk=fix.item or 0).first()
    if item is None:
        raise NoSuchFix
    if fix.action == "place" and fix.phase:
        builder.place(item, fix.phase, by=by)
    elif fix.action == "replace":
        builder.replace(item, _exercise(fix), by=by)
    elif fix.action == "remove":
        builder.remove(item, by=by)
    elif fix.action == "side":
        builder.set_side(item, fix.side, by=by)
    else:
        builder.reset_dose(item, by=by)


def _exercise(fix: Fix) -> Exercise:
    return Exercise.objects.get(slug=fix.exercise)
