"""How each field of a form reads while it is typed: a note per field that says what is too hard, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from exercises import readability, wording
from exercises.word_forms import twin

# The sentences that end in these words, in the languages that are measured.
FRAMES = {
    "stop_if": {"en": "Stop if {}.", "es": "Pare si {}."},
    "stops": {"en": "Stop and call if {}.", "es": "Pare y llame si {}."},
    "emergency": {"en": "Get help if {}.", "es": "Busque ayuda si {}."},
    "patient_name": {"en": "It may come from {}.", "es": "Puede venir de {}."},
}


@dataclass(frozen=True, slots=True)
class Note:
    """What is said beside a field. `kind` is "fine", "hard" or "wrong"."""

    field: str
    words: str
    kind: str = "fine"


def sentences(field: str, code: str, typed: object) -> list[str]:
    """Return what was typed in a field as the sentences that a patient reads."""
    lines = typed if isinstance(typed, list) else [typed]
    frame = FRAMES.get(field, {}).get(code, "{}")
    filled = [wording.line_for(str(line), "left", code) for line in lines if line]
    return [frame.format(line.rstrip(".")) if frame != "{}" else line for line in filled]


def level(code: str, said: Sequence[str]) -> tuple[str, bool]:
    """Return how sentences read, in words, and whether that is too hard; “” where it isn't measured."""
    if not said or code not in readability.MEASURED:
        return "", False
    found = readability.level(code, said)
    named = f" Hardest: “{readability.hardest(code, said)}”" if found.hard else ""
    return f"{found.verdict}{named}", found.hard


def notes(fields: Iterable[tuple[str, str, str]], typed: Mapping[str, object]) -> Iterator[Note]:
    """Yield a note for each field that holds words; `fields` are name, English name and language of each."""
    for name, field, code in fields:
        said = sentences(field, code, typed.get(name))
        words, hard = level(code, said)
        counted = _counted(name, field, typed)
        if words or counted:
            yield Note(name, " ".join(filter(None, (words, counted))), "hard" if hard else "fine")


def whole(code: str, fields: Iterable[str], typed: Mapping[str, object]) -> Note:
    """Return how all of a text reads together."""
    said = [line for field in fields for line in sentences(field, code, typed.get(twin(code, field)))]
    words, hard = level(code, said)
    return Note(code, words, "hard" if hard else "fine")


def _counted(name: str, field: str, typed: Mapping[str, object]) -> str:
    """Return how many lines a list has, and the English one beside it, where they differ."""
    mine, code = typed.get(name), name.partition("__")[0] if "__" in name else "en"
    if not isinstance(mine, list) or not mine:
        return ""
    english = typed.get(field if field in typed else twin("en", field))
    lines = f"{len(mine)} line{'s' if len(mine) != 1 else ''}"
    if code != "en" and isinstance(english, list) and len(english) != len(mine):
        return f"{lines}; English has {len(english)}."
    return f"{lines}."
