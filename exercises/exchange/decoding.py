"""The text of a file's bytes, every letter as it was meant, or the line in which that can't be said.

No Django in here. UTF-8 and UTF-16 are told apart from all else and from one another. What older programs write
(Windows-1252, ISO 8859-2, Shift-JIS) can't be: the same bytes are letters in each, so somebody has to say which.
"""

import codecs
import re

from exercises.exchange.mistakes import BadFile

ENCODINGS = [
    ("", "Found out by itself (UTF-8 or UTF-16)"),
    ("cp1252", "Western European (Windows-1252)"),
    ("iso8859_2", "Central European (ISO 8859-2)"),
    ("cp1250", "Central European (Windows-1250)"),
    ("cp932", "Japanese (Shift-JIS)"),
]
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# Tab and line breaks are all the control characters that a text has; U+FFFD stands where a letter was lost.
STRAY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]")
ADVICE = "Save it as “CSV UTF-8”, or say below which encoding it has."


def text_of(content: bytes, encoding: str = "") -> str:
    """Return the text, without its byte order mark; raise BadFile with the line of what isn't a letter.

    `encoding` is one of ENCODINGS; empty, only UTF-8 and UTF-16 are read.
    """
    for mark, name in MARKS.items():
        if content.startswith(mark):
            return _checked(_decoded(content[len(mark) :], name))
    wide = _wide(content)
    if encoding and not wide and not content.isascii() and _is_utf8(content):
        raise BadFile("The file is UTF-8: choose “Found out by itself”, or its letters would come out wrong.")
    return _checked(_decoded(content, wide or encoding or "utf-8"))


def line_at(text: str, place: int) -> int:
    """Return the number of the line that a place in a text is in; CR, LF and CR LF end a line."""
    before = text[:place]
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as trouble:
        before = content[: trouble.start].decode(encoding, errors="ignore")
        advice = f" {ADVICE}" if encoding == "utf-8" else ""
        bad = content[trouble.start : trouble.start + 1].hex().upper()
        reason = f"Byte {bad} is no letter in {NAMES.get(encoding, encoding.upper())}.{advice}"
        raise BadFile(reason, line=line_at(before, len(before))) from trouble


def _checked(text: str) -> str:
    stray = STRAY.search(text)
    if stray:
        said = "A letter was lost here before" if stray[0] == "\ufffd" else "A control character stands here"
        reason = f"{said} (U+{ord(stray[0]):04X}). Is it another encoding?"
        raise BadFile(reason, line=line_at(text, stray.start()))
    return text


def _wide(content: bytes) -> str:
    """Name the UTF-16 that a file without a mark is in: every second byte of its first letters is zero."""
    start = content[:64]
    even, odd = start[0::2], start[1::2]
    if len(start) >= 8 and len(content) % 2 == 0:
        if not any(odd) and all(even):
            return "utf-16-le"
        if not any(even) and all(odd):
            return "utf-16-be"
    return ""


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


NAMES = {code: label for code, label in ENCODINGS if code} | {"utf-8": "UTF-8"}
