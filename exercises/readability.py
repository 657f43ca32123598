"""How hard a text is to read: English as a United States school grade, Spanish as ease from 0 to 100.

English by Flesch–Kincaid (Kincaid 1975): 0.39 × words per sentence + 11.8 × syllables per word − 15.59.
Spanish by Fernández-Huerta (1959): 206.84 − 60 × syllables per word − 1.02 × words per sentence; 70 and more
is “fairly easy”. Syllables are counted by vowels, without a dictionary.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

HARDEST_GRADE = 6.0
EASIEST_SPANISH = 70.0
MEASURED = ("en", "es")

SENTENCE_END = re.compile(r"[.!?:;]+(?=\s|$)")
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d+")
VOWELS = re.compile(r"[aeiouy]+")
SPANISH_WORD = re.compile(r"[a-záéíóúüñ]+|\d+", re.IGNORECASE)
# A strong vowel with the weak ones that lean on it, a weak one with an accent, or weak ones alone; a “u” that is
# silent after “q” or “g” makes no difference, as it leans on the vowel that follows.
SPANISH_SYLLABLE = re.compile(r"[iuüy]*[aeoáéó](?:[iuü](?![aeoáéóíú])|y(?![aeiouáéíóúü]))?|[íú]|[iuüy]+(?![aeoáéóíú])")

# Texts are long, their vocabulary is not: so many words are counted once, which halves the time of a large import.
WORDS_KEPT = 16_384


@lru_cache(maxsize=WORDS_KEPT)
def syllables(word: str) -> int:
    """Return how many syllables an English word or a number has, at least one."""
    lower = word.lower()
    if lower.isdigit():
        return 1
    count = len(VOWELS.findall(lower))
    silent_e = lower.endswith("e") and not lower.endswith(("le", "ee", "ye"))
    silent_ed = lower.endswith("ed") and not lower.endswith(("ted", "ded", "eed"))
    silent_es = lower.endswith("es") and not lower.endswith(("ses", "zes", "xes", "ches", "shes", "ges", "ces", "les"))
    if silent_e or silent_ed or silent_es:
        count -= 1
    return max(count, 1)


@lru_cache(maxsize=WORDS_KEPT)
def spanish_syllables(word: str) -> int:
    """Return how many syllables a Spanish word or a number has, at least one."""
    return max(len(SPANISH_SYLLABLE.findall(_consonant_y(word.lower()))), 1)


def _consonant_y(word: str) -> str:
    return re.sub(r"y(?=[aeiouáéíóúü])", "ll", word)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a grade is worked out from."""

    sentences: int
    words: int
    syllables: int


def counts(sentences: Iterable[str]) -> Counts:
    """Return how many sentences, words and syllables an English text has."""
    text = _joined(sentences)
    words = WORD.findall(text)
    return Counts(max(len(SENTENCE_END.findall(text)), 1), len(words), sum(syllables(word) for word in words))


def grade_of(*texts: Counts) -> float:
    """Return the Flesch–Kincaid grade of some texts read as one; 0.0 when there are no words."""
    sentences, words, found = (
        sum(getattr(text, name) for text in texts) for name in ("sentences", "words", "syllables")
    )
    return round(0.39 * words / sentences + 11.8 * found / words - 15.59, 1) if words else 0.0


def grade(sentences: Iterable[str]) -> float:
    """Return the Flesch–Kincaid grade of some sentences; 0.0 when there are no words."""
    return grade_of(counts(sentences))


def spanish_ease(sentences: Iterable[str]) -> float:
    """Return the Fernández-Huerta ease of some Spanish sentences, higher is easier; 100.0 when there are no words."""
    text = _joined(sentences)
    words = SPANISH_WORD.findall(text)
    if not words:
        return 100.0
    count = max(len(SENTENCE_END.findall(text)), 1)
    total = sum(spanish_syllables(word) for word in words)
    return round(206.84 - 60 * total / len(words) - 1.02 * len(words) / count, 1)


@dataclass(frozen=True, slots=True)
class Level:
    """How sentences read: “grade 7.2”, the limit “6 is the most”, and how far beyond it they are, 0 or less if not."""

    words: str
    limit: str
    beyond: float

    def __str__(self) -> str:
        return f"{self.words}, {self.limit}"

    @property
    def hard(self) -> bool:
        return self.beyond > 0

    @property
    def verdict(self) -> str:
        """A sentence that says whether it is too hard."""
        return f"Too hard: {self}." if self.hard else f"Easy to read: {self.words}."


def level(language: str, sentences: Iterable[str]) -> Level:
    """Return how sentences read in one of the languages that are MEASURED.

    An ease is rounded down to a whole one, so that what is too hard is never said to have reached the limit.
    """
    if language == "en":
        found = grade(sentences)
        return Level(f"grade {max(0.0, found):.1f}", f"{HARDEST_GRADE:g} is the most", found - HARDEST_GRADE)
    ease = spanish_ease(sentences)
    words = f"ease {math.floor(min(max(ease, 0.0), 100.0))}"
    return Level(words, f"{EASIEST_SPANISH:g} is the least", EASIEST_SPANISH - ease)


def hardest(language: str, sentences: Iterable[str]) -> str:
    """Return the sentence that reads hardest of at least one."""
    return max(sentences, key=lambda line: level(language, [line]).beyond)


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(part if part.rstrip().endswith((".", "!", "?")) else f"{part}." for part in sentences if part)
