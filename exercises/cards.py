"""Exercises as cards: all that finding, ranking and showing one asks, without the database."""

import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from exercises import pictures, readability
from exercises.facts import ExerciseFacts, Rule
from exercises.models import Equipment, Exercise, ExerciseText, Muscle
from exercises.vocabulary import KINDS, POSITIONS, Phase

POSITION_LABELS = dict(POSITIONS)
KIND_LABELS = dict(KINDS)
MOST_MUSCLES = 3
WORD = re.compile(r"[^\W_]+")
COMPOUND = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)+")

NOTHING_TO_READ = readability.Counts(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Card:
    """A published exercise as the builder lists it.

    `names` are the words of its name in each language, `words` all it is found by, both folded. `equipment` are
    any-of groups. Exercises of one `signature` suit the same patients. `picture` changes when the picture does.
    `reading` is of what an English patient reads.
    """

    pk: int
    slug: str
    name: str
    phase: Phase
    kind: str = "strengthening"
    level: int = 1
    position: str = "supine"
    equipment: tuple[frozenset[str], ...] = ()
    equipment_words: str = ""
    muscles: frozenset[str] = frozenset()
    muscle_words: str = ""
    primary_for: frozenset[str] = frozenset()
    secondary_for: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    picture: str = ""
    moves: bool = False
    signature: Hashable = ()
    reading: readability.Counts = NOTHING_TO_READ

    @property
    def position_label(self) -> str:
        """The position as a heading or a choice: “Lying on the back”."""
        return POSITION_LABELS.get(self.position, self.position)

    @property
    def position_words(self) -> str:
        """The position in the middle of a line: “lying on the back”."""
        return _in_line(self.position_label)


@dataclass(frozen=True, slots=True)
class Named:
    """A muscle or a thing: its name in the middle of a line, and the words it is found by."""

    name: str
    words: tuple[str, ...]


def fold(text: str) -> str:
    """Return text as it is searched for: lower case, without accents."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return "".join(letters).casefold()


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, each once; what is joined by hyphens or apostrophes gives its parts."""
    return tuple(dict.fromkeys(WORD.findall(fold(text))))


def named_muscles(rows: Iterable[Muscle]) -> dict[str, Named]:
    return {
        row.slug: Named(
            _in_line(row.short_name), _all_words(row.name, row.plain, *row.search_words, *_translated(row.translations))
        )
        for row in rows
    }


def named_equipment(rows: Iterable[Equipment]) -> dict[str, Named]:
    """Return each thing under its slug's words, “foam roller”, which are shorter than its name."""
    return {
        row.slug: Named(_spaced(row.slug), _all_words(row.name, *row.search_words, *_translated(row.translations)))
        for row in rows
    }


def card_of(
    row: Exercise, facts: ExerciseFacts, *, muscles: Mapping[str, Named], equipment: Mapping[str, Named]
) -> Card:
    """Return the card of an exercise; needs `with_links` and `texts` prefetched."""
    texts = list(row.texts.all())
    things = [_named(slug, equipment) for group in row.equipment for slug in group]
    worked = [_named(slug, muscles) for slug in sorted(facts.releases | facts.strengthens)]
    names = _all_words(row.name, *(text.name for text in texts))
    labels = (facts.phase.label, KIND_LABELS.get(row.kind, ""), POSITION_LABELS.get(row.position, ""))
    others = chain(row.other_names, *(text.other_names for text in texts))
    slugs = (slug.replace("_", "-") for slug in (row.kind, row.position, *row.nerves))
    return Card(
        pk=row.pk,
        slug=row.slug,
        name=row.name,
        phase=facts.phase,
        kind=row.kind,
        level=row.level,
        position=row.position,
        equipment=facts.equipment,
        equipment_words=", ".join(
            " or ".join(_named(slug, equipment).name for slug in group) for group in row.equipment
        ),
        muscles=facts.releases | facts.strengthens,
        muscle_words=_muscle_words(row, facts, muscles),
        primary_for=facts.primary_for,
        secondary_for=facts.secondary_for,
        names=names,
        words=_once(names, _all_words(*others, *labels, *slugs), *(named.words for named in (*worked, *things))),
        picture=pictures.version(row),
        moves=pictures.moves(row),
        signature=signature(facts),
        reading=_reading(texts),
    )


def _reading(texts: Iterable[ExerciseText]) -> readability.Counts:
    english = (text for text in texts if text.language == "en")
    lines = (line for text in english for line in (*text.steps, text.feel, text.stop_if, *text.mistakes))
    return readability.counts(line for line in lines if line)


def signature(facts: ExerciseFacts) -> Hashable:
    """Return all that decides whether an exercise suits a patient: what `programs.checks.suitability` asks of it."""
    return (
        facts.kind,
        facts.level,
        facts.laterality,
        facts.bed_ok,
        tuple(sorted(tuple(sorted(group)) for group in facts.equipment)),
        facts.spinal_loading,
        tuple(sorted(facts.attributes)),
        _by_slug(facts.driver_overrides),
        _by_slug(facts.precaution_overrides),
    )


def _by_slug(rules: Mapping[str, Rule]) -> tuple[tuple[str, Rule], ...]:
    return tuple((slug, rules[slug]) for slug in sorted(rules))


def _muscle_words(row: Exercise, facts: ExerciseFacts, muscles: Mapping[str, Named]) -> str:
    """Return what it lets go of in the phase release, else what it strengthens; the other when there is none."""
    released, strengthened = list(row.releases.all()), list(row.strengthens.all())
    shown = released or strengthened if facts.phase is Phase.RELEASE else strengthened or released
    return ", ".join(_named(muscle.slug, muscles).name for muscle in shown[:MOST_MUSCLES])


def _named(slug: str, names: Mapping[str, Named]) -> Named:
    """Return what is known under a slug; an editor may name a thing that isn't there."""
    return names.get(slug) or Named(_spaced(slug), words_of(_spaced(slug)))


def _translated(translations: Mapping[str, Mapping[str, object]]) -> Iterable[str]:
    """Yield the words in other languages; an editor may have left any of them out."""
    for said in translations.values():
        yield from (text for text in (said.get("name"), said.get("plain")) if isinstance(text, str))
        search = said.get("search")
        yield from (text for text in (search if isinstance(search, list) else ()) if isinstance(text, str))


def _all_words(*texts: str) -> tuple[str, ...]:
    """Return the words of all texts, and what people write in one: “push-up” is found as “pushup” too."""
    compounds = (COMPOUND.findall(fold(text)) for text in texts)
    joined = ("".join(WORD.findall(compound)) for found in compounds for compound in found)
    return _once(*map(words_of, texts), joined)


def _once(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain(*groups)))


def _spaced(slug: str) -> str:
    return slug.replace("_", " ").replace("-", " ")


def _in_line(label: str) -> str:
    return label[:1].lower() + label[1:]
