"""Texts that a spreadsheet would take for formulas: marked on the way out, the mark taken off on the way in.

No Django in here. A text that itself begins with the mark is marked once more, so that it comes back as it was.
"""

import re

MARK = "'"
_FORMULA = re.compile(r"'*[\s\0]*[=+\-@\t\r\n\0＝＋－＠]")


def marked(text: str) -> str:
    """Return the text with a mark before it if a spreadsheet might reckon with it."""
    return f"{MARK}{text}" if _FORMULA.match(text) else text


def unmarked(text: str) -> str:
    """Return the text that was marked."""
    return text[1:] if text.startswith(MARK) and _FORMULA.match(text) else text
