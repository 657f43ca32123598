"""How hard an English text is to read, as a United States school grade.

The measure is Flesch–Kincaid (Kincaid 1975):
0.39 × words per sentence + 11.8 × syllables per word − 15.59.
Syllables are counted as groups of vowels, without a dictionary.
"""

import re
from collections.abc import Iterable

SENTENCE_END = re.compile(r"[.!?:;]+(?=\s|$)")
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d+")
VOWELS = re.compile(r"[aeiouy]+")


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


def grade(sentences: Iterable[str]) -> float:
    """Return the Flesch–Kincaid grade of some sentences; 0.0 when there are no words."""
    text = " ".join(part if part.rstrip().endswith((".", "!", "?")) else f"{part}." for part in sentences if part)
    words = WORD.findall(text)
    if not words:
        return 0.0
    count = max(len(SENTENCE_END.findall(text)), 1)
    total = sum(syllables(word) for word in words)
    return round(0.39 * len(words) / count + 11.8 * total / len(words) - 15.59, 1)
