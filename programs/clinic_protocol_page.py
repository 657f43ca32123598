"""A clinic's protocol as a page to change it: its forms, what was typed beside what is saved. Writes nothing."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from exercises.vocabulary import STAGES, Phase
from programs import retiring
from programs.clinic_protocol_forms import UNITS, DoseForm, WordsForm
from programs.clinic_protocols import Edit
from programs.dose import GIVEN, words_of
from programs.models import ClinicProtocol, ClinicProtocolItem


@dataclass(frozen=True, slots=True)
class Row:
    """An item with its form; `saved` is its dose in words as it is stored, `other` whether something else was typed.

    `instead` could take the place of an exercise that the catalog retired.
    """

    item: ClinicProtocolItem
    form: DoseForm
    first: bool
    last: bool
    saved: str
    other: bool
    instead: str = ""


@dataclass(frozen=True, slots=True)
class EditPage:
    """A protocol's words and its items by stage; `gone` are typed doses of items that aren't in it any more."""

    words: WordsForm
    stages: tuple[tuple[str, tuple[Row, ...]], ...]
    theirs: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]

    @property
    def rows(self) -> list[Row]:
        return [row for _, rows in self.stages for row in rows]

    def is_valid(self) -> bool:
        """Whether all that was sent is right; an item of which nothing was sent stays as it is."""
        sent = [row.form for row in self.rows if row.form.is_bound]
        return all([self.words.is_valid(), *(form.is_valid() for form in sent)])

    def edit(self, move: str) -> Edit:
        """Return what was typed, and the move that a button asks for: “up-7” or “down-7”."""
        sent = [row for row in self.rows if row.form.is_bound]
        to, _, key = move.partition("-")
        return Edit(
            words=self.words.cleaned_data,
            doses={row.item.pk: row.form.dose for row in sent},
            removed={row.item.pk for row in sent if row.form.cleaned_data["remove"]},
            move=next((row.item.pk for row in self.rows if str(row.item.pk) == key), None),
            up=to == "up",
        )


def read(protocol: ClinicProtocol, sent: QueryDict | None = None) -> EditPage:
    """Return the page of a protocol with what was sent in its fields; needs `items__exercise` prefetched."""
    words = WordsForm(sent, instance=copy.copy(protocol))
    items = sorted(protocol.items.all(), key=lambda item: (item.stage, Phase(item.phase).rank, item.position))
    instead = retiring.instead_of((item.exercise for item in items), protocol.clinic_id)
    stages = ((label, [item for item in items if item.stage == slug]) for slug, label in STAGES)
    theirs = tuple((str(words[name].label), _saved(protocol, name)) for name in words.changed_data)
    return EditPage(
        words=words,
        stages=tuple((label, _rows(held, sent, instead)) for label, held in stages),
        theirs=theirs,
        gone=tuple(_gone(sent, {str(item.pk) for item in items})),
    )


def _saved(protocol: ClinicProtocol, name: str) -> str:
    value = getattr(protocol, name)
    return str(value) if name != "shared" else "yes" if value else "no"


def _rows(items: list[ClinicProtocolItem], sent: QueryDict | None, instead: Mapping[str, str]) -> tuple[Row, ...]:
    phases = [item.phase for item in items]
    return tuple(
        _row(item, sent, instead, first=phase not in phases[:index], last=phase not in phases[index + 1 :])
        for index, (item, phase) in enumerate(zip(items, phases, strict=True))
    )


def _row(
    item: ClinicProtocolItem, sent: QueryDict | None, instead: Mapping[str, str], *, first: bool, last: bool
) -> Row:
    prefix = f"item-{item.pk}"
    here = sent if sent is not None and f"{prefix}-name" in sent else None
    saved = " · ".join(words_of(item, item.side))
    form = DoseForm(here, instance=item, prefix=prefix)
    other = bool(set(form.changed_data) & set(GIVEN))
    return Row(item, form, first, last, saved, other, instead.get(item.exercise.slug, ""))


def _gone(sent: QueryDict | None, there: set[str]) -> Iterator[str]:
    """Yield what was typed for items that are no longer in the protocol, in words."""
    for name in sent or {}:
        match = re.fullmatch(r"item-(\d+)-name", name)
        if match and match[1] not in there and sent:
            given = (f"{unit}: {sent.get(f'item-{match[1]}-{field}', '')}" for field, unit in UNITS.items())
            yield f"{sent[name]}: {', '.join(words for words in given if not words.endswith(': '))}"
