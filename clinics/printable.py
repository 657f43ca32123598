"""Text that the shipped fonts can draw: what they lack is replaced, so that no document shows an empty box."""

import html as html_entities
import re
import unicodedata

ASSET_SCHEME = "asset:"

# Signs that people type and the font has no glyph for: drawn, with a word for screen readers.
# Each is (word, path in a 10 × 10 box, stroked).
SYMBOLS = {
    "✓": ("tick", "M1.5 5.5 4 8 8.5 2"),
    "✗": ("cross", "M2 2 8 8M8 2 2 8"),
    "☐": ("box", "M1.5 1.5H8.5V8.5H1.5Z"),
    "→": ("arrow right", "M1 5H9M6 2 9 5 6 8"),
    "←": ("arrow left", "M9 5H1M4 2 1 5 4 8"),
    "↑": ("arrow up", "M5 9V1M2 4 5 1 8 4"),
    "↓": ("arrow down", "M5 1V9M2 6 5 9 8 6"),
}
# Characters that look the same, or nearly, as one that the font has.
LOOKALIKES = str.maketrans(
    {
        "✔": "✓",
        "☑": "✓",
        "✘": "✗",
        "✕": "✗",
        "☒": "✗",
        "□": "☐",
        "➔": "→",
        "⇒": "→",
        "●": "•",
        "▪": "•",
        "■": "•",
        "′": "'",
        "″": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2009": " ",
        "\u202f": "\xa0",
    }
)
# Joiners and marks without ink, which a layout engine handles itself.
INKLESS = frozenset("\n\r\t\xad\u200b\u200c\u200d")
# What no file can hold: control characters, halves of characters, and numbers that aren't characters.
UNPRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# A word longer than any; the engine's time grows with the square of its length, so it's given places to break.
ENDLESS = re.compile("[^ \t\n\r\xad\u200b<>]{100}")
PIECE = re.compile("(?:&[#\\w]+;|[^ \t\n\r\xad\u200b<>&]){100}")


def text(html: str, known: frozenset[str]) -> str:
    """Return HTML whose drawn text has only these characters, those that the fonts have.

    A PDF with an unknown glyph shows a box and isn't accessible. Known signs become small drawings, a letter
    with an unknown accent loses the accent, any other letter becomes "?", and emoji go. Tags stay untouched,
    so attributes must not be drawn. The head stays, too: a title is read, not drawn. Endless words may break.
    """
    html = UNPRINTABLE.sub("", html).translate(LOOKALIKES)
    if known.issuperset(html) and not ENDLESS.search(html):
        return html
    head, body_tag, body = html.rpartition("<body")
    pieces = re.split(r"(<[^>]*>)", body_tag + body)
    pieces[::2] = [_drawable(piece, known) for piece in pieces[::2]]
    return head + "".join(pieces)


def _drawable(piece: str, known: frozenset[str]) -> str:
    drawable = "".join(sign if sign in known else _stand_in(sign, known) for sign in piece)
    return PIECE.sub("\\g<0>\u200b", drawable) if ENDLESS.search(drawable) else drawable


def _stand_in(sign: str, known: frozenset[str]) -> str:
    if sign in SYMBOLS:
        word, _ = SYMBOLS[sign]
        return f'<img class="sign" src="{ASSET_SCHEME}{_symbol_key(sign)}" alt="{html_entities.escape(word)}">'
    letter, *marks = list(unicodedata.normalize("NFKD", sign))
    if letter in known:
        return html_entities.escape(letter + "".join(mark for mark in marks if mark in known))
    return "?" if unicodedata.category(sign)[0] in "LN" else ""


def _symbol_key(sign: str) -> str:
    return f"sign-{ord(sign):x}"


DRAWINGS = {
    _symbol_key(sign): (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10">'
        f'<path d="{path}" fill="none" stroke="#16202b" stroke-width="1.3"/></svg>'
    ).encode()
    for sign, (_, path) in SYMBOLS.items()
}
