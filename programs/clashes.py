"""Two people in one program: whose edit stands against whose, and nothing of either lost.

A page says which version of the program it showed. Edits that came since are in the program's history, so what an
item was then is known, and two edits of different fields of it are both kept. Where both changed the same thing the
second person sees both and chooses.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from exercises.vocabulary import STAGES
from programs import arranging, typed_dose
from programs.bench import Bench
from programs.history import Entry
from programs.rows import ItemRow


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a posted form; `saved` is the program's version that the doses typed into it were saved as."""

    form: QueryDict
    saved: int | None = None

    def get(self, name: str) -> str:
        """Return a field without the one character that no database keeps, or “”."""
        return self.form.get(name, "").replace("\0", "")

    def all(self, name: str) -> list[str]:
        return self.form.getlist(name)

    def number(self, name: str) -> int | None:
        text = self.form.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 18 else None

    def fields(self, pattern: str) -> dict[str, str]:
        """Return the dose fields named so, “bulk-{}”, by their full names."""
        names = (pattern.format(label) for label in typed_dose.LABELS)
        return {name: self.get(name) for name in names if name in self.form}

    @property
    def version(self) -> int | None:
        """The program's version that the page showed."""
        return self.number("version")


@dataclass(frozen=True, slots=True)
class Both:
    """One field that two people wrote: its label, what is there now, what was typed, and the input's name."""

    label: str
    theirs: str
    mine: str
    input: str
    mine_value: str
    theirs_value: str


class Clash(Exception):
    """Somebody else's edit stands against this one; nothing was written.

    `do` sends it once more, `both` is what the page offers to choose from, `kept` what was typed besides.
    """

    def __init__(self, sentence: str, do: str, *, both: Sequence[Both] = (), again: str = "", kept: Any = ()) -> None:
        super().__init__(sentence)
        self.do, self.both, self.again, self.kept = do, tuple(both), again, tuple(kept)


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What came after a version: each touched item as it was then, and who did it."""

    was: Mapping[int, ItemRow | None]
    by: Mapping[int, str]


def meanwhile(bench: Bench, sent: Sent) -> Meanwhile:
    """Return what was edited in the active stage since the version of the program that the page showed."""
    was: dict[int, ItemRow | None] = {}
    by: dict[int, str] = {}
    version, past = sent.version, bench.history
    if version is None or version >= bench.program.version:
        return Meanwhile(was, by)
    undone = [(entry, entry.now) for entry in past.undone_since(version)]
    for entry, then in [*undone, *((entry, entry.was) for entry in past.since(version))]:
        if entry.stage == bench.stage and entry.version != sent.saved:
            for key, row in then.items():
                was.setdefault(key, row)
                by[key] = entry.by
    return Meanwhile(was, by)


def why_gone(bench: Bench, key: int) -> str:
    """Return the sentence for an item that isn't in the stage, or not any more."""
    if elsewhere := _elsewhere(bench, key):
        return f"{elsewhere} Nothing was changed."
    for entry in reversed(bench.history.since(0)):
        was = entry.was.get(key)
        if was and entry.now.get(key) is None:
            name = bench.catalog.exercise(was.exercise).name
            return f"{entry.by} removed {name} meanwhile. Nothing was changed; undo brings it back."
    return "That exercise isn't in the program any more. Nothing was changed."


def check_untouched(bench: Bench, items: Collection[ItemRow], sent: Sent, do: str, verb: str) -> None:
    """Raise Clash if somebody else changed some of these items since the page was shown."""
    found = meanwhile(bench, sent)
    then = [(row, found.was.get(row.key)) for row in items]
    told = {row.key: said for row, was in then if was and (said := _changed(bench, was, row, found.by[row.key]))}
    if told:
        names = " and ".join(bench.catalog.exercise(row.exercise).name for row in items if row.key in told)
        kept = [("chosen", text) for text in sent.all("chosen")] + list(sent.fields("bulk-{}").items())
        raise Clash(" ".join(told.values()), do, again=f"{verb.capitalize()} {names} all the same", kept=kept)


def check_seen(bench: Bench, sent: Sent, entry: Entry | None) -> None:
    """Raise Clash if somebody else made or took back that edit since the page was shown: its button named another."""
    version = sent.version
    if entry and version is not None and entry.version > version and entry.by != bench.by.name:
        do = "undo" if entry == bench.history.last else "redo"
        verb = "Undo" if do == "undo" else "Do again"
        sentence = f"{entry.by} edited the program meanwhile. The next to {verb.lower()} is now: {entry.label}."
        raise Clash(sentence, do, again=f"{verb} that all the same")


def check_next_visit(bench: Bench, typed: str, sent: Sent) -> None:
    """Raise Clash if somebody else wrote another next visit since the page was shown."""
    version, there = sent.version, bench.program.next_visit
    if version is None or there == typed:
        return
    for entry in reversed(bench.history.since(version)):
        if "next_visit" in entry.fields and entry.by != bench.by.name and entry.version != sent.saved:
            both = Both("Next visit", there or "none", typed or "none", "next_visit", typed, there)
            raise Clash(f"{entry.by} changed the next visit meanwhile.", "next-visit", both=[both])


def _changed(bench: Bench, was: ItemRow, now: ItemRow, by: str) -> str:
    """Return what somebody else made of an item as a sentence, or nothing."""
    name, before = (bench.catalog.exercise(row.exercise).name for row in (now, was))
    if now.exercise != was.exercise:
        return f"{by} put {name} in place of {before} meanwhile."
    fields = [field for field in typed_dose.LABELS if getattr(was, field) != getattr(now, field)]
    told = ", ".join(typed_dose.words(now, field) for field in fields)
    return f"{by} changed {name} meanwhile: {told}." if told else ""


@dataclass(slots=True)
class _Typed:
    """What a form says of the items' doses: what can be written, what is for items that are gone, what clashes."""

    fine: list[tuple[ItemRow, dict[str, Any]]] = field(default_factory=list)
    gone: list[tuple[ItemRow, dict[str, Any]]] = field(default_factory=list)
    against: list[tuple[ItemRow, str, Any]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def typed(bench: Bench, sent: Sent) -> list[tuple[ItemRow, dict[str, Any]]]:
    """Return each item with the values that were typed for it and differ from what the page showed.

    Raises typed_dose.Impossible; Clash when the same field was changed by somebody else, or the item is gone.
    """
    found, all_typed = meanwhile(bench, sent), _Typed()
    for key in _keys(sent):
        row = arranging.find(bench.rows, key)
        known = _as_shown(bench, key, sent, found)
        shown = known or row or found.was.get(key)
        if shown is None:
            all_typed.unknown.append(why_gone(bench, key))
            continue
        values = typed_dose.read(sent.form, f"{{}}-{key}", bench.catalog.exercise(shown.exercise))
        mine = {name: value for name, value in values.items() if value != getattr(shown, name)}
        if row and row.exercise == shown.exercise:
            against = [
                name for name in mine if not known or getattr(row, name) not in {getattr(shown, name), mine[name]}
            ]
            all_typed.against += [(row, name, mine[name]) for name in against]
            all_typed.fine.append((row, {name: value for name, value in mine.items() if name not in against}))
        elif mine:
            all_typed.gone.append((shown, mine))
    if all_typed.gone or all_typed.against or all_typed.unknown:
        raise _clash(bench, all_typed)
    return all_typed.fine


def _clash(bench: Bench, typed: _Typed) -> Clash:
    """Return the clash that tells all that stands against what was typed, and keeps all of it."""
    kept = [(f"{name}-{row.key}", _text(value)) for row, mine in typed.fine for name, value in mine.items()]
    both = [_both(bench, row, name, mine) for row, name, mine in typed.against]
    said = [*typed.unknown, *(_gone(bench, shown, mine) for shown, mine in typed.gone)]
    if both:
        who = {_last_editor(bench, row.key) for row, _, _ in typed.against}
        names = dict.fromkeys(bench.catalog.exercise(row.exercise).name for row, _, _ in typed.against)
        said.append(f"{' and '.join(sorted(who))} changed {' and '.join(names)} while you did. Choose what holds.")
    do, again = "dose", "Save what I chose" if both else "Save the rest" if kept else ""
    missing = [(shown, mine) for shown, mine in typed.gone if not _elsewhere(bench, shown.key)]
    if missing:
        shown, mine = missing[0]
        do, again = f"add-back:{shown.exercise}", f"Add {bench.catalog.exercise(shown.exercise).name} with what I typed"
        kept += [(f"{name}-new", _text(value)) for name, value in mine.items()]
    return Clash(" ".join(said), do, both=both, again=again, kept=kept)


def _gone(bench: Bench, shown: ItemRow, mine: Mapping[str, Any]) -> str:
    """Return what became of an item that was typed on, and what was typed."""
    name = bench.catalog.exercise(shown.exercise).name
    row = arranging.find(bench.rows, shown.key)
    became = f"put {bench.catalog.exercise(row.exercise).name} in its place" if row else "removed it"
    meant = replace(shown, **mine)
    told = ", ".join(typed_dose.words(meant, field) for field in mine)
    why = _elsewhere(bench, shown.key) or f"{_last_editor(bench, shown.key)} {became} while you changed {name}."
    return f"{why} You typed: {told}."


def _elsewhere(bench: Bench, key: int) -> str:
    """Return that an item is in another stage than the active one, or nothing."""
    labels = {slug: label.lower() for slug, label in STAGES}
    for slug, rows in bench.rows_by_stage.items():
        row = arranging.find(rows, key)
        if row and slug != bench.stage:
            return (
                f"{bench.catalog.exercise(row.exercise).name} is in {labels[slug]}; now shown is {labels[bench.stage]}."
            )
    return ""


def _as_shown(bench: Bench, key: int, sent: Sent, found: Meanwhile) -> ItemRow | None:
    """Return the item as it was typed on, in the version that the form names if it does; None when it isn't known."""
    version = sent.number(f"v-{key}")
    if version is None:
        return found.was.get(key) or arranging.find(bench.rows, key)
    now = [row for rows in bench.rows_by_stage.values() for row in rows if row.key == key]
    entries = [*bench.history.since(0), *bench.history.ahead]
    then = [row for entry in entries for row in (entry.was.get(key), entry.now.get(key)) if row]
    return next((row for row in (*now, *then) if row.version == version), None)


def _last_editor(bench: Bench, key: int) -> str:
    """Return who touched an item last, as far as the history says."""
    entries = [entry for entry in (*bench.history.since(0), *bench.history.ahead) if key in entry.was]
    return max(entries, key=lambda entry: entry.version).by if entries else "Somebody"


def _both(bench: Bench, row: ItemRow, name: str, mine: Any) -> Both:
    return Both(
        label=f"{bench.catalog.exercise(row.exercise).name}: {typed_dose.LABELS[name]}",
        theirs=typed_dose.words(row, name),
        mine=typed_dose.words(replace(row, **{name: mine}), name),
        input=f"{name}-{row.key}",
        mine_value=_text(mine),
        theirs_value=_text(getattr(row, name)),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _keys(sent: Sent) -> list[int]:
    """Return the items that fields were sent for, in the order of the form."""
    found: dict[int, None] = {}
    for name in sent.form:
        label, _, key = name.rpartition("-")
        if label in typed_dose.LABELS and key.isdecimal() and len(key) < 18:
            found[int(key)] = None
    return list(found)
