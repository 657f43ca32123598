"""Finds exercises as one types, counts what each filter would leave, and puts the fitting ones first.

Made once per edition of the catalog, without the database. A set of exercises is an int, a bit for each, numbered
by level and name; so the work hardly grows with the catalog.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate, islice
from operator import and_, or_
from typing import TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from exercises.cards import Card, fold, words_of
from exercises.vocabulary import POSITIONS, Phase

K = TypeVar("K", bound=Hashable)

LONGEST_TEXT = 100
SHORTEST_INSIDE = 3  # shorter words are found at the beginning of a word alone
NOTHING_NEEDED = "none"


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for; “” is any. `equipment` also knows “none”, for exercises that need nothing."""

    text: str = ""
    phase: str = ""
    position: str = ""
    equipment: str = ""
    muscle: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """The exercises found, as a mask, and in tiers from the best match to the loosest.

    The tiers: all words in the name, all words somewhere, and the same two with typing errors. A word is taken for
    a typing error only when nothing holds it, so either the first two are empty or the last two. `facets` says for
    phase, position, equipment and muscle how many each option finds with the text and the other filters.
    """

    mask: int
    tiers: tuple[int, int, int, int]
    facets: Mapping[str, Mapping[str, int]]

    def __len__(self) -> int:
        return self.mask.bit_count()

    @property
    def mistyped(self) -> bool:
        """Whether only words that look like the typed ones were found."""
        return bool(self.tiers[2] | self.tiers[3])


class Index:
    """The published exercises; every mask is over `cards`, in their order."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self.cards = tuple(sorted(cards, key=lambda card: (card.level, fold(card.name), card.slug)))
        self.every = (1 << len(self.cards)) - 1
        self._by_slug = {card.slug: card for card in self.cards}
        self._numbers = {card.pk: number for number, card in enumerate(self.cards)}
        self._words = _Words(self.cards)
        self.phases = _options((phase.value for phase in Phase), self._masks(lambda card: (card.phase.value,)))
        self.positions = _options((slug for slug, _ in POSITIONS), self._masks(lambda card: (card.position,)))
        self.equipment = _options((NOTHING_NEEDED,), self._masks(_equipment_of))
        self.muscles = self._masks(lambda card: card.muscles)
        self.primary = self._masks(lambda card: card.primary_for)
        self.secondary = self._masks(lambda card: card.secondary_for)
        classes = _masks_by(self.cards, lambda card: (card.signature,))
        self.classes = [(self.cards[next(bits(mask))].slug, mask) for mask in classes.values()]
        self._facets: Mapping[str, Mapping[str, int]] = {
            "phase": self.phases,
            "position": self.positions,
            "equipment": self.equipment,
            "muscle": self.muscles,
        }

    def __contains__(self, slug: str) -> bool:
        return slug in self._by_slug

    def card(self, slug: str) -> Card:
        """Return a published exercise; raises KeyError when there is none."""
        return self._by_slug[slug]

    def mask_of(self, pks: Iterable[int]) -> int:
        """Return the exercises of these primary keys; those that aren't published are left out."""
        return _mask([self._numbers[pk] for pk in pks if pk in self._numbers], len(self.cards))

    def cards_of(self, mask: int, limit: int | None = None) -> list[Card]:
        """Return the exercises of a mask by level and name, the first `limit` of them."""
        return [self.cards[number] for number in islice(bits(mask), limit)]

    def matches(self, query: Query) -> Matches:
        """Return what fits the text and every filter; an option that doesn't exist finds nothing."""
        tiers = self._words.tiers(query.text)
        text = reduce(or_, tiers)
        asked = {facet: getattr(query, facet) for facet in self._facets}
        left = {
            facet: masks.get(asked[facet], 0) if asked[facet] else self.every for facet, masks in self._facets.items()
        }
        mask = reduce(and_, left.values(), text)
        return Matches(
            mask,
            (tiers[0] & mask, tiers[1] & mask, tiers[2] & mask, tiers[3] & mask),
            {facet: self._counts(facet, text, left) for facet in self._facets},
        )

    def _counts(self, facet: str, text: int, left: Mapping[str, int]) -> dict[str, int]:
        base = reduce(and_, (mask for other, mask in left.items() if other != facet), text)
        return {option: (base & mask).bit_count() for option, mask in self._facets[facet].items()}

    def ranked(
        self,
        mask: int,
        tiers: Iterable[int],
        *,
        driver: str,
        used: Mapping[int, int],
        liked: Collection[int],
        limit: int,
    ) -> list[Card]:
        """Return the first `limit` exercises of a mask, the most fitting first; what is in no tier comes last.

        By tier, then how they suit the driver (a slug, “” for none), how often the clinic used them, whether they
        are liked, phase, level and name. `used` and `liked` go by primary key.
        """
        favoured = self.mask_of(pk for pk, times in used.items() if times > 0) | self.mask_of(liked)

        def place(number: int) -> tuple[int, bool, int, int]:
            card = self.cards[number]
            return -used.get(card.pk, 0), card.pk not in liked, card.phase.rank, number

        def in_order() -> Iterator[int]:
            for group in self._groups(mask, tiers, driver):
                yield from sorted(bits(group & favoured), key=place)
                for phase in self.phases.values():
                    yield from bits(group & ~favoured & phase)

        return [self.cards[number] for number in islice(in_order(), limit)]

    def _groups(self, mask: int, tiers: Iterable[int], driver: str) -> Iterator[int]:
        """Yield a mask in parts, the best tier and the best fit for the driver first."""
        fits = (self.primary.get(driver, 0), self.secondary.get(driver, 0), self.every)
        for tier in (*tiers, self.every):
            here = mask & tier
            mask ^= here
            for fit in fits:
                yield here & fit
                here &= ~fit

    def _masks(self, options: Callable[[Card], Iterable[str]]) -> dict[str, int]:
        found = _masks_by(self.cards, options)
        return {option: found[option] for option in sorted(found)}


class _Words:
    """Which exercises each word finds, in their names and anywhere."""

    def __init__(self, cards: Collection[Card]) -> None:
        everywhere = _masks_by(cards, lambda card: {*card.words, *card.names})
        in_names = _masks_by(cards, lambda card: card.names)
        self._every = (1 << len(cards)) - 1
        self._words = sorted(everywhere)
        self._masks = [(in_names.get(word, 0), everywhere[word]) for word in self._words]
        # All words in one text, which is searched in one go, and where each begins in it.
        self._text = "".join(f"\n{word}" for word in self._words)
        self._starts = list(accumulate((len(word) + 1 for word in self._words), initial=0))

    def tiers(self, text: str) -> tuple[int, int, int, int]:
        """Return the exercises that hold every word, in the tiers of `Matches`; without a word it is all of them."""
        in_names = somewhere = self._every
        mistyped = False
        for word in words_of(text.replace("\0", "")[:LONGEST_TEXT]):
            found = self._holding(word)
            if not found:
                found, mistyped = self._resembling(word), True
            in_names &= reduce(or_, (self._masks[number][0] for number in found), 0)
            somewhere &= reduce(or_, (self._masks[number][1] for number in found), 0)
        best, rest = in_names, somewhere & ~in_names
        return (0, 0, best, rest) if mistyped else (best, rest, 0, 0)

    def _holding(self, word: str) -> Collection[int]:
        """Return the words that begin with this one, or hold it when it has three letters or more."""
        if len(word) < SHORTEST_INSIDE:
            return range(bisect_left(self._words, word), bisect_right(self._words, word, key=lambda w: w[: len(word)]))
        found, at = [], self._text.find(word)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            found.append(number)
            at = self._text.find(word, self._starts[number + 1])
        return found

    def _resembling(self, word: str) -> set[int]:
        """Return what would be found had the nearest words been typed, whole or as far as this one goes."""
        forgiven = _forgiven(word)
        if not forgiven:
            return set()
        heads = {other[: len(word)] for other in self._words}
        near = [
            (distance, meant)
            for choices in (self._words, list(heads))
            for meant, distance, _ in process.extract(
                word, choices, scorer=OSA.distance, score_cutoff=forgiven, limit=None
            )
        ]
        nearest = min(near, default=(0, ""))[0]
        meant = {meant for distance, meant in near if distance == nearest}
        return {number for other in meant for number in self._holding(other)}


def _forgiven(word: str) -> int:
    """Return how many letters may be wrong, missing, too many or swapped with the next."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2


def bits(mask: int) -> Iterator[int]:
    """Yield the numbers in a mask, from the lowest."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _equipment_of(card: Card) -> Iterable[str]:
    return frozenset().union(*card.equipment) if card.equipment else (NOTHING_NEEDED,)


def _options(known: Iterable[str], masks: Mapping[str, int]) -> dict[str, int]:
    """Return masks with the known options first, in their order, also those that find nothing."""
    return {**dict.fromkeys(known, 0), **masks}


def _masks_by(cards: Collection[Card], options: Callable[[Card], Iterable[K]]) -> dict[K, int]:
    """Return by option the mask of the cards that have it, in the order of the cards that have them first."""
    found: dict[K, list[int]] = {}
    for number, card in enumerate(cards):
        for option in options(card):
            found.setdefault(option, []).append(number)
    return {option: _mask(numbers, len(cards)) for option, numbers in found.items()}


def _mask(numbers: Iterable[int], size: int) -> int:
    """Return the mask of these numbers below `size`; setting bits in an int would copy it for each."""
    octets = bytearray(size // 8 + 1)
    for number in numbers:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")
