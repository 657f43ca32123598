"""What two versions of a catalog row say differently, field by field, in words for a person. Asks no database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.core.exceptions import FieldDoesNotExist

from exercises import languages, vocabulary
from exercises.models import ExerciseText
from exercises.row_values import KINDS, Kind
from exercises.syncing import Values

WORDS = {
    **dict(vocabulary.STAGES),
    **dict(vocabulary.MUSCLE_STATES),
    **dict(vocabulary.STATUSES),
    **dict(vocabulary.CAUTIONS),
    "texts": "Patient text",
    "pictures": "Pictures in words",
    "items": "Exercises",
    "status": "Status",
    "uploads": "Uploaded pictures",
}
PROSE = {"texts", "translations", "pose"}  # whose lines are words or numbers, never another row's slug
TITLES = ("name", "title", "question", "claim", "text")
PART = " · "
ENOUGH_OF_A_DIGEST = 8
ALIKE = 0.5  # lines that share less are shown as one gone and one new


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line; `mark` is “ins”, “del” or nothing."""

    text: str
    mark: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field, or one part of it, that differs: its name, its name in words, and the lines that do."""

    name: str
    label: str
    lines: tuple[Line, ...]

    @property
    def field(self) -> str:
        """The field’s name alone, of whichever part."""
        return self.label.partition(PART)[0]

    def __str__(self) -> str:
        """The change in one plain sentence: “Sets: 1 → 2”."""
        before = "; ".join(_said(line, "ins") for line in self.lines if _said(line, "ins"))
        after = "; ".join(_said(line, "del") for line in self.lines if _said(line, "del"))
        return f"{self.label}: {before or 'nothing'} → {after or 'nothing'}"


def difference(kind: str, before: Values, after: Values) -> list[Change]:
    """Return what changed from one version of such a row to another, sorted by the fields' order in the model.

    A field that only one of them knows counts as empty in the other.
    """
    known = KINDS[kind]
    meta = known.model._meta
    fields = {field.name: at for at, field in enumerate([*meta.concrete_fields, *meta.many_to_many])}
    fields["pose"] = len(fields) + 1  # of its many numbers after all that is read
    names = sorted({*before, *after}, key=lambda name: (fields.get(name, len(fields)), name))
    changes = []
    for name in names:
        if before.get(name) == after.get(name):
            continue
        olds, news = (dict(_parts(known, name, values.get(name))) for values in (before, after))
        for label in dict.fromkeys([*olds, *news]):
            lines = _changed_lines(olds.get(label, []), news.get(label, []))
            if lines:
                changes.append(Change(name, label, tuple(lines)))
    return changes


def title_of(values: Values) -> str:
    """Return what a row is called, by its values alone."""
    if "tight" in values:
        return f"{_named(values['tight'])} → {_named(values['weak'])}"
    return next((str(values[name]) for name in TITLES if values.get(name)), "")


def _parts(kind: Kind, name: str, value: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield each part of a field with its lines: the whole of it, or one for each key of a mapping."""
    choices = _choices(kind, name)
    by_slug = name in kind.links and name not in PROSE
    if name == "uploads":
        value = {frame: f"picture {digest[:ENOUGH_OF_A_DIGEST]}" for frame, digest in (value or {}).items()}

    def of(label: str, value: Any) -> Iterator[tuple[str, list[str]]]:
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                yield from of(f"{label}{PART}{_key(key)}", inner)
        else:
            rows = value if isinstance(value, list) and not _of_numbers(value) else [value]
            lines = [str(choices.get(row, _line(row, by_slug=by_slug))) for row in rows] if choices else None
            yield label, [line for line in lines or [_line(row, by_slug=by_slug) for row in rows] if line]

    yield from of(_label(kind, name), value)


def _label(kind: Kind, name: str) -> str:
    if name in WORDS:
        return WORDS[name]
    try:
        words = getattr(kind.model._meta.get_field(name), "verbose_name", name)
    except FieldDoesNotExist:
        words = name
    return _capital(str(words).replace("_", " "))


def _key(key: str) -> str:
    """Return the name of a mapping's key: a language, a field of the patient text, a stage, a slug."""
    if key in languages.known():
        return languages.known()[key].name
    if key in WORDS:
        return WORDS[key]
    text_fields = {field.name: field for field in ExerciseText._meta.concrete_fields}
    return _capital(str(text_fields[key].verbose_name) if key in text_fields else _named(key))


def _choices(kind: Kind, name: str) -> dict[Any, str]:
    if name in kind.links:
        return {}
    field = kind.model._meta.get_field(name)
    return dict(getattr(field, "flatchoices", ()) or ())


def _line(value: Any, *, by_slug: bool = False) -> str:
    """Return one value as a line of words."""
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{_named(key)}: {_line(inner)}" for key, inner in value.items() if _line(inner))
    if isinstance(value, list):
        return ", ".join(_line(inner) for inner in value)
    return _item(str(value)) if by_slug else str(value)


def _of_numbers(values: list[Any]) -> bool:
    """Whether a list is one thing, such as a place in space."""
    return any(isinstance(value, int | float) for value in values)


def _item(word: str) -> str:
    """Return a linked row's slug as words; an item of a protocol may take a preference."""
    slug, _, preference = word.partition("@")
    return f"{_named(slug)} (only with {preference})" if preference else _named(slug)


def _named(slug: Any) -> str:
    return str(slug).replace("_", " ").replace("-", " ")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _changed_lines(before: list[str], after: list[str]) -> list[Line]:
    """Return the lines that are gone, new, or worded otherwise."""
    lines: list[Line] = []
    for how, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            continue
        olds, news = before[i:i_end], after[j:j_end]
        pairs = min(len(olds), len(news))
        for old, new in zip(olds, news, strict=False):
            lines += _reworded(old, new)
        lines += [(Piece(old, "del"),) for old in olds[pairs:]] + [(Piece(new, "ins"),) for new in news[pairs:]]
    return lines


def _reworded(before: str, after: str) -> list[Line]:
    """Return one line with its words marked, or two where too little stayed."""
    old, new = (re.findall(r"\s+|[^\s]+", line) for line in (before, after))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if len(old) == len(new) == 1:
        return [(Piece(before, "del"), Piece(" "), Piece(after, "ins"))]
    if matcher.ratio() < ALIKE:
        return [(Piece(before, "del"),), (Piece(after, "ins"),)]
    pieces: list[Piece] = []
    for how, i, i_end, j, j_end in matcher.get_opcodes():
        if how == "equal":
            pieces.append(Piece("".join(old[i:i_end])))
            continue
        gone, come = "".join(old[i:i_end]), "".join(new[j:j_end])
        pieces += [Piece(gone, "del")] if gone else []
        pieces += [Piece(" ")] if gone and come else []
        pieces += [Piece(come, "ins")] if come else []
    return [tuple(pieces)]


def _said(line: Line, without: str) -> str:
    return " ".join("".join(piece.text for piece in line if piece.mark != without).split())
